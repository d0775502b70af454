package regenerate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
)

// withStoreElsewhere makes a project whose owner opens the store in a package
// of their own, by the name that its import has there.
func withStoreElsewhere(t *testing.T, g *render.Generator, store, imported string) string {
	t.Helper()
	dir := sample(t, g, "store", store, "captcha.enabled", "false", "demo", "false")
	edit(t, dir, "main.go", "\tstore \"example.com/shop/internal/store/"+store+"\"\n",
		"\t\"example.com/shop/internal/open\"\n")
	edit(t, dir, "main.go", "store.Open(", "open.Store(")
	write(t, dir, "internal/open/open.go", `package open

import (
	"context"

	`+imported+`"example.com/shop/internal/store/`+store+`"
)

// Store opens what holds the sessions.
func Store(ctx context.Context, url string) (*store.Store, error) { return store.Open(ctx, url) }
`)
	return dir
}

// The service of an owner who opens the store in a file of their own goes on
// with the store of before until that file says otherwise; the run and every
// check until then say so.
func TestStoreOpenedElsewhere(t *testing.T) {
	g := engine()
	dir := withStoreElsewhere(t, g, "memory", "store ")
	const fact = `internal/open/open.go imports "example.com/shop/internal/store/memory"`
	const instead = `"example.com/shop/internal/store/cookie"`
	cs := run(t, g, dir, changeset.Options{}, "store", "cookie")
	if len(cs.Notes) != 1 || !strings.Contains(cs.Notes[0], fact) || !strings.Contains(cs.Notes[0], instead) {
		t.Errorf("notes %q", cs.Notes)
	}
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "store" ||
		drift.Findings[0].Path != "internal/open/open.go" ||
		!strings.Contains(drift.Findings[0].Hint, instead) {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	if cs := plan(t, g, dir, changeset.Options{}); cs.Changed() || len(cs.Notes) != 1 {
		t.Errorf("the next run: changes %v, notes %q", cs.Changed(), cs.Notes)
	}
	edit(t, dir, "internal/open/open.go", "store/memory", "store/cookie")
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check once the import is changed = %+v, %v", drift, err)
	}

	// With a store of the owner's own nobody looks for the server of the chosen one.
	own := sample(t, g, "demo", "false", "captcha.enabled", "false")
	write(t, own, "internal/mystore/mystore.go", "package mystore\n\n"+
		"import \"example.com/shop/internal/store/memory\"\n\nvar Open = memory.Open\n")
	edit(t, own, "main.go", "internal/store/memory", "internal/mystore")
	if cs := plan(t, g, own, changeset.Options{}, "store", "redis"); slices.ContainsFunc(cs.Notes,
		func(n string) bool { return strings.Contains(n, "looks for Redis") }) || len(cs.Notes) == 0 {
		t.Errorf("notes %q", cs.Notes)
	}

	// Another store beside the chosen one is the owner's affair, and so is one in a test.
	other := sample(t, g, "store", "cookie")
	const uses = "package mine\n\nimport _ \"example.com/shop/internal/store/memory\"\n"
	write(t, other, "mine/mine.go", uses)
	write(t, dir, "mine/mine_test.go", uses)
	for _, dir := range []string{dir, other} {
		if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
			t.Errorf("Check = %+v, %v", drift, err)
		}
	}
}
