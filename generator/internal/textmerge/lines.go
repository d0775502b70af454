// Package textmerge compares and merges texts by lines, as git does, against which
// the tests of package merge hold it. Line endings and a missing final newline are
// the owner's.
package textmerge

import (
	"bytes"
	"strings"
)

// Line is one line of text, with its ending apart so that endings can follow
// the owner's habit while the text is merged.
type Line struct {
	Text string
	Eol  string // "\n", "\r\n", or "" for a last line without newline
}

const (
	Lf   = "\n"
	Crlf = "\r\n"
)

// Split cuts text into lines. Joining them again gives the same bytes.
func Split(text []byte) []Line {
	var lines []Line
	for l := range strings.Lines(string(text)) {
		switch {
		case strings.HasSuffix(l, Crlf):
			lines = append(lines, Line{l[:len(l)-2], Crlf})
		case strings.HasSuffix(l, Lf):
			lines = append(lines, Line{l[:len(l)-1], Lf})
		default:
			lines = append(lines, Line{l, ""})
		}
	}
	return lines
}

// Join is the inverse of [Split].
func Join(lines []Line) []byte {
	var b []byte
	for _, l := range lines {
		b = append(b, l.Text...)
		b = append(b, l.Eol...)
	}
	return b
}

// Ending returns the line ending that most lines have, "\n" if none has one.
func Ending(lines []Line) string {
	n := 0
	for _, l := range lines {
		switch l.Eol {
		case Crlf:
			n++
		case Lf:
			n--
		}
	}
	if n > 0 {
		return Crlf
	}
	return Lf
}

// terminated reports whether the last line ends in a newline. Empty text counts
// as terminated, so that a line added to it is a whole one.
func terminated(lines []Line) bool {
	return len(lines) == 0 || lines[len(lines)-1].Eol != ""
}

// terminate gives every line but the last an ending, and the last one an ending
// or none.
func terminate(lines []Line, eol string, final bool) {
	for i := range lines {
		last := i == len(lines)-1
		switch {
		case last && !final:
			lines[i].Eol = ""
		case lines[i].Eol == "":
			lines[i].Eol = eol
		}
	}
}

// ToLF returns text with every CRLF turned into LF. It may be text itself.
func ToLF(text []byte) []byte {
	if !bytes.Contains(text, []byte(Crlf)) {
		return text
	}
	return bytes.ReplaceAll(text, []byte(Crlf), []byte(Lf))
}

// WithEnding returns text with every line ending turned into eol.
func WithEnding(text []byte, eol string) []byte {
	lines := Split(text)
	for i := range lines {
		if lines[i].Eol != "" {
			lines[i].Eol = eol
		}
	}
	return Join(lines)
}

// Intern numbers the keys of the sides, equal keys getting equal numbers.
func Intern(sides ...[]string) [][]int {
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

// WithEndingsOf returns text, whose lines end in LF, with the line ending that most
// lines of model have.
func WithEndingsOf(model, text []byte) []byte {
	if 2*bytes.Count(model, []byte(Crlf)) <= bytes.Count(model, []byte(Lf)) {
		return text
	}
	return WithEnding(text, Crlf)
}
