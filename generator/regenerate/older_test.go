package regenerate_test

import (
	"archive/zip"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
	"github.com/sessionseed/sessionseed/templates"
)

const olderProject = "testdata/older/project.zip"

// TestMakeOlder writes olderProject again if SESSIONSEED_OLDER is set: what a
// generator v0.9.0 makes whose template has one file more, no test files, and
// another text of two files. It is to stay as it is while the generator moves
// on, so in an ordinary run there is nothing to do.
func TestMakeOlder(t *testing.T) {
	if os.Getenv("SESSIONSEED_OLDER") == "" {
		return
	}
	old := fstest.MapFS{"service/internal/config/legacy.go": {Data: []byte("package config\n\n// Legacy is no " +
		"longer in use.\nconst Legacy = true\n")}}
	err := fs.WalkDir(templates.FS(), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(name, "_test.go") {
			return err
		}
		data, err := fs.ReadFile(templates.FS(), name)
		switch name {
		case "service/main.go":
			data = append(data, "\n// olderMain was dropped later.\nconst olderMain = true\n"...)
		case "text/gitignore.tmpl":
			data = append(data, "/older\n"...)
		}
		old[name] = &fstest.MapFile{Data: data}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	o := options.Defaults()
	apply(t, &o, "module", "example.com/shop", "captcha.enabled", "false", "demo", "false", "docker", "false", "ci",
		"false")
	secrets, err := render.NewSecrets(rand.NewChaCha8([32]byte{1}))
	if err != nil {
		t.Fatal(err)
	}
	whole, err := (&render.Generator{Templates: old, Version: "v0.9.0"}).Render(o, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if whole, err = state.WithState(whole, o, "v0.9.0", engine().Owned()); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(olderProject), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(olderProject)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	w := zip.NewWriter(out)
	for _, f := range whole.Files {
		if f.Class == tree.Secret { // as in a fresh clone
			continue
		}
		e, err := w.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(f.Data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A project of an older generator, edited by its owner, comes forward without
// the network.
func TestOlderProject(t *testing.T) {
	t.Setenv("GOPROXY", "off")
	r, err := zip.OpenReader(olderProject)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	dir := t.TempDir()
	if err := os.CopyFS(dir, r); err != nil {
		t.Fatal(err)
	}
	edit(t, dir, "main.go", "package main\n", "package main\n\n// Mine in main.\n")
	write(t, dir, ".gitignore", "# mine\n"+read(t, dir, ".gitignore"))
	write(t, dir, "mine/mine.go",
		"package mine\n\nimport \"example.com/shop/internal/config\"\n\n// Name is mine.\nconst Name = "+
			"config.CookieName\n")
	write(t, dir, ".env", "MINE=1\n")

	g := engine()
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "generator" ||
		!strings.Contains(drift.Findings[0].Fact, "v0.9.0") {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	cs := plan(t, g, dir, changeset.Options{})
	if cs.From != "v0.9.0" || cs.To != "v1.0.0" || len(cs.Options) > 0 {
		t.Errorf("from %s to %s, options %v", cs.From, cs.To, cs.Options)
	}
	for name, want := range map[string]changeset.Action{
		"main.go": changeset.Merge, ".gitignore": changeset.Merge, "internal/config/legacy.go": changeset.Delete,
	} {
		if f := file(cs, name); f.Action != want {
			t.Errorf("%s: %s, want %s", name, f.Action, want)
		}
	}
	if cs.Count(changeset.Add) == 0 {
		t.Error("nothing is added")
	}
	result, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	if err != nil || !result.Verified {
		t.Fatalf("Apply = %+v, %v", result, err)
	}
	main, ignore := read(t, dir, "main.go"), read(t, dir, ".gitignore")
	if !strings.Contains(main, "// Mine in main.") || strings.Contains(main, "olderMain") {
		t.Error("main.go was not merged")
	}
	if !strings.HasPrefix(ignore, "# mine\n") || strings.Contains(ignore, "/older") {
		t.Errorf(".gitignore was not merged: %q", ignore)
	}
	if !strings.HasPrefix(read(t, dir, ".env"), "MINE=1\n") {
		t.Error(".env lost a line")
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check afterwards = %+v, %v", drift, err)
	}
}

// An older generator does not take a project back by mistake.
func TestNewerProject(t *testing.T) {
	newer := engine()
	newer.Version = "v1.10.0"
	dir := sample(t, newer)
	g := engine()
	g.Version = "v1.9.0"
	_, err := regenerate.Plan(ctx, g, dir, nil, changeset.Options{})
	if p := problem.List(err); len(p) != 1 || !strings.Contains(p[0].Fact, "v1.10.0, which is newer") ||
		p[0].Hint == "" {
		t.Errorf("Plan: %v with the hints %q", err, hintsOf(err))
	}
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "generator" {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	if cs := plan(t, g, dir, changeset.Options{Downgrade: true}); cs.From != "v1.10.0" || cs.To != "v1.9.0" {
		t.Errorf("forced: from %s to %s", cs.From, cs.To)
	}
	g.Version = "(devel)"
	plan(t, g, dir, changeset.Options{})
}

// Options in the state that this generator does not know are passed over: the others
// keep their values, and one that the state lacks takes its default.
func TestOptionsOfOtherVersions(t *testing.T) {
	g := engine()
	dir := sample(t, g, "maxAge", "3h")
	edit(t, dir, ".sessionseed/manifest.json", `"options": {`, `"options": {"dropped": ["x"],`)
	manifest := read(t, dir, ".sessionseed/manifest.json")
	start := strings.Index(manifest, `"captcha.tries"`)
	end := start + strings.Index(manifest[start:], "],") + 3
	write(t, dir, ".sessionseed/manifest.json", manifest[:start]+manifest[end:])
	os.Remove(filepath.Join(dir, "sessionseed.yaml"))
	o, err := state.CurrentOptions(dir, engine().Owned())
	if err != nil || o.MaxAge != 3*time.Hour || o.Captcha.Tries != options.Defaults().Captcha.Tries {
		t.Errorf("CurrentOptions: maxAge %v, tries %d, %v", o.MaxAge, o.Captcha.Tries, err)
	}
}
