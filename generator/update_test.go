package generator_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator"
	"github.com/sessionseed/sessionseed/templates"
)

var ctx = context.Background()

func engine() *generator.Generator {
	return &generator.Generator{Templates: templates.FS(), Version: "v1.0.0"}
}

// sample makes a project on disk.
func sample(t testing.TB, g *generator.Generator, set ...string) string {
	t.Helper()
	o := generator.Defaults()
	o.Module = "example.com/shop"
	apply(t, &o, set...)
	secrets, err := generator.NewSecrets(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	tree, err := g.Render(o, secrets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "shop")
	if err := generator.Create(ctx, dir, tree, false); err != nil {
		t.Fatal(err)
	}
	return dir
}

// apply sets options by pairs of name and value.
func apply(t testing.TB, o *generator.Options, set ...string) {
	t.Helper()
	for i := 0; i < len(set); i += 2 {
		d, ok := generator.Lookup(set[i])
		if !ok {
			t.Fatalf("no option %q", set[i])
		}
		if err := d.Set(o, set[i+1]); err != nil {
			t.Fatal(err)
		}
	}
}

// changing is the change function for pairs of name and value.
func changing(t testing.TB, set ...string) func(*generator.Options) error {
	return func(o *generator.Options) error { apply(t, o, set...); return nil }
}

// plan must succeed.
func plan(t testing.TB, g *generator.Generator, dir string, o generator.UpdateOptions, set ...string) *generator.ChangeSet {
	t.Helper()
	cs, err := g.PlanUpdate(ctx, dir, changing(t, set...), o)
	if err != nil {
		t.Fatal(err)
	}
	return cs
}

// regenerate plans and applies without compiling; both must succeed.
func regenerate(t testing.TB, g *generator.Generator, dir string, o generator.UpdateOptions, set ...string) *generator.ChangeSet {
	t.Helper()
	cs := plan(t, g, dir, o, set...)
	if _, err := g.Apply(ctx, cs, generator.WithoutCompiling()); err != nil {
		t.Fatal(err)
	}
	return cs
}

// file finds one file of a set.
func file(cs *generator.ChangeSet, path string) generator.FileChange {
	for _, f := range cs.Files {
		if f.Path == path {
			return f
		}
	}
	return generator.FileChange{}
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
			t.Errorf("%s: %s is too many", what, name)
		}
	}
}

func TestNothingToDo(t *testing.T) {
	g, before := engine(), map[string]string(nil)
	dir := sample(t, g)
	before = snapshot(t, dir)
	cs := plan(t, g, dir, generator.UpdateOptions{})
	if cs.Changed() || cs.Blocked() != nil || len(cs.Options) > 0 {
		t.Errorf("a fresh project: changed %v, blocked %v, options %v, diff %s", cs.Changed(), cs.Blocked(), cs.Options, cs.Diff())
	}
	regenerate(t, g, dir, generator.UpdateOptions{})
	same(t, "after a run without a change", snapshot(t, dir), before)
}

func TestChangeValueAndStore(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	cs := regenerate(t, g, dir, generator.UpdateOptions{}, "key", "shop.sid", "store", "sqlite")
	for _, f := range cs.Files {
		if f.Action != generator.Unchanged {
			t.Logf("%s %s %v %s", f.Action, f.Path, f.Why, f.Note)
		}
	}
}

func TestOwnersEditsStay(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "README.md", "\n", "\nMine in the README.\n")
	edit(t, dir, "internal/captcha/cut.go", "package captcha\n", "package captcha\n\n// Mine in the captcha.\n")
	os.Remove(filepath.Join(dir, "compose.yaml"))
	edit(t, dir, "sessionseed.yaml", "key: ", "# mine above key\nkey: ")
	env := read(t, dir, ".env")
	cs := regenerate(t, g, dir, generator.UpdateOptions{}, "captcha.enabled", "false", "docker", "false", "key", "shop.sid")

	if f := file(cs, "internal/captcha/cut.go"); f.Action != generator.Orphan {
		t.Errorf("an edited file of a component switched off: %s", f.Action)
	}
	if f := file(cs, "internal/captcha/svg.go"); f.Action != generator.Orphan || !strings.Contains(f.Note, "cut.go") {
		t.Errorf("the rest of its package: %s, %q", f.Action, f.Note)
	}
	if f := file(cs, "internal/web/code.go"); f.Action != generator.Delete {
		t.Errorf("an unedited file of a component switched off: %s", f.Action)
	}
	if !strings.Contains(read(t, dir, "README.md"), "Mine in the README.") {
		t.Error("the README lost an edit")
	}
	if yaml := read(t, dir, "sessionseed.yaml"); !strings.Contains(yaml, "# mine above key\nkey: \"shop.sid\"") {
		t.Errorf("sessionseed.yaml lost a comment: %s", yaml)
	}
	if read(t, dir, ".env") != env {
		t.Error(".env was touched")
	}
	if again := plan(t, g, dir, generator.UpdateOptions{}); again.Changed() {
		t.Errorf("the second run changes %s", again.Diff())
	}

	// On again: what stayed is merged, not refused.
	cs = regenerate(t, g, dir, generator.UpdateOptions{}, "captcha.enabled", "true", "docker", "true")
	if !strings.Contains(read(t, dir, "internal/captcha/cut.go"), "Mine in the captcha.") {
		t.Error("switching the component on again lost an edit")
	}
	if f := file(cs, "internal/web/code.go"); f.Action != generator.Add {
		t.Errorf("a file of a component switched on: %s", f.Action)
	}
}

