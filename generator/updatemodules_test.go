package generator_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator"
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
			cs := regenerate(t, g, dir, generator.UpdateOptions{})
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
			if again := plan(t, g, dir, generator.UpdateOptions{}); again.Changed() {
				t.Error("the second run adds another key")
			}
		})
	}
}

// The requirement of the owner survives every change of the store, with its sums.
func TestOwnersRequirementStays(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	own := map[string]string{}
	mod, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range ours.Require {
		own[r.Mod.Path] = r.Mod.Version
	}
	const path = "golang.org/x/mod"
	write(t, dir, "mine/mine.go", "package mine\n\nimport \""+path+"/semver\"\n\n// Newer is mine.\nfunc Newer(a, b string) bool { return semver.Compare(a, b) > 0 }\n")
	command := func(args ...string) string {
		cmd := exec.Command("go", args...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod -trimpath", "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	edit(t, dir, "go.mod", "\ngo ", "\nrequire "+path+" "+own[path]+" // mine\n\ngo ")
	sums, err := os.ReadFile("../go.sum")
	if err != nil {
		t.Fatal(err)
	}
	var lines strings.Builder
	for l := range strings.Lines(string(sums)) {
		if strings.HasPrefix(l, path+" "+own[path]) {
			lines.WriteString(l)
		}
	}
	write(t, dir, "go.sum", lines.String())
	for _, store := range []string{"sqlite", "redis", "memory"} {
		regenerate(t, g, dir, generator.UpdateOptions{}, "store", store)
		got, err := modfile.Parse("go.mod", []byte(read(t, dir, "go.mod")), nil)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, r := range got.Require {
			found = found || r.Mod.Path == path && r.Mod.Version == own[path]
		}
		if !found || !strings.Contains(read(t, dir, "go.mod"), "// mine") {
			t.Errorf("store %s: the owner's requirement is gone:\n%s", store, read(t, dir, "go.mod"))
		}
		for l := range strings.Lines(lines.String()) {
			if !strings.Contains(read(t, dir, "go.sum"), l) {
				t.Errorf("store %s: go.sum lost %s", store, l)
			}
		}
		command("build", "./mine", "./internal/store/"+store)
	}
}
