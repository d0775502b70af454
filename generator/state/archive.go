package state

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/tools/txtar"
)

// An archive of the state is a txtar: a part a file, sorted by path. A part
// without a line is that of a file which is not there; its name keeps the place.
// The last part says that nothing is cut off.
const (
	endOfArchive   = "(end)"
	archiveComment = "What sessionseed generated last, to recognize your edits. Do not edit; commit it.\n"
)

// quoteText is a file as a part of an archive holds it: as it is, or each line as a
// Go string where txtar or a merge could not give it back. Those are texts without
// a newline at their end, with carriage returns, which a checkout may change, that
// are not UTF-8, and with lines that look like a part or like the mark of a conflict.
func quoteText(text []byte) (part []byte, quoted bool) {
	plain := len(text) > 0 && text[len(text)-1] == '\n' && utf8.Valid(text) && !bytes.ContainsAny(text, "\r\x00")
	for line := range bytes.Lines(text) {
		plain = plain && !bytes.HasPrefix(line, []byte("-- ")) && conflictMark(line) == 0
	}
	if plain {
		return text, false
	}
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		b.WriteString(strconv.Quote(string(line)) + "\n")
	}
	if len(text) == 0 {
		b.WriteString(`""` + "\n")
	}
	return b.Bytes(), true
}

// unquoteText is what quoteText was given.
func unquoteText(part []byte) ([]byte, error) {
	var b bytes.Buffer
	for line := range bytes.Lines(part) {
		text, err := strconv.Unquote(string(bytes.TrimSuffix(line, []byte("\n"))))
		if err != nil {
			return nil, fmt.Errorf("the line %.40q is not a quoted one", line)
		}
		b.WriteString(text)
	}
	return b.Bytes(), nil
}

// formatArchive makes an archive of parts by path.
func formatArchive(parts map[string][]byte) []byte {
	a := &txtar.Archive{Comment: []byte(archiveComment)}
	for _, name := range slices.Sorted(maps.Keys(parts)) {
		a.Files = append(a.Files, txtar.File{Name: name, Data: parts[name]})
	}
	a.Files = append(a.Files, txtar.File{Name: endOfArchive})
	return txtar.Format(a)
}

// parseArchive is the inverse of formatArchive.
func parseArchive(data []byte) (map[string][]byte, error) {
	a := txtar.Parse(data)
	if n := len(a.Files); n == 0 || a.Files[n-1].Name != endOfArchive || len(a.Files[n-1].Data) > 0 {
		return nil, errors.New("its end is missing")
	}
	parts := map[string][]byte{}
	for _, f := range a.Files[:len(a.Files)-1] {
		if before, twice := parts[f.Name]; twice && !bytes.Equal(before, f.Data) {
			return nil, fmt.Errorf("it has two parts %q", f.Name)
		}
		parts[f.Name] = f.Data
	}
	return parts, nil
}

// conflictMark is the character of a line that git marks a conflict with, and 0 for
// other lines.
func conflictMark(line []byte) byte {
	if len(line) < 7 || line[0] != '<' && line[0] != '|' && line[0] != '=' && line[0] != '>' {
		return 0
	}
	c := line[0]
	text := bytes.TrimRight(line, "\r\n")
	rest := bytes.TrimLeft(text, string(c))
	if n := len(text) - len(rest); n < 7 || n == 7 && len(rest) > 0 && rest[0] != ' ' {
		return 0
	}
	return c
}

// sides are the two texts of a file that version control left with conflicts, ours
// first, or the one text of a file without. A file of the state has no line of its
// own that looks like a mark.
func sides(data []byte) ([][]byte, error) {
	marked := false
	for line := range bytes.Lines(data) {
		marked = marked || conflictMark(line) != 0
	}
	if !marked {
		return [][]byte{data}, nil
	}
	var ours, theirs bytes.Buffer
	at := byte(0)
	for line := range bytes.Lines(data) {
		mark := conflictMark(line)
		switch {
		case mark == 0 && at != '=' && at != '|':
			ours.Write(line)
			if at == 0 {
				theirs.Write(line)
			}
		case mark == 0 && at == '=':
			theirs.Write(line)
		case mark == 0: // what both began with
		case mark == '<' && at == 0:
			at = '<'
		case mark == '|' && at == '<', mark == '=' && (at == '<' || at == '|'):
			at = mark
		case at == '|' && len(bytes.TrimRight(line, "\r\n")) > 7: // a conflict inside of what both began with
		case mark == '>' && at == '=':
			at = 0
		default:
			return nil, errors.New("it holds marks of a conflict that do not fit together")
		}
	}
	if at != 0 {
		return nil, errors.New("it ends inside of a conflict")
	}
	return [][]byte{ours.Bytes(), theirs.Bytes()}, nil
}

func withoutCR(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }
