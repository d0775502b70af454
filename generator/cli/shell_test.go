package cli

import (
	"os/exec"
	"strings"
	"testing"
)

// A real shell reads back what shellCommand and ShellQuote write.
func TestShellCommand(t *testing.T) {
	words := []string{
		"plain", "", "a b", "it's", `"double"`, "$HOME", "`id`", "a\nb", "*", "~", "=ls", "#no", "!x", `back\slash`,
		"张三", "--flag=x y", "a;b|c&d", "--", "-n", "{a,b}", "a\tb",
	}
	for _, width := range []int{10, 10_000} {
		out, err := exec.Command("sh", "-c", "printf '%s\\0' "+shellCommand(words, width)).Output()
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
		if strings.Join(got, "\x00") != strings.Join(words, "\x00") {
			t.Errorf("width %d: the shell reads %q, want %q", width, got, words)
		}
	}
	if got, want := shellCommand([]string{"sessionseed", "new", "shop", "--yes", "--module", "example.com/shop"},
		200), "sessionseed new shop --yes --module example.com/shop"; got != want {
		t.Errorf("shellCommand = %q, want %q", got, want)
	}
}
