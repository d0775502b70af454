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
		flags   common
		why     string // empty: may ask
	}{
		{"terminal", tty, tty, "", common{}, ""},
		{"standard input is no terminal", null, tty, "", common{}, "standard input is not a terminal"},
		{"standard output is no terminal", tty, null, "", common{}, "standard output is not a terminal"},
		{"closed", nil, nil, "", common{}, "standard input is not a terminal"},
		{"yes", tty, tty, "", common{yes: true}, "--yes"},
		{"no input", tty, tty, "", common{noInput: true}, "--no-input"},
		{"CI", tty, tty, "true", common{}, "CI"},
		{"CI off", tty, tty, "false", common{}, ""},
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
		env    string
		stream any
		flags  common
		want   bool
	}{
		{"TERM=xterm", tty, common{}, true},
		{"TERM=xterm", os.Stdin, common{}, false},
		{"TERM=dumb", tty, common{}, false},
		{"NO_COLOR=1", tty, common{}, false},
		{"NO_COLOR=", tty, common{}, true},
		{"CLICOLOR=0", tty, common{}, false},
		{"TERM=xterm", tty, common{noColor: true}, false},
		{"FORCE_COLOR=1", os.Stdin, common{}, true},
		{"FORCE_COLOR=1 NO_COLOR=1", os.Stdin, common{}, false},
		{"CLICOLOR_FORCE=0", os.Stdin, common{}, false},
	}
	for _, test := range tests {
		s := streams{getenv: getenv(strings.Fields(test.env))}
		stream := test.stream
		if stream == os.Stdin { // whatever it is for the test
			stream = strings.NewReader("")
		}
		if got := s.color(stream, test.flags); got != test.want {
			t.Errorf("color(%s, %+v) = %t, want %t", test.env, test.flags.noColor, got, test.want)
		}
	}
}
