//go:build long

package regenerate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/mod/modfile"
)

var fetched sync.Once

// fetchModules has the module cache hold what go mod tidy looks at in projects
// of every driver, alone and together, and with modules of an owner: the tests
// of all these modules need more than this module itself. A test calls it before
// it cuts the go command off. With a full cache it needs no network.
func fetchModules(t *testing.T) {
	t.Helper()
	fetched.Do(func() {
		drivers := []string{"sqlite", "redis", "postgres"}
		for _, stores := range append([][]string{drivers}, slices.Collect(slices.Chunk(drivers, 1))...) {
			for _, own := range [][]string{nil, append([]string{"github.com/spf13/cobra"}, ownModules...)} {
				fetchModulesOf(t, stores, own)
			}
		}
	})
}

func fetchModulesOf(t *testing.T, stores, own []string) {
	t.Helper()
	g := engine()
	dir := sample(t, g, "store", stores[0])
	goMod := func(args ...string) {
		cmd := exec.Command("go", append([]string{"mod"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("fetch the modules of %q and %q: %v\n%s", stores, own, err, out)
		}
	}
	require := func(file string, wanted func(path string) bool) {
		mod, err := modfile.Parse("go.mod", []byte(read(t, filepath.Dir(file), filepath.Base(file))), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range mod.Require {
			if wanted(r.Mod.Path) {
				goMod("edit", "-require="+r.Mod.String())
			}
		}
	}
	for _, store := range stores[1:] {
		other := sample(t, g, "store", store)
		name := filepath.Join("internal", "store", store)
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS(filepath.Join(other, name))); err != nil {
			t.Fatal(err)
		}
		require(filepath.Join(other, "go.mod"), func(string) bool { return true })
	}
	for i, path := range own {
		write(t, dir, fmt.Sprintf("own/m%d/m.go", i), fmt.Sprintf("package m%d\n\nimport _ %q\n", i, path))
		require(filepath.Join("..", "go.mod"), func(module string) bool { return path == module || strings.HasPrefix(path, module+"/") })
	}
	goMod("tidy")
}
