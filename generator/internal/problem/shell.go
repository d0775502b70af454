package problem

import "strings"

// ShellQuote writes one word of a command so that a POSIX shell reads it back
// unchanged.
func ShellQuote(word string) string {
	if word != "" && word[0] != '=' && strings.Trim(word, shellSafe) == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

const shellSafe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-"