func TestNotOurs(t *testing.T) {
	g := engine()
	dir := sample(t, g, "captcha.enabled", "false", "demo", "false")
	write(t, dir, "internal/web/code.go", "package web\n")
	before := snapshot(t, dir)
	cs := plan(t, g, dir, generator.UpdateOptions{}, "captcha.enabled", "true")
	if len(cs.Refused()) != 1 || cs.Refused()[0].Path != "internal/web/code.go" {
		t.Errorf("refused: %v", cs.Refused())
	}
	if _, err := g.Apply(ctx, cs, generator.WithoutCompiling()); err == nil {
		t.Error("a blocked set was applied")
	}
	same(t, "after a refusal", snapshot(t, dir), before)
	regenerate(t, g, dir, generator.UpdateOptions{Force: true}, "captcha.enabled", "true")
	if read(t, dir, "internal/web/code.go") == "package web\n" {
		t.Error("--force did not replace the file")
	}
}

func TestHandEditedYAML(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "sessionseed.yaml", "\nmaxAge: "+generator.FormatDuration(24*time.Hour), "\nmaxAge: 3600000 # koa's milliseconds")
	drift, err := g.Check(ctx, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "options" {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	cs := regenerate(t, g, dir, generator.UpdateOptions{})
	if len(cs.Options) != 1 || cs.Options[0].Name != "maxAge" {
		t.Errorf("options = %v", cs.Options)
	}
	if !strings.Contains(read(t, dir, "sessionseed.yaml"), "maxAge: 3600000 # koa's milliseconds") {
		t.Error("the spelling of the value changed")
	}
	if f := file(cs, "internal/config/defaults.go"); f.Action != generator.Update || len(f.Why) != 1 || f.Why[0] != "maxAge" {
		t.Errorf("defaults.go: %s because of %v", f.Action, f.Why)
	}
	if drift, err := g.Check(ctx, dir); err != nil || !drift.InStep() {
		t.Errorf("Check afterwards = %+v, %v", drift, err)
	}
}

func TestCheckFinds(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "internal/config/defaults.go", "koa.sess", "mine")
	edit(t, dir, "README.md", "\n", "\n<<<<<<< yours\na\n=======\nb\n>>>>>>> new\n")
	drift, err := g.Check(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{}
	for _, f := range drift.Findings {
		codes[f.Code] = f.Path
	}
	if codes["tampered"] != "internal/config/defaults.go" || codes["markers"] != "README.md" || len(codes) != 2 {
		t.Errorf("findings = %+v", drift.Findings)
	}
	newer := engine()
	newer.Version = "v2.0.0"
	if drift, err := newer.Check(ctx, sample(t, g)); err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "generator" {
		t.Errorf("by a newer generator: %+v, %v", drift, err)
	}
}

func TestConflicts(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	line := func() string {
		for l := range strings.Lines(read(t, dir, ".env.example")) {
			if strings.Contains(l, "5173") {
				return l
			}
		}
		t.Fatal("the origin is not in .env.example")
		return ""
	}
	edit(t, dir, ".env.example", line(), "# mine instead of the origin 5173\n")
	before := snapshot(t, dir)
	cs := plan(t, g, dir, generator.UpdateOptions{}, "corsOrigins", "http://localhost:3000")
	if cs.Blocked() == nil || len(cs.InConflict()) != 1 || len(cs.InConflict()[0].Conflicts) == 0 {
		t.Fatalf("blocked %v, in conflict %v", cs.Blocked(), cs.InConflict())
	}
	same(t, "after planning", snapshot(t, dir), before)

	for choice, want := range map[generator.ConflictChoice]string{generator.TakeOurs: "# mine instead", generator.TakeTheirs: "3000", generator.WithMarkers: "|||||||"} {
		regenerate(t, g, dir, generator.UpdateOptions{Conflicts: choice}, "corsOrigins", "http://localhost:3000")
		if got := read(t, dir, ".env.example"); !strings.Contains(got, want) {
			t.Errorf("--conflicts=%s: %s", choice, got)
		}
		if err := generator.Undo(dir); err != nil {
			t.Fatal(err)
		}
		same(t, "undone", snapshot(t, dir), before)
	}

	regenerate(t, g, dir, generator.UpdateOptions{Conflicts: generator.WithMarkers}, "corsOrigins", "http://localhost:3000")
	if cs := plan(t, g, dir, generator.UpdateOptions{}); len(cs.Refused()) != 1 {
		t.Errorf("with markers left: refused %v", cs.Refused())
	}
	write(t, dir, ".env.example", "# settled\n")
	if cs := regenerate(t, g, dir, generator.UpdateOptions{}); cs.Blocked() != nil || read(t, dir, ".env.example") != "# settled\n" {
		t.Errorf("settled: blocked %v", cs.Blocked())
	}
	if cs := plan(t, g, dir, generator.UpdateOptions{}); cs.Changed() {
		t.Errorf("the run after that changes %s", cs.Diff())
	}
}

func TestSymbolicLinks(t *testing.T) {
	g := engine()
	outside := t.TempDir()
	write(t, outside, "README.md", "outside\n")
	write(t, outside, "web/routes.go", "outside\n")
	for name, target := range map[string]string{"README.md": "README.md", "internal/web": "web"} {
		t.Run(name, func(t *testing.T) {
			dir := sample(t, g)
			link := filepath.Join(dir, filepath.FromSlash(name))
			os.RemoveAll(link)
			if err := os.Symlink(filepath.Join(outside, target), link); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, outside)
			cs := plan(t, g, dir, generator.UpdateOptions{Force: true}, "captcha.enabled", "false")
			if len(cs.Refused()) == 0 {
				t.Error("nothing is refused")
			}
			g.Apply(ctx, cs, generator.WithoutCompiling())
			same(t, "outside", snapshot(t, outside), before)
		})
	}
}

