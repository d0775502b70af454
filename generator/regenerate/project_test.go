package regenerate_test

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/golden/scratch"
	"github.com/sessionseed/sessionseed/templates"
)

var ctx = context.Background()

func TestMain(m *testing.M) {
	scratch.InMemory()
	m.Run()
}

func engine() *render.Generator {
	return &render.Generator{Templates: templates.FS(), Version: "v1.0.0"}
}

// sample makes a project on disk.
func sample(t testing.TB, g *render.Generator, set ...string) string {
	t.Helper()
	o := options.Defaults()
	o.Module = "example.com/shop"
	apply(t, &o, set...)
	secrets, err := render.NewSecrets(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := g.Render(o, secrets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	if _, err := state.Create(ctx, dir, state.Creation{Tree: tree, Options: o, Version: g.Version,
		Generated: g.Owned()}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// apply sets options by pairs of name and value.
func apply(t testing.TB, o *options.Options, set ...string) {
	t.Helper()
	for i := 0; i < len(set); i += 2 {
		d, ok := options.Lookup(set[i])
		if !ok {
			t.Fatalf("no option %q", set[i])
		}
		if err := d.Set(o, set[i+1]); err != nil {
			t.Fatal(err)
		}
	}
}

// changing is the change function for pairs of name and value.
func changing(t testing.TB, set ...string) func(*options.Options) error {
	return func(o *options.Options) error { apply(t, o, set...); return nil }
}

// plan must succeed.
func plan(t testing.TB, g *render.Generator, dir string, o changeset.Options, set ...string) *changeset.Set {
	t.Helper()
	cs, err := regenerate.Plan(ctx, g, dir, changing(t, set...), o)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// run plans and applies without compiling; both must succeed.
func run(t testing.TB, g *render.Generator, dir string, o changeset.Options, set ...string) *changeset.Set {
	t.Helper()
	cs := plan(t, g, dir, o, set...)
	r, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling())
	if err != nil {
		t.Fatal(err)
	}
	cs.Notes = append(cs.Notes, r.Notes...)
	return cs
}

// file finds one file of a set.
func file(cs *changeset.Set, path string) changeset.FileChange {
	for _, f := range cs.Files {
		if f.Path == path {
			return f
		}
	}
	return changeset.FileChange{}
}

func read(t testing.TB, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t testing.TB, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// edit replaces a text that must be there once or more.
func edit(t testing.TB, dir, name, old, new string) {
	t.Helper()
	text := read(t, dir, name)
	if !strings.Contains(text, old) {
		t.Fatalf("%s does not hold %q", name, old)
	}
	write(t, dir, name, strings.Replace(text, old, new, 1))
}

// snapshot holds every file of a project with its mode, what undo keeps left
// out.
func snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		rel = filepath.ToSlash(rel)
		if e.IsDir() {
			if rel == ".sessionseed/undo" {
				return fs.SkipDir
			}
			return nil
		}
		info, err := os.Lstat(name)
		if err != nil {
			return err
		}
		data := ""
		if info.Mode().IsRegular() {
			data = read(t, dir, rel)
		}
		m[rel] = info.Mode().String() + " " + data
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// same reports how two snapshots differ.
func same(t testing.TB, what string, got, want map[string]string) {
	t.Helper()
	for name := range want {
		if _, ok := got[name]; !ok {
			t.Errorf("%s: %s is missing", what, name)
		} else if got[name] != want[name] {
			t.Errorf("%s: %s differs: %.200q, want %.200q", what, name, got[name], want[name])
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: %s should not be there", what, name)
		}
	}
}
