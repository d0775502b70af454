package regenerate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// A signing key that is missing is added at the end; the owner's own lines and
// their order stay.
func TestEnvGetsAMissingKey(t *testing.T) {
	g := engine()
	tests := []struct{ name, env string }{
		{"own lines", "# mine\nMINE=1\n\nPUBLIC_URL=http://localhost:9999\n"},
		{"no final newline", "MINE=1"},
		{"carriage returns", "MINE=1\r\n# mine\r\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := sample(t, g)
			write(t, dir, ".env", tt.env)
			os.Chmod(filepath.Join(dir, ".env"), 0o600)
			before := snapshot(t, dir)
			cs := run(t, g, dir, changeset.Options{})
			got := read(t, dir, ".env")
			added, ok := strings.CutPrefix(got, tt.env)
			if !ok || strings.Count(added, "\nSESSION_KEYS=") != 1 {
				t.Errorf(".env = %q, want %q and one SESSION_KEYS", got, tt.env)
			}
			for l := range strings.Lines(added) {
				if l = strings.TrimSpace(l); l != "" && l[0] != '#' && !strings.HasPrefix(l, "SESSION_KEYS=") {
					t.Errorf("also added: %q", l)
				}
			}
			if f := file(cs, ".env"); f.Diff() != "" || !strings.Contains(f.Note, "SESSION_KEYS") {
				t.Errorf("the plan shows the key or does not name it: %q, %q", f.Note, f.Diff())
			}
			if info, _ := os.Stat(filepath.Join(dir, ".env")); info.Mode().Perm() != 0o600 {
				t.Errorf(".env has mode %v", info.Mode())
			}
			before[".env"] = "-rw------- " + got
			same(t, "beside .env", snapshot(t, dir), before)
			if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
				t.Errorf("the second run: .env %s, and the diff is %s", file(again, ".env").Action, again.Diff())
			}
		})
	}
}

// Without a go command nothing of what the owner may need goes, and the run
// says so.
func TestRequirementsStayWithoutGo(t *testing.T) {
	g := engine()
	dir := sample(t, g, "store", "redis")
	edit(t, dir, "go.mod", "\ngo ", "\nrequire example.com/own v1.0.0\n\ngo ")
	before := read(t, dir, "go.mod")
	t.Setenv("PATH", t.TempDir())
	cs := run(t, g, dir, changeset.Options{}, "store", "memory")
	if len(cs.Notes) != 1 || !strings.Contains(cs.Notes[0], "go mod tidy") {
		t.Errorf("notes %q", cs.Notes)
	}
	for l := range strings.Lines(before) {
		if strings.Contains(l, " v") &&
			!strings.Contains(read(t, dir, "go.mod"), strings.TrimSpace(strings.TrimPrefix(l, "require "))) {
			t.Errorf("go.mod lost %q", l)
		}
	}
}
