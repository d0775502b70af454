//go:build long

package regenerate_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// What surrounds a project, and what GOFLAGS says, is not a fault of its code.
func TestCompiledWhereItStands(t *testing.T) {
	g := engine()
	apply := func(t *testing.T, dir string, set ...string) *changeset.Result {
		t.Helper()
		r, err := changeset.Apply(ctx, plan(t, g, dir, changeset.Options{}, set...), changeset.ApplyOptions{})
		var broken *changeset.CompileError
		if errors.As(err, &broken) {
			t.Fatal(broken.Output)
		}
		if err != nil || !r.Verified {
			t.Fatalf("Apply = %+v, %v", r, err)
		}
		return r
	}
	t.Run("a workspace that leaves it out", func(t *testing.T) {
		dir := sample(t, g)
		write(t, filepath.Dir(dir), "go.work", "go 1.26.0\n\nuse ./other\n")
		write(t, filepath.Dir(dir), "other/go.mod", "module example.com/other\n\ngo 1.26.0\n")
		apply(t, dir, "key", "other.sid")
	})
	t.Run("a workspace that has it", func(t *testing.T) {
		dir := sample(t, g)
		write(t, filepath.Dir(dir), "go.work", "go 1.26.0\n\nuse ./shop\n")
		apply(t, dir, "key", "other.sid")
	})
	t.Run("GOFLAGS that would write go.mod", func(t *testing.T) {
		t.Setenv("GOFLAGS", "-mod=mod -trimpath")
		dir := sample(t, g)
		before := read(t, dir, "go.mod")
		apply(t, dir, "key", "other.sid")
		if got := read(t, dir, "go.mod"); got != before {
			t.Errorf("go.mod = %q", got)
		}
	})
	t.Run("a vendor directory", func(t *testing.T) {
		dir := sample(t, g, "store", "redis")
		vendor := exec.Command("go", "mod", "vendor")
		vendor.Dir = dir
		if out, err := vendor.CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if r := apply(t, dir, "key", "other.sid"); len(r.Notes) > 0 {
			t.Errorf("notes %q", r.Notes)
		}
		if r := apply(t, dir, "store", "memory"); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "go mod vendor") {
			t.Errorf("notes %q", r.Notes)
		}
	})
	t.Run("files for other systems", func(t *testing.T) {
		dir := sample(t, g)
		const src = "package main\n\nimport \"example.com/shop/internal/config\"\n\nvar _ = config.CookieName\n"
		write(t, dir, "mine_windows.go", src)
		write(t, dir, "mine_tagged.go", "//go:build mine\n\n"+src)
		apply(t, dir, "module", "example.org/other")
		for _, name := range []string{"mine_windows.go", "mine_tagged.go"} {
			if got := read(t, dir, name); !strings.Contains(got, `"example.org/other/internal/config"`) {
				t.Errorf("%s: %s", name, got)
			}
		}
	})
}
