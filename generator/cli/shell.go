package cli

import "strings"

// shellQuote writes one word so that a POSIX shell reads it back unchanged.
func shellQuote(word string) string {
	if word != "" && word[0] != '=' && strings.Trim(word, shellSafe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

const shellSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"

// shellCommand joins words to a command. One that would be wider than width
// columns is continued over several lines, one flag a line.
func shellCommand(words []string, width int) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = shellQuote(w)
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
