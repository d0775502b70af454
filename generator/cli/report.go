package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// failure is what --json prints when a command refuses.
type failure struct {
	Command  string             `json:"command"`
	Exit     int                `json:"exit"`
	Problems []*problem.Problem `json:"problems"`
}

// problems takes an error apart into facts and remedies.
func problems(err error) []*problem.Problem {
	var coded *codedError
	if errors.As(err, &coded) && coded.hint != "" {
		return []*problem.Problem{problem.New(coded.Error(), coded.hint)}
	}
	if coded != nil && coded.err != nil {
		err = coded.err
	}
	return problem.List(err)
}

// printProblems writes each problem with its remedy on a line of its own.
func printProblems(w io.Writer, color style, list []*problem.Problem) {
	for _, p := range list {
		fmt.Fprintf(w, "%s %s\n", color.red("sessionseed:"), oneLine(p.Fact))
		if p.Hint != "" {
			fmt.Fprintf(w, "  %s %s\n", color.cyan("hint:"), oneLine(p.Hint))
		}
	}
}

// oneLine keeps out of a text what it could do to a terminal: control characters
// and those that turn the writing direction are escaped as in a Go string. Letters
// of any script stay.
func oneLine(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n', r == '\t':
			b.WriteByte(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
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

// safeLines keeps line ends and tabs of a text and no other control character.
func safeLines(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		parts := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		for j := range parts {
			parts[j] = oneLine(parts[j])
		}
		lines[i] = strings.Join(parts, "\t")
	}
	return strings.Join(lines, "\n")
}

// textWidth is the width of prose in results, in columns.
const textWidth = 78

// wrap breaks a text at its blanks; see [ask.Wrap].
func wrap(first, text string, width int) string { return ask.Wrap(first, text, width) }

// orEmpty makes an empty value visible.
func orEmpty(value string) string {
	if value == "" {
		return `""`
	}
	return value
}
