package regenerate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
)

// moveModule renames the module as an owner does: in go.mod and in every import.
func moveModule(t *testing.T, dir, from, to string) {
	t.Helper()
	for name, text := range snapshot(t, dir) {
		if !strings.HasPrefix(name, ".sessionseed/") && (filepath.Ext(name) == ".go" || name == "go.mod") &&
			strings.Contains(text, from) {
			write(t, dir, name, strings.ReplaceAll(read(t, dir, name), from, to))
		}
	}
}

// A module that its owner renamed by hand keeps its new name, and everything
// that regenerate writes has it.
func TestModuleRenamedByHand(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"everywhere", "in go.mod alone", "without state"} {
		t.Run(how, func(t *testing.T) {
			g := engine()
			dir := sample(t, g, "captcha.enabled", "false")
			write(t, dir, "mine/mine.go", "package mine\n\nimport _ \"example.com/shop/internal/config\"\n")
			edit(t, dir, "main.go", "package main\n", "// Mine.\npackage main\n")
			o := changeset.Options{}
			switch how {
			case "in go.mod alone":
				edit(t, dir, "go.mod", "example.com/shop", "example.org/renamed")
			case "without state":
				os.RemoveAll(filepath.Join(dir, ".sessionseed"))
				o.Adopt = true
				fallthrough
			default:
				moveModule(t, dir, "example.com/shop", "example.org/renamed")
			}
			if !o.Adopt {
				drift, err := regenerate.Check(ctx, g, dir)
				if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "options" ||
					!strings.Contains(drift.Findings[0].Fact, "go.mod says module example.org/renamed") {
					t.Errorf("Check = %+v, %v", drift, err)
				}
			}
			cs := plan(t, g, dir, o, "captcha.enabled", "true", "store", "cookie")
			if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
				t.Fatalf("Apply = %+v, %v", r, err)
			}
			for name, text := range snapshot(t, dir) {
				if !strings.HasPrefix(name, ".sessionseed/") && name != "sessionseed.yaml" &&
					strings.Contains(text, "example.com/shop") {
					t.Errorf("%s speaks of the old module", name)
				}
			}
			if yaml := read(t, dir, "sessionseed.yaml"); !strings.Contains(yaml, `module: "example.org/renamed"`) {
				t.Error("sessionseed.yaml does not say the new module")
			}
			if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
				t.Errorf("Check afterwards = %+v, %v", drift, err)
			}
			if present, err := state.CurrentOptions(dir, engine().Owned()); err != nil ||
				present.Module != "example.org/renamed" {
				t.Errorf("CurrentOptions: module %s, %v", present.Module, err)
			}
		})
	}
}

// Two new names for one module are one too many.
func TestModuleRenamedTwice(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	moveModule(t, dir, "example.com/shop", "example.org/renamed")
	_, err := regenerate.Plan(ctx, g, dir, changing(t, "module", "example.net/third"), changeset.Options{})
	if p := problem.List(err); len(p) != 1 || !strings.Contains(p[0].Fact, "example.org/renamed") ||
		!strings.Contains(p[0].Fact, "example.net/third") || p[0].Hint == "" {
		t.Errorf("Plan: %v with the hints %q", err, hintsOf(err))
	}
	run(t, g, dir, changeset.Options{}, "module", "example.org/renamed")
	run(t, g, dir, changeset.Options{}, "module", "example.net/third")
	if mod := read(t, dir, "go.mod"); !strings.Contains(mod, "module example.net/third\n") {
		t.Errorf("go.mod: %s", mod)
	}
}