func TestApplyRefuses(t *testing.T) {
	g := engine()
	tests := []struct {
		name, want string
		spoil      func(t *testing.T, dir string)
	}{
		{"read-only file", "README.md is read-only", func(t *testing.T, dir string) { os.Chmod(filepath.Join(dir, "README.md"), 0o444) }},
		{"changed since the plan", "README.md was changed", func(t *testing.T, dir string) { edit(t, dir, "README.md", "\n", "\nmine\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := sample(t, g)
			if tt.name == "read-only file" {
				tt.spoil(t, dir)
			}
			cs := plan(t, g, dir, generator.UpdateOptions{}, "key", "shop.sid")
			if tt.name != "read-only file" {
				tt.spoil(t, dir)
			}
			before := snapshot(t, dir)
			if _, err := g.Apply(ctx, cs, generator.WithoutCompiling()); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Apply: %v, want %q", err, tt.want)
			}
			same(t, "after a refusal", snapshot(t, dir), before)
		})
	}
	t.Run("two at once", func(t *testing.T) {
		dir := sample(t, g)
		cs := plan(t, g, dir, generator.UpdateOptions{}, "key", "shop.sid")
		var second error
		if _, err := g.Apply(ctx, cs, generator.AtEachStep(func(string) error {
			_, second = g.Apply(ctx, cs, generator.WithoutCompiling())
			return nil
		})); err != nil || second != generator.ErrBusy {
			t.Errorf("first %v, second %v", err, second)
		}
	})
	t.Run("changed while it is applied", func(t *testing.T) {
		dir := sample(t, g)
		cs := plan(t, g, dir, generator.UpdateOptions{}, "key", "shop.sid")
		if _, err := g.Apply(ctx, cs, generator.AtEachStep(func(step string) error {
			if step == "commit journal" {
				edit(t, dir, "sessionseed.yaml", "\n", "\n# mine\n")
			}
			return nil
		})); err == nil || !strings.Contains(err.Error(), "sessionseed.yaml was changed") {
			t.Errorf("Apply: %v", err)
		}
		if cs := plan(t, g, dir, generator.UpdateOptions{}); len(cs.Options) > 0 || !strings.Contains(read(t, dir, "sessionseed.yaml"), "# mine") {
			t.Errorf("not rolled back: %v", cs.Options)
		}
	})
}

