package cli

import (
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// shellCommand joins words to a command. One that would be wider than width
// columns is continued over several lines, one flag a line.
func shellCommand(words []string, width int) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = problem.ShellQuote(w)
	}
	line := strings.Join(quoted, " ")
	if len(line) <= width {
		return line
	}
	var b strings.Builder
	for i, q := range quoted {
		switch {
		case i == 0:
		case strings.HasPrefix(words[i], "--"):
			b.WriteString(" \\\n  ")
		default:
			b.WriteByte(' ')
		}
		b.WriteString(q)
	}
	return b.String()
}

// joinWords lists words in a sentence: "a, b, c".
func joinWords(words []string) string { return strings.Join(words, ", ") }
