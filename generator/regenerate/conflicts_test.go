package regenerate_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/project"
)

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
	cs := plan(t, g, dir, changeset.Options{}, "corsOrigins", "http://localhost:3000")
	if cs.Blocked() == nil || len(cs.InConflict()) != 1 || len(cs.InConflict()[0].Conflicts) == 0 {
		t.Fatalf("blocked %v, in conflict %v", cs.Blocked(), cs.InConflict())
	}
	same(t, "after planning", snapshot(t, dir), before)

	for choice, want := range map[changeset.ConflictChoice]string{changeset.TakeOurs: "# mine instead",
		changeset.TakeTheirs: "3000", changeset.WithMarkers: "|||||||"} {
		run(t, g, dir, changeset.Options{Conflicts: choice}, "corsOrigins", "http://localhost:3000")
		if got := read(t, dir, ".env.example"); !strings.Contains(got, want) {
			t.Errorf("--conflicts=%s: %s", choice, got)
		}
		if err := project.Undo(dir, engine().Owned()); err != nil {
			t.Fatal(err)
		}
		same(t, "undone", snapshot(t, dir), before)
	}

	run(t, g, dir, changeset.Options{Conflicts: changeset.WithMarkers}, "corsOrigins", "http://localhost:3000")
	if cs := plan(t, g, dir, changeset.Options{}); len(cs.Refused()) != 1 {
		t.Errorf("with markers left: refused %v", cs.Refused())
	}
	write(t, dir, ".env.example", "# settled\n")
	if cs := run(t, g, dir, changeset.Options{}); cs.Blocked() != nil ||
		read(t, dir, ".env.example") != "# settled\n" {
		t.Errorf("settled: blocked %v, the file is %q", cs.Blocked(), read(t, dir, ".env.example"))
	}
	if cs := plan(t, g, dir, changeset.Options{}); cs.Changed() {
		t.Errorf("the run after that changes %s", cs.Diff())
	}
}

// An edited file of a part that is switched off stays in a package that goes on
// without the rest of the part: it says what may come of that, also where markers
// keep the compiler from saying so.
func TestOrphanSaysWhatMayBreak(t *testing.T) {
	g := engine()
	dir := sample(t, g, "tests", "all")
	for _, name := range []string{"internal/web/captcha_test.go", "internal/web/captcha.go"} {
		edit(t, dir, name, "package web\n", "package web\n\n// Mine.\n")
	}
	edit(t, dir, "internal/captcha/captcha_test.go", "import (", "// Mine.\nimport (")
	edit(t, dir, ".env.example", "http://localhost:5173", "http://localhost:4000")
	cs := plan(t, g, dir, changeset.Options{Conflicts: changeset.WithMarkers}, "captcha.enabled", "false",
		"corsOrigins", "http://localhost:3000")
	for name, want := range map[string]string{
		"internal/web/captcha_test.go": "may fail or not compile without the rest: delete it, or move your " +
			"edit elsewhere",
		"internal/web/captcha.go":          "may not compile without the rest: delete it, or move your edit elsewhere",
		"internal/captcha/captcha_test.go": "it stays because you edited it",
	} {
		f := file(cs, name)
		whole := strings.HasPrefix(name, "internal/captcha/")
		if f.Action != changeset.Orphan || !strings.Contains(f.Note, want) || whole &&
			strings.Contains(f.Note, "compile") {
			t.Errorf("%s: %s, %q, want %s, %q, and \"compile\" left out: %t", name, f.Action, f.Note, changeset.Orphan,
				want, whole)
		}
	}
	r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{})
	if err != nil || len(r.Notes) != 1 ||
		!strings.Contains(r.Notes[0], "internal/web/captcha.go, internal/web/captcha_test.go") ||
		strings.Contains(r.Notes[0], "layout_test.go") {
		t.Errorf("Apply = %+v, %v", r, err)
	}
}
