//go:build linux

package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/cli/ask/ttytest"
)

// On a terminal a line says what takes long, and is gone when it is done; without
// one, or with --quiet, nothing of it is printed.
func TestProgress(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if code, _, problems := run("new", filepath.Join(dir, "shop"), "--yes", "--module",
		"example.com/shop"); code != exitOK {
		t.Fatalf("new: exit %d: %s", code, problems)
	}
	const line = "Compiling the merged project, "
	for _, tt := range []struct {
		key, also string
		want      bool
	}{{"a", "--verbose", true}, {"b", "--quiet", false}, {"c", "--accessible", false}} {
		s := ttytest.Start(t, ttytest.Options{Dir: filepath.Join(dir, "shop")}, "sessionseed", "regenerate", "--key",
			tt.key, tt.also)
		if code := s.Exit(); code != exitOK {
			t.Fatalf("%s: exit %d:\n%s", tt.also, code, s)
		}
		if got := regexp.MustCompile(line + `\d+ s`).MatchString(s.Raw()); got != tt.want {
			t.Errorf("%s: a line of progress was drawn: %t, want %t", tt.also, got, tt.want)
		}
		if s.Shows("Compiling") || !s.Shows("the project compiles") {
			t.Errorf("%s: the screen shows:\n%s", tt.also, s)
		}
	}
	code, out, problems := run("regenerate", filepath.Join(dir, "shop"), "--key", "d")
	if code != exitOK || strings.Contains(out+problems, "Compiling") {
		t.Errorf("without a terminal: exit %d, %s%s", code, out, problems)
	}
}

// What new prints after questions works in the shell that it was started from, by its
// path and by go run; TestNewOnTerminal has it started by its name.
func TestPrintedCommandWorks(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	binary := filepath.Join(dir, "seed")
	if out, err := command(root, "go", "build", "-o", binary, "."); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, words := range map[string][]string{"path": {binary}, "go run": {"go", "run", "."}} {
		t.Run(name, func(t *testing.T) {
			shop := filepath.Join(dir, strings.ReplaceAll(name, " ", ""), "shop")
			s := ttytest.Start(t, ttytest.Options{Dir: root, Rows: 60}, words[0], append(words[1:], "new", shop)...)
			dialogue{
				{askModule, "\r"}, {askURL, "\r"}, {askOrigin, "\r"}, {askMore, "\r"}, {askPurpose, "\r"},
				{askKey, "\r"}, {askMaxAge, "\r"}, {askRenewal, "\r"},
				{askStore, "\r"}, {askCaptcha, "\r"}, {askDemo, "\r"}, {askWrite, "\r"},
			}.hold(s)
			if code := s.Exit(); code != exitOK {
				t.Fatalf("exit %d:\n%s", code, s)
			}
			_, printed, ok := strings.Cut(strings.ReplaceAll(s.Raw(), "\r", ""), "The same without questions:\n")
			if !ok {
				t.Fatalf("no command is printed:\n%s", s)
			}
			if err := os.RemoveAll(shop); err != nil {
				t.Fatal(err)
			}
			out, err := command(root, "sh", "-c", printed)
			if _, stat := os.Stat(filepath.Join(shop, "go.mod")); err != nil || stat != nil {
				t.Errorf("%s: %v, %v: %s", printed, err, stat, out)
			}
		})
	}
}

// command runs a command in a directory and returns what it prints.
func command(dir, name string, args ...string) ([]byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	return cmd.CombinedOutput()
}
