package cli

import "testing"

// Letters of any script stay; what could lead a terminal or a reader astray is escaped.
func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"пример.рф 会话 مرحبا é": "пример.рф 会话 مرحبا é",
		"zero\u200djoiner":     "zero\u200djoiner", // scripts of India need it
		"two\nlines":           "two lines",
		"\x1b[31mred\x07":      `\x1b[31mred\a`,
		"\u009b2J \u202eevil":  `\u009b2J \u202eevil`,
		"it's":                 "it's",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", text, got, want)
		}
	}
}
