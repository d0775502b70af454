package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A file that git tracks is not ignored, whatever .gitignore has.
func TestIgnored(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir := t.TempDir()
	git := func(args ...string) {
		t.Helper()
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	check := func(when string, want bool) {
		t.Helper()
		if text := ignored(t.Context(), dir); strings.Contains(text, "which git ignores") != want {
			t.Errorf("%s: .env%s", when, text)
		}
	}
	write(".env", "SESSION_KEYS=\n")
	check("without a repository", true)
	git("init", "-q")
	write(".gitignore", "/.env\n")
	check("as it is ignored", true)
	write(".gitignore", "/.env\n!.env\n")
	check("as it is ignored and then not", false)
	write(".gitignore", "/.env\n")
	git("add", "-f", ".env")
	check("as it is tracked", false)
}
