package merge

import (
	"bytes"
	"strings"
)

// line is one line of text, with its ending apart so that endings can follow
// the owner's habit while the text is merged.
type line struct {
	text string
	eol  string // "\n", "\r\n", or "" for a last line without newline
}

const (
	lf   = "\n"
	crlf = "\r\n"
)

// split cuts text into lines. Joining them again gives the same bytes.
func split(text []byte) []line {
	var lines []line
	for l := range strings.Lines(string(text)) {
		switch {
		case strings.HasSuffix(l, crlf):
			lines = append(lines, line{l[:len(l)-2], crlf})
		case strings.HasSuffix(l, lf):
			lines = append(lines, line{l[:len(l)-1], lf})
		default:
			lines = append(lines, line{l, ""})
		}
	}
	return lines
}

// join is the inverse of split.
func join(lines []line) []byte {
	var b []byte
	for _, l := range lines {
		b = append(b, l.text...)
		b = append(b, l.eol...)
	}
	return b
}

// ending returns the line ending that most lines have, "\n" if none has one.
func ending(lines []line) string {
	n := 0
	for _, l := range lines {
		switch l.eol {
		case crlf:
			n++
		case lf:
			n--
		}
	}
	if n > 0 {
		return crlf
	}
	return lf
}

// terminated reports whether the last line ends in a newline. Empty text counts
// as terminated, so that a line added to it is a whole one.
func terminated(lines []line) bool {
	return len(lines) == 0 || lines[len(lines)-1].eol != ""
}

// terminate gives every line but the last an ending, and the last one an ending
// or none.
func terminate(lines []line, eol string, final bool) {
	for i := range lines {
		last := i == len(lines)-1
		switch {
		case last && !final:
			lines[i].eol = ""
		case lines[i].eol == "":
			lines[i].eol = eol
		}
	}
}

// ToLF returns text with every CRLF turned into LF. It may be text itself.
func ToLF(text []byte) []byte {
	if !bytes.Contains(text, []byte(crlf)) {
		return text
	}
	return bytes.ReplaceAll(text, []byte(crlf), []byte(lf))
}

// withEnding returns text with every line ending turned into eol.
func withEnding(text []byte, eol string) []byte {
	lines := split(text)
	for i := range lines {
		if lines[i].eol != "" {
			lines[i].eol = eol
		}
	}
	return join(lines)
}

// intern numbers the keys of the sides, equal keys getting equal numbers.
func intern(sides ...[]string) [][]int {
	numbers := map[string]int{}
	out := make([][]int, len(sides))
	for i, keys := range sides {
		out[i] = make([]int, len(keys))
		for j, k := range keys {
			n, ok := numbers[k]
			if !ok {
				n = len(numbers)
				numbers[k] = n
			}
			out[i][j] = n
		}
	}
	return out
}

// SameText reports whether a and b are equal but for their line endings, which
// git and editors change on their own.
func SameText(a, b []byte) bool {
	return bytes.Equal(a, b) || bytes.Equal(ToLF(a), ToLF(b))
}

// WithEndingsOf returns text with the line ending that most lines of model have.
func WithEndingsOf(model, text []byte) []byte {
	if 2*bytes.Count(model, []byte(crlf)) <= bytes.Count(model, []byte(lf)) {
		return text
	}
	return withEnding(text, crlf)
}
