package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/sessionseed/sessionseed/generator"
)

// problem is one reason why a command refused, in --json.
type problem struct {
	Option string `json:"option,omitempty"`
	Fact   string `json:"fact"`
	Hint   string `json:"hint,omitempty"`
}

// failure is what --json prints when a command refuses.
type failure struct {
	Command  string    `json:"command"`
	Exit     int       `json:"exit"`
	Problems []problem `json:"problems"`
}

// problems takes an error apart into facts and remedies.
func problems(err error) []problem {
	var coded *codedError
	if errors.As(err, &coded) && coded.hint != "" {
		return []problem{{Fact: coded.Error(), Hint: coded.hint}}
	}
	if coded != nil && coded.err != nil {
		err = coded.err
	}
	var list []problem
	for _, p := range generator.Problems(err) {
		list = append(list, problem{p.Option, p.Fact, p.Hint})
	}
	return list
}

// printProblems writes each problem with its remedy on a line of its own.
func printProblems(w io.Writer, color style, list []problem) {
	for _, p := range list {
		fmt.Fprintf(w, "%s %s\n", color.red("sessionseed:"), oneLine(p.Fact))
		if p.Hint != "" {
			fmt.Fprintf(w, "  %s %s\n", color.cyan("hint:"), oneLine(p.Hint))
		}
	}
}

// oneLine keeps what a stranger's text could do to a terminal out of it.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case r < 0x20, r >= 0x7f && r < 0xa0, r == utf8.RuneError:
			return '?'
		}
		return r
	}, text)
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// printJSON writes one document, indented, with a line end.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// wrap breaks a text into lines of at most width columns; the first line
// starts with first, the others with as many blanks.
func wrap(first, text string, width int) string {
	indent := strings.Repeat(" ", utf8.RuneCountInString(first))
	var b strings.Builder
	line, words := first, 0
	for w := range strings.FieldsSeq(text) {
		if words > 0 && utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) > width {
			b.WriteString(line + "\n")
			line, words = indent, 0
		}
		if words > 0 {
			line += " "
		}
		line += w
		words++
	}
	return b.String() + line
}