// The whole way with the compiler: the module path moves in the owner's files
// too, and what does not compile is not applied.
func TestCompiled(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	write(t, dir, "mine/mine.go", "package mine\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/shop/internal/config\"\n)\n\n// Name is mine.\nfunc Name() string { return fmt.Sprint(config.CookieName) }\n")
	cs := plan(t, g, dir, generator.UpdateOptions{}, "module", "example.org/other", "captcha.enabled", "false", "demo", "false")
	r, err := g.Apply(ctx, cs, generator.ApplyOptions{})
	if err != nil || !r.Verified {
		t.Fatalf("Apply = %+v, %v", r, err)
	}
	if got := read(t, dir, "mine/mine.go"); !strings.Contains(got, "\"example.org/other/internal/config\"") {
		t.Errorf("the owner's import: %s", got)
	}
	write(t, dir, "mine/broken.go", "package mine\n\nvar x = undefinedName\n")
	before := snapshot(t, dir)
	cs = plan(t, g, dir, generator.UpdateOptions{}, "key", "other.sid")
	_, err = g.Apply(ctx, cs, generator.ApplyOptions{})
	var broken *generator.CompileError
	if !errors.As(err, &broken) || !strings.Contains(broken.Output, "undefinedName") {
		t.Errorf("Apply of what does not compile: %v", err)
	}
	same(t, "after a failed compile", snapshot(t, dir), before)
	r, err = g.Apply(ctx, cs, generator.ApplyOptions{NoVerify: true})
	if err != nil || r.Verified || !strings.Contains(r.Broken, "undefinedName") {
		t.Errorf("with NoVerify: %+v, %v", r, err)
	}
	t.Setenv("PATH", t.TempDir())
	cs = plan(t, g, dir, generator.UpdateOptions{}, "key", "third.sid")
	if r, err := g.Apply(ctx, cs, generator.ApplyOptions{}); err != nil || !strings.Contains(r.Unverified, "no go command") {
		t.Errorf("without Go: %+v, %v", r, err)
	}
}

// go vet changes into the directory of each package, also of one that so far
// exists in the stage alone.
func TestCompiledWithANewPackage(t *testing.T) {
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
	cs := plan(t, g, dir, generator.UpdateOptions{}, "store", "cookie", "captcha.enabled", "true")
	var broken *generator.CompileError
	if _, err := g.Apply(ctx, cs, generator.ApplyOptions{}); !errors.As(err, &broken) {
		t.Errorf("Apply of what does not compile: %v", err)
	}
	if after := dirs(); !slices.Equal(before, after) {
		t.Errorf("a refused run left directories behind: %q, before %q", after, before)
	}
	if err := os.Remove(filepath.Join(dir, "broken.go")); err != nil {
		t.Fatal(err)
	}
	cs = plan(t, g, dir, generator.UpdateOptions{}, "store", "cookie", "captcha.enabled", "true")
	if r, err := g.Apply(ctx, cs, generator.ApplyOptions{}); err != nil || !r.Verified {
		t.Fatalf("Apply = %+v, %v", r, err)
	}
}

func TestAdopt(t *testing.T) {
	g := engine()
	dir := sample(t, g, "key", "mine.sid")
	edit(t, dir, "README.md", "\n", "\nMine.\n")
	os.RemoveAll(filepath.Join(dir, ".sessionseed"))
	before := snapshot(t, dir)
	_, err := g.PlanUpdate(ctx, dir, nil, generator.UpdateOptions{})
	if p := generator.Problems(err); len(p) != 1 || !strings.Contains(p[0].Hint, "--adopt") {
		t.Errorf("without state: %v", err)
	}
	regenerate(t, g, dir, generator.UpdateOptions{Adopt: true})
	after := snapshot(t, dir)
	for name := range after {
		if strings.HasPrefix(name, ".sessionseed/") {
			delete(after, name)
		}
	}
	same(t, "adopted", after, before)
	cs := regenerate(t, g, dir, generator.UpdateOptions{}, "store", "redis")
	if len(cs.Options) != 1 || !strings.Contains(read(t, dir, "README.md"), "Mine.") {
		t.Errorf("after adoption: options %v", cs.Options)
	}
}

func TestRenamedByTheOwner(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	os.Rename(filepath.Join(dir, "internal/web/routes.go"), filepath.Join(dir, "internal/web/router.go"))
	cs := regenerate(t, g, dir, generator.UpdateOptions{}, "captcha.enabled", "false")
	if f := file(cs, "internal/web/router.go"); f.RenamedFrom != "internal/web/routes.go" || f.Action != generator.Update {
		t.Errorf("the renamed file: %s from %q", f.Action, f.RenamedFrom)
	}
	if _, err := os.Stat(filepath.Join(dir, "internal/web/routes.go")); err == nil {
		t.Error("the old name came back")
	}
	if cs := plan(t, g, dir, generator.UpdateOptions{}); cs.Changed() {
		t.Errorf("the second run changes %s", cs.Diff())
	}
}
