//go:build linux

package ask

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask/ttytest"
)

// An answer that wraps takes nothing off the screen but its own lines, wherever
// on its line the question ends.
func TestPromptAnswerThatWraps(t *testing.T) {
	t.Parallel()
	for cols := 24; cols <= 44; cols += 2 {
		for _, length := range []int{4, 12, 30, 2 * cols} {
			t.Run(fmt.Sprintf("%d characters at %d columns", length, cols), func(t *testing.T) {
				t.Parallel()
				s := ttytest.Start(t, ttytest.Options{Cols: cols, Rows: 30}, "questionnaire")
				name := strings.Repeat("abcdefghij", 10)[:length]
				s.Answer("Name", "x1\r") // refused, and asked again below what is wrong
				s.Answer("write letters", name+"\r")
				s.Answer("Hello, "+name, "\r")
				s.Answer("Town", name+"\r")
				s.Answer("Another town", "\r")
				s.Answer("Sure?", "n\r")
				if code := s.Exit(); code != 0 {
					t.Errorf("exit %d, want 0", code)
				}
				for _, want := range []string{"write letters", "? Name " + name, "Hello, " + name, "? Fruit pear",
					"? Town " + name, "? Another town", "? Sure? No", "answers: " + name} {
					if s.Count(want) != 1 {
						t.Errorf("the screen does not show %q once:\n%s", want, s)
					}
				}
			})
		}
	}
}

func TestWrap(t *testing.T) {
	for _, tt := range []struct {
		first, text string
		width       int
		want        string
	}{
		{"", "", 10, ""},
		{"- ", "one two three", 9, "- one two\n  three"},
		{"- ", "one two", 9, "- one two"},
		{"  ", "abcdefghijkl mn", 8, "  abcdefghijkl\n  mn"},
		{"", "张三 李四 王五", 9, "张三 李四\n王五"},
	} {
		if got := Wrap(tt.first, tt.text, tt.width); got != tt.want {
			t.Errorf("Wrap(%q, %q, %d) = %q, want %q", tt.first, tt.text, tt.width, got, tt.want)
		}
	}
	for text, want := range map[string]string{
		"short\n  as it is":       "short\n  as it is",
		"  a line that is long":   "  a line that\n  is long",
		"one two three four five": "one two three\n  four five",
	} {
		if got := wrapLines(text, 14); got != want {
			t.Errorf("wrapLines(%q) = %q, want %q", text, got, want)
		}
	}
}
