package regenerate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// removeTests removes the tests of a directory.
func removeTests(t *testing.T, dir, of string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, of, "*_test.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s has the tests %q, %v", of, names, err)
	}
	for _, name := range names {
		os.Remove(name)
	}
}

// A new test that needs a helper of a test which the owner deleted is left out and
// named, and the run goes on; --restore brings both back.
func TestLeavesOutTestsThatNeedDeletedOnes(t *testing.T) {
	g := engine()
	dir := sample(t, g, "demo", "false", "captcha.enabled", "false")
	removeTests(t, dir, "internal/web")
	cs := plan(t, g, dir, changeset.Options{}, "csrfToken", "true")
	const test = "internal/web/csrf_test.go"
	f := file(cs, test)
	if f.Action != changeset.DeletedByOwner || !f.News() ||
		!strings.Contains(f.Note, "internal/web/harness_test.go, which you deleted") {
		t.Errorf("%s: %s, %q, news %v", test, f.Action, f.Note, f.News())
	}
	if len(cs.Notes) != 1 || !strings.HasPrefix(cs.Notes[0], test+" is left out") {
		t.Errorf("notes %q", cs.Notes)
	}
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
		t.Fatalf("Apply = %+v, %v", r, err)
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	if cs := plan(t, g, dir, changeset.Options{}); cs.Changed() || len(cs.Notes) > 0 {
		t.Errorf("the next run changes %s, notes %q", cs.Diff(), cs.Notes)
	}
	cs = run(t, g, dir, changeset.Options{Restore: true})
	for _, name := range []string{test, "internal/web/harness_test.go"} {
		if f := file(cs, name); f.Action != changeset.Add {
			t.Errorf("%s with --restore: %s", name, f.Action)
		}
	}
}

// A test is not left out for what it does not need: a helper of the owner's own in the
// place of the deleted one will do.
func TestTestsThatNeedNoDeletedOne(t *testing.T) {
	g := engine()
	dir := sample(t, g, "demo", "false", "captcha.enabled", "false")
	text := read(t, dir, "internal/web/harness_test.go")
	removeTests(t, dir, "internal/web")
	write(t, dir, "internal/web/mine_test.go", "// Mine.\n\n"+text[strings.Index(text, "package "):])
	cs := plan(t, g, dir, changeset.Options{}, "csrfToken", "true")
	if f := file(cs, "internal/web/csrf_test.go"); f.Action != changeset.Add {
		t.Errorf("%s, %q", f.Action, f.Note)
	}

}

// A package that only tests use counts as well, and so does what a test that is
// left out would have declared.
func TestTestsThatNeedADeletedPackage(t *testing.T) {
	g := engine()
	dir := sample(t, g, "demo", "false", "captcha.enabled", "false")
	os.RemoveAll(filepath.Join(dir, "internal/session/sessiontest"))
	removeTests(t, dir, "internal/web")
	cs := plan(t, g, dir, changeset.Options{}, "tests", "all")
	left := 0
	for _, f := range cs.Files {
		if strings.Contains(f.Note, "is left out") {
			left++
		}
	}
	if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified || left == 0 {
		t.Errorf("Apply with %d tests left out = %+v, %v", left, r, err)
	}
}
