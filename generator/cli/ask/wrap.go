package ask

import (
	"strings"

	surveyterm "github.com/AlecAivazis/survey/v2/terminal"
)

// Wrap breaks a text at its blanks into lines of at most width columns, which letters
// of East Asia take two of. The first line starts with first, the others with as many
// blanks. A word that is wider than a line stays whole.
func Wrap(first, text string, width int) string {
	return fold(first, strings.Repeat(" ", surveyterm.StringWidth(first)), text, width)
}

func fold(first, indent, text string, width int) string {
	var b strings.Builder
	line, words := first, 0
	for w := range strings.FieldsSeq(text) {
		if words > 0 && surveyterm.StringWidth(line)+1+surveyterm.StringWidth(w) > width {
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

// wrapLines wraps each line of a text that does not fit and leaves the others alone.
// What is broken goes on where it began, but two columns from the left at least.
func wrapLines(text string, width int) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if surveyterm.StringWidth(line) > width {
			indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
			lines[i] = fold(indent, indent+"  "[min(2, len(indent)):], line, width)
		}
	}
	return strings.Join(lines, "\n")
}
