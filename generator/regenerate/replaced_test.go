package regenerate_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// A store whose driver the owner has replaced gets the requirements and sums of
// the replacement, which no recorded go.sum has.
func TestStoreWithAReplacedDriver(t *testing.T) {
	const driver = "github.com/redis/go-redis/v9"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", driver).Output()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOSUMDB", "off") // go mod tidy gets what the tests of the driver's dependencies need, if it is not cached
	g := engine()
	dir := sample(t, g, "demo", "false", "captcha.enabled", "false")
	fork := filepath.Join(filepath.Dir(dir), "fork")
	copySources(t, fork, strings.TrimSpace(string(out)))
	write(t, fork, "mine.go", "package redis\n\nimport _ \"golang.org/x/mod/semver\"\n")
	version := versionHere(t, "golang.org/x/mod")
	edit(t, fork, "go.mod", "\ngo ", "\nrequire golang.org/x/mod "+version+"\n\ngo ")
	edit(t, dir, "go.mod", "\ngo ", "\nreplace "+driver+" => ../fork\n\ngo ")

	for _, store := range []string{"redis", "memory"} {
		run(t, g, dir, changeset.Options{}, "store", store)
		list := exec.Command("go", "list", "-mod=readonly", "-deps", "./...") // reads every package, and compiles none
		list.Dir = dir
		list.Env = append(os.Environ(), "GOWORK=off")
		if out, err := list.CombinedOutput(); err != nil {
			t.Errorf("store %s: %v\n%s", store, err, out)
		}
		if mod := read(t, dir, "go.mod"); !strings.Contains(mod, "=> ../fork") ||
			strings.Contains(mod, "require "+driver) != (store == "redis") {
			t.Errorf("store %s: go.mod is\n%s", store, mod)
		}
	}
}

// versionHere is the version of a module that this one requires.
func versionHere(t *testing.T, module string) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// copySources copies a module without its tests.
func copySources(t *testing.T, to, from string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(from), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		if name == "go.mod" || filepath.Ext(name) == ".go" {
			write(t, to, name, read(t, from, name))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
