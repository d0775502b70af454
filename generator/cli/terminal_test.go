package cli

import (
	"os"
	"strings"
	"testing"

	"github.com/creack/pty"
)

func TestCanPrompt(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	tests := []struct {
		name    string
		in, out *os.File
		env     string
		flags   askOptions
		why     string // empty: may ask
	}{
		{"terminal", tty, tty, "", askOptions{}, ""},
		{"standard input is not a terminal", null, tty, "", askOptions{}, "standard input is not a terminal"},
		{"standard output is not a terminal", tty, null, "", askOptions{}, "standard output is not a terminal"},
		{"closed", nil, nil, "", askOptions{}, "standard input is not a terminal"},
		{"yes", tty, tty, "", askOptions{yes: true}, "--yes"},
		{"no input", tty, tty, "", askOptions{noInput: true}, "--no-input"},
		{"CI", tty, tty, "true", askOptions{}, "CI"},
		{"CI off", tty, tty, "false", askOptions{}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s := streams{in: test.in, out: test.out, err: test.out, getenv: getenv([]string{"CI=" + test.env})}
			ok, why := s.canPrompt(test.flags)
			if ok != (test.why == "") || !strings.Contains(why, test.why) {
				t.Errorf("canPrompt = %t, %q; want the reason %q", ok, why, test.why)
			}
		})
	}
}

func TestColor(t *testing.T) {
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	defer tty.Close()
	tests := []struct {
		env     string
		stream  any
		noColor bool
		want    bool
	}{
		{"TERM=xterm", tty, false, true},
		{"TERM=xterm", os.Stdin, false, false},
		{"TERM=dumb", tty, false, false},
		{"NO_COLOR=1", tty, false, false},
		{"NO_COLOR=", tty, false, true},
		{"CLICOLOR=0", tty, false, false},
		{"TERM=xterm", tty, true, false},
		{"FORCE_COLOR=1", os.Stdin, false, true},
		{"FORCE_COLOR=1 NO_COLOR=1", os.Stdin, false, false},
		{"CLICOLOR_FORCE=0", os.Stdin, false, false},
	}
	for _, test := range tests {
		s := streams{getenv: getenv(strings.Fields(test.env)), noColor: test.noColor}
		stream := test.stream
		if stream == os.Stdin { // whatever it is for the test
			stream = strings.NewReader("")
		}
		if got := s.color(stream); got != test.want {
			t.Errorf("color(%s, %+v) = %t, want %t", test.env, test.noColor, got, test.want)
		}
	}
}

// Letters of any script stay; what could lead a terminal or a reader astray is escaped.
func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		"пример.рф 会话 مرحبا é": "пример.рф 会话 مرحبا é",
		"zero\u200djoiner":     "zero\u200djoiner", // scripts of India need it
		"two\nlines,\ttabbed":  "two lines, tabbed",
		"\x1b[31mred\x07":      `\x1b[31mred\a`,
		"\u009b2J \u202eevil":  `\u009b2J \u202eevil`,
		"it's":                 "it's",
	} {
		if got := oneLine(text); got != want {
			t.Errorf("oneLine(%q) = %q, want %q", text, got, want)
		}
	}
}
