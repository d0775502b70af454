//go:build long

package regenerate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// A file of the owner's beside the packages of the stores opens one as any other
// file does, and the import that is named for it keeps the name which it uses.
func TestStoreOpenedBesideTheStores(t *testing.T) {
	g := engine()
	for imported, instead := range map[string]string{"": "memory ", "store ": "store "} {
		dir := withStoreElsewhere(t, g, "memory", imported)
		text := strings.ReplaceAll(read(t, dir, "internal/open/open.go"), "package open", "package store")
		if imported == "" {
			text = strings.NewReplacer("*store.", "*memory.", "store.Open", "memory.Open").Replace(text)
		}
		os.RemoveAll(filepath.Join(dir, "internal", "open"))
		const name = "internal/store/opened.go"
		write(t, dir, name, text)
		edit(t, dir, "main.go", "internal/open\"", "internal/store\"")
		edit(t, dir, "main.go", "open.Store(", "store.Store(")
		edit(t, dir, "sessionseed.yaml", "\nstore: memory", "\nstore: cookie")

		want := instead + `"example.com/shop/internal/store/cookie"`
		cs := plan(t, g, dir, changeset.Options{})
		_, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
		var broken *changeset.CompileError
		if !errors.As(err, &broken) || len(broken.Dependents) != 1 ||
			!strings.HasSuffix(broken.Dependents[0], "import "+want+" there first") {
			t.Fatalf("Apply: %v, %#v", err, broken)
		}
		run(t, g, dir, changeset.Options{})
		drift, err := regenerate.Check(ctx, g, dir)
		if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "store" ||
			drift.Findings[0].Path != name {
			t.Errorf("Check = %+v, %v", drift, err)
		}

		// The remedy, to the letter, before the run.
		if err := project.Undo(dir, engine().Owned()); err != nil {
			t.Fatal(err)
		}
		edit(t, dir, name, imported+`"example.com/shop/internal/store/memory"`, want)
		cs = plan(t, g, dir, changeset.Options{})
		if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
			broken = &changeset.CompileError{}
			errors.As(err, &broken)
			t.Errorf("Apply after the remedy = %+v, %v, %s", r, err, broken.Output)
		}
		if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
			t.Errorf("Check after the remedy = %+v, %v", drift, err)
		}
	}
}

// Where the store's package goes away and an owner's file imports it, the run
// stops, and says which import to change; once that is done it goes on.
func TestStoreGoesThatIsImported(t *testing.T) {
	g := engine()
	dir := withStoreElsewhere(t, g, "cookie", "store ")
	before := snapshot(t, dir)
	cs := plan(t, g, dir, changeset.Options{}, "store", "memory")
	_, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	var broken *changeset.CompileError
	want := []string{`internal/open/open.go imports "example.com/shop/internal/store/cookie", which this run ` +
		`removes: import store "example.com/shop/internal/store/memory" there first`}
	if !errors.As(err, &broken) || !slices.Equal(broken.Dependents, want) {
		t.Fatalf("Apply: %v, %#v", err, broken)
	}
	same(t, "after the refusal", snapshot(t, dir), before)

	edit(t, dir, "internal/open/open.go", "store/cookie", "store/memory")
	cs = plan(t, g, dir, changeset.Options{}, "store", "memory")
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified || len(cs.Notes) > 0 {
		t.Errorf("once the import is changed: %+v, %v, notes %q", r, err, cs.Notes)
	}

	// The same for any other package that goes, and without a compiler.
	t.Setenv("PATH", t.TempDir())
	dir = sample(t, g)
	write(t, dir, "mine/mine.go", "package mine\n\nimport _ \"example.com/shop/internal/captcha\"\n")
	cs = plan(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
	if len(cs.Notes) != 1 ||
		!strings.Contains(cs.Notes[0],
			`mine/mine.go imports "example.com/shop/internal/captcha", which this run removes`) {
		t.Errorf("notes %q", cs.Notes)
	}
	os.Remove(filepath.Join(dir, "mine", "mine.go"))
	if cs = plan(t, g, dir, changeset.Options{}, "captcha.enabled", "false"); len(cs.Notes) > 0 {
		t.Errorf("without the import: notes %q", cs.Notes)
	}
}
