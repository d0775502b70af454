package ask

import (
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestNextKey(t *testing.T) {
	tests := []struct {
		name, in, key, rest string
		whole               bool
	}{
		{"letter", "ab", "a", "b", true},
		{"three bytes", "张x", "张", "x", true},
		{"half a character", "\xe5\xbc", "", "\xe5\xbc", false},
		{"no UTF-8", "\xffa", "", "a", true},
		{"NUL", "\x00a", "", "a", true},
		{"arrow", "\x1b[Aa", "\x1b[A", "a", true},
		{"arrow in application mode", "\x1bOBa", "\x1b[B", "a", true},
		{"Ctrl-arrow", "\x1b[1;5Ca", "\x1b[C", "a", true},
		{"Home", "\x1b[1~", "\x1b[H", "", true},
		{"End", "\x1b[4~", "\x1b[F", "", true},
		{"Delete", "\x1b[3~", "\x1b[3~", "", true},
		{"function key", "\x1b[15~a", "", "a", true},
		{"late cursor report", "\x1b[3;1Ra", "", "a", true},
		{"paste bracket", "\x1b[200~x", "", "x", true},
		{"Alt-letter", "\x1bfa", "", "a", true},
		{"two escapes", "\x1b\x1b[A", "", "\x1b[A", true},
		{"Ctrl-C in a sequence", "\x1b[1\x03", "", "\x03", true},
		{"Ctrl-C after an escape", "\x1b\x03", "", "\x03", true},
		{"Ctrl-D after SS3", "\x1bO\x04", "", "\x04", true},
		{"open sequence", "\x1b[1", "", "\x1b[1", false},
		{"lone escape", "\x1b", "", "\x1b", false},
		{"nothing", "", "", "", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			key, rest, whole := nextKey([]byte(test.in))
			if string(key) != test.key || string(rest) != test.rest || whole != test.whole {
				t.Errorf("nextKey(%q) = %q, %q, %t; want %q, %q, %t", test.in, key, rest, whole, test.key, test.rest,
					test.whole)
			}
		})
	}
}

// Whatever a terminal sends, cutting keys ends, and a Ctrl-C in it is found.
func FuzzNextKey(f *testing.F) {
	for _, s := range []string{"a\x03", "\x1b[1;5C\x03", "\x1bO\x03", "\xff\x03", "\x1b[\x03", "\x1b\x1b\x03"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		sent := append(slices.Clip(in), ctrlC)
		for rest := sent; ; {
			key, next, whole := nextKey(rest)
			if !whole {
				t.Fatalf("Ctrl-C at the end of %q is not reached: %q is left", sent, rest)
			}
			if string(key) == "\x03" {
				return
			}
			if len(next) >= len(rest) {
				t.Fatalf("nextKey(%q) does not advance", rest)
			}
			rest = next
		}
	})
}

// keyboard is a terminal's input: what is sent on it is read in one piece.
type keyboard chan string

func (k keyboard) Read(p []byte) (int, error) {
	text, ok := <-k
	if !ok {
		return 0, io.EOF
	}
	return copy(p, text), nil
}

func newTestConsole(ctx context.Context, in io.Reader, out io.Writer) *console {
	return &console{
		ctx: ctx, in: in, out: out, restore: func() error { return nil },
		size:       func() (int, int) { return 80, 24 },
		answerWait: 400 * time.Millisecond, escapeWait: 50 * time.Millisecond,
		chunks: make(chan []byte, 1),
	}
}

func read(t *testing.T, c *console) string {
	t.Helper()
	buf := make([]byte, 4096)
	n, err := c.Read(buf)
	if err != nil {
		return err.Error()
	}
	return string(buf[:n])
}

func TestConsole(t *testing.T) {
	const ask = "\x1b[6n"
	type step struct {
		write string        // by survey
		send  string        // by the terminal, a moment later
		late  string        // by the terminal, when pause has passed
		pause time.Duration // after send
		want  string        // what Read returns
	}
	tests := []struct {
		name  string
		steps []step
	}{
		{"one key a read", []step{{send: "ab\r", want: "a"}, {want: "b"}, {want: "\r"}}},
		{
			"the answer comes before keys that were typed earlier",
			[]step{{write: ask, send: "ab\x1b[5;7R\r", want: "\x1b[5;7R"}, {want: "a"}, {want: "b"}, {want: "\r"}},
		},
		{
			"a letter R is not an answer",
			[]step{{write: ask, send: "R2\x1b[5;7R", want: "\x1b[5;7R"}, {want: "R"}, {want: "2"}},
		},
		{
			"two questions, answers in two pieces",
			[]step{
				{write: ask, send: "\x1b[24;80R", want: "\x1b[24;80R"},
				{write: ask, send: "x\x1b[1;1R", want: "\x1b[1;1R"},
				{want: "x"},
			},
		},
		{
			"a mute terminal gets an answer made up",
			[]step{
				{write: farCorner + ask, send: "", want: "\x1b[24;80R"},
				{write: ask, want: "\x1b[24;1R"},
				{send: "a", want: "a"},
			},
		},
		{
			"an answer that is late is not a key",
			[]step{{write: ask, send: "", want: "\x1b[24;1R"}, {send: "\x1b[5;7Ra", want: "a"}},
		},
		{
			"Ctrl-C while the terminal owes an answer",
			[]step{
				{write: ask, send: "\x03", want: "\x1b[24;1R"},
				{want: "cancelled"},
				{write: ask, want: "\x1b[24;1R"},
				{want: "cancelled"},
			},
		},
		{"Ctrl-D cancels for ever", []step{{send: "a\x04b", want: "a"}, {want: "cancelled"}, {want: "cancelled"}}},
		{"a lone Escape is not a key", []step{{send: "\x1b", late: "a", pause: time.Second, want: "a"}}},
		{"a sequence in two pieces", []step{{send: "\x1b[", late: "A", pause: 10 * time.Millisecond, want: "\x1b[A"}}},
		{"back", []step{{send: "<", want: "back"}, {send: "a<\r<", want: "a"}, {want: "<"}, {want: "\r"},
			{want: "back"}}},
		{"an arrow before back", []step{{send: "\x1b[A<", want: "\x1b[A"}, {want: "back"}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				keys := make(keyboard)
				ctx, cancel := context.WithCancel(t.Context())
				defer func() { cancel(); close(keys) }()
				var drawn strings.Builder
				c := newTestConsole(ctx, keys, &drawn)
				c.watch("", false)
				for i, s := range test.steps {
					if s.write != "" {
						io.WriteString(c, s.write)
					}
					if s.send != "" {
						go func() {
							time.Sleep(time.Millisecond)
							keys <- s.send
							if s.late != "" {
								time.Sleep(s.pause)
								keys <- s.late
							}
						}()
					}
					if got := read(t, c); got != s.want {
						t.Fatalf("read %d is %q, want %q", i, got, s.want)
					}
				}
			})
		})
	}
}

func TestConsoleEndOfInput(t *testing.T) {
	c := newTestConsole(t.Context(), strings.NewReader("a"), io.Discard)
	for i, want := range []string{"a", "cancelled", "cancelled"} {
		if got := read(t, c); got != want {
			t.Errorf("read %d is %q, want %q", i, got, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c = newTestConsole(ctx, make(keyboard), io.Discard)
	if _, err := c.Read(make([]byte, 8)); !errors.Is(err, ErrCancelled) {
		t.Errorf("after the context's end: %v, want ErrCancelled", err)
	}
}
