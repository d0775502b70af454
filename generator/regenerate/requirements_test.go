//go:build long

package regenerate_test

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// The owner's requirements survive every change of the store, with what they
// need and nothing else: go mod tidy would change nothing.
func TestOwnersRequirementStays(t *testing.T) {
	fetchModules(t)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOWORK", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := modfile.Parse("go.mod", mod, nil)
	if err != nil {
		t.Fatal(err)
	}
	version := map[string]string{}
	for _, r := range ours.Require {
		version[r.Mod.Path] = r.Mod.Version
	}
	for importPath, module := range map[string]string{
		"golang.org/x/mod/semver":    "golang.org/x/mod",       // needs nothing
		"golang.org/x/sync/errgroup": "golang.org/x/sync",      // which the postgres driver needs too
		"github.com/spf13/cobra":     "github.com/spf13/cobra", // with requirements of its own
	} {
		t.Run(module, func(t *testing.T) {
			g := engine()
			dir := sample(t, g)
			write(t, dir, "mine/mine.go", "package mine\n\nimport _ \""+importPath+"\"\n")
			command := func(args ...string) string {
				cmd := exec.Command("go", args...)
				cmd.Dir = dir
				out, err := cmd.CombinedOutput()
				if err != nil {
					t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
				}
				return string(out)
			}
			edit(t, dir, "go.mod", "\ngo ", "\nrequire "+module+" "+version[module]+" // mine\n\ngo ")
			command("mod", "tidy")
			for _, store := range []string{"sqlite", "redis", "postgres", "memory", "postgres", "cookie"} {
				cs := run(t, g, dir, changeset.Options{}, "store", store)
				if notes := unexpected(cs); len(notes) > 0 {
					t.Errorf("store %s: %q", store, notes)
				}
				got, err := modfile.Parse("go.mod", []byte(read(t, dir, "go.mod")), nil)
				if err != nil {
					t.Fatal(err)
				}
				if !slices.ContainsFunc(got.Require,
					func(r *modfile.Require) bool {
						return r.Mod.Path == module &&
							r.Mod.Version == version[module]
					}) || !strings.Contains(read(t, dir, "go.mod"), "// mine") {
					t.Errorf("store %s: the owner's requirement of %s, or its comment, is gone:\n%s", store,
						version[module], read(t, dir, "go.mod"))
				}
				command("mod", "tidy", "-diff")
				if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
					t.Errorf("store %s: the second run changes %s", store, again.Diff())
				}
			}
		})
	}
}

// The driver of a store whose files the owner edited stays beside the new one.
func TestRequirementsOfWhatStays(t *testing.T) {
	fetchModules(t)
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOSUMDB", "off")
	t.Setenv("GOWORK", "off")
	for _, tt := range []struct {
		stays, driver string
		stores        []string
	}{
		{"postgres", "jackc/pgx", []string{"redis", "memory", "sqlite", "redis", "postgres"}},
		{"redis", "redis/go-redis", []string{"postgres", "sqlite", "postgres", "cookie", "redis"}},
	} {
		t.Run(tt.stays, func(t *testing.T) {
			g := engine()
			dir := sample(t, g, "store", tt.stays)
			edit(t, dir, "internal/store/"+tt.stays+"/store.go", "package "+tt.stays+"\n",
				"package "+tt.stays+"\n\n// Mine.\n")
			for _, store := range tt.stores {
				if notes := unexpected(run(t, g, dir, changeset.Options{}, "store", store)); len(notes) > 0 {
					t.Errorf("store %s: %q", store, notes)
				}
				if !strings.Contains(read(t, dir, "go.mod"), tt.driver) {
					t.Errorf("store %s: the driver is gone", store)
				}
				tidy := exec.Command("go", "mod", "tidy", "-diff")
				tidy.Dir = dir
				if out, err := tidy.CombinedOutput(); err != nil {
					t.Errorf("store %s: %v\n%s", store, err, out)
				}
				if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
					t.Errorf("store %s: the second run changes %s", store, again.Diff())
				}
			}
		})
	}
}

// unexpected are a set's notes but for where the server of a new store is looked for.
func unexpected(cs *changeset.Set) []string {
	return slices.DeleteFunc(slices.Clone(cs.Notes), func(n string) bool { return n == cs.Effective.ServerNote() })
}
