package regenerate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/render"
)

// manyFiles is a project with n files of the owner that import its packages.
func manyFiles(t testing.TB, g *render.Generator, n int) string {
	dir := sample(t, g)
	for i := range n {
		write(t, dir, fmt.Sprintf("mine/p%d/f.go", i),
			fmt.Sprintf("package p%d\n\nimport \"example.com/shop/internal/config\"\n\nvar X = config.CookieName\n",
				i)+strings.Repeat("// filler\n", 100))
	}
	return dir
}

func TestPlan500OwnerFiles(t *testing.T) {
	g := engine()
	dir := manyFiles(t, g, 500)
	cs := plan(t, g, dir, changeset.Options{}, "module", "example.org/other", "store", "postgres")
	moved := 0
	for _, f := range cs.Files {
		if !strings.HasPrefix(f.Path, "mine/") {
			continue
		}
		moved++
		if f.Action != changeset.Update ||
			!strings.Contains(f.Diff(), "\n+import \"example.org/other/internal/config\"\n") {
			t.Fatalf("%s: %s\n%s", f.Path, f.Action, f.Diff())
		}
	}
	if err := cs.Blocked(); err != nil || moved != 500 {
		t.Errorf("%d of the owner's 500 files follow the module path; blocked: %v", moved, err)
	}
	for _, f := range plan(t, g, dir, changeset.Options{}, "store", "postgres").Files {
		if strings.HasPrefix(f.Path, "mine/") {
			t.Errorf("a change of the store takes up %s: %s", f.Path, f.Action)
		}
	}
}
