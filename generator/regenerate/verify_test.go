package regenerate_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// The whole way with the compiler: the module path moves in the owner's files
// too, and what does not compile is not applied.
func TestCompiled(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	write(t, dir, "mine/mine.go",
		"package mine\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/shop/internal/config\"\n)\n\n// Name is mine.\n"+
			"func Name() string { return fmt.Sprint(config.CookieName) }\n")
	cs := plan(t, g, dir, changeset.Options{}, "module", "example.org/other", "captcha.enabled", "false", "demo",
		"false")
	r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	if err != nil || !r.Verified {
		t.Fatalf("Apply = %+v, %v", r, err)
	}
	if got := read(t, dir, "mine/mine.go"); !strings.Contains(got, "\"example.org/other/internal/config\"") {
		t.Errorf("the owner's import: %s", got)
	}
	write(t, dir, "mine/broken.go", "package mine\n\nvar x = undefinedName\n")
	before := snapshot(t, dir)
	cs = plan(t, g, dir, changeset.Options{}, "key", "other.sid")
	_, err = changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	var broken *changeset.CompileError
	if !errors.As(err, &broken) || !strings.Contains(broken.Output, "undefinedName") {
		t.Errorf("Apply of what does not compile: %v, %#v", err, broken)
	}
	same(t, "after a failed compile", snapshot(t, dir), before)
	r, err = changeset.Apply(ctx, cs, changeset.ApplyOptions{NoVerify: true})
	if err != nil || r.Verified || !strings.Contains(r.Broken, "undefinedName") {
		t.Errorf("with NoVerify: %+v, %v", r, err)
	}
	t.Setenv("PATH", t.TempDir())
	cs = plan(t, g, dir, changeset.Options{}, "key", "third.sid")
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil ||
		!strings.Contains(r.Unverified, "no go command") {
		t.Errorf("without Go: %+v, %v", r, err)
	}
}

// A package that so far exists in the stage alone is compiled, and no directory
// is made for it before that.
func TestCompiledWithANewPackage(t *testing.T) {
	t.Parallel()
	g := engine()
	dir := sample(t, g, "captcha.enabled", "false")
	dirs := func() (list []string) {
		filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
			if err == nil && e.IsDir() && !strings.Contains(name, ".sessionseed") {
				list = append(list, name)
			}
			return err
		})
		return list
	}
	before := dirs()
	write(t, dir, "broken.go", "package main\n\nvar x = undefinedName\n")
	cs := plan(t, g, dir, changeset.Options{}, "store", "cookie", "captcha.enabled", "true")
	var broken *changeset.CompileError
	if _, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); !errors.As(err, &broken) {
		t.Errorf("Apply of what does not compile: %v", err)
	}
	if after := dirs(); !slices.Equal(before, after) {
		t.Errorf("a refused run left directories behind: %q, before %q", after, before)
	}
	if err := os.Remove(filepath.Join(dir, "broken.go")); err != nil {
		t.Fatal(err)
	}
	cs = plan(t, g, dir, changeset.Options{}, "store", "cookie", "captcha.enabled", "true")
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
		t.Fatalf("Apply = %+v, %v", r, err)
	}
}

// Trouble that was there before the run is told apart from what the run brings, and
// an edited file of a component switched off is named as the cause.
func TestCompileErrorSaysWhose(t *testing.T) {
	t.Parallel()
	g := engine()
	dir := sample(t, g)
	var broken *changeset.CompileError

	edit(t, dir, "internal/web/captcha_test.go", "package web\n", "package web\n\n// Mine.\n")
	cs := plan(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
	_, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	if !errors.As(err, &broken) || broken.Before ||
		!slices.Equal(broken.Orphans, []string{"internal/web/captcha_test.go"}) {
		t.Errorf("with an edited test of what is switched off: %#v, %v", broken, err)
	}

	write(t, dir, "mine/mine.go", "package mine\n\nvar x = undefinedName\n")
	cs = plan(t, g, dir, changeset.Options{}, "key", "other.sid")
	if _, err = changeset.Apply(ctx, cs, changeset.ApplyOptions{}); !errors.As(err, &broken) || !broken.Before ||
		len(broken.Orphans) > 0 {
		t.Errorf("with a fault from before: %#v, %v", broken, err)
	}
}
