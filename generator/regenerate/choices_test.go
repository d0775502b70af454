package regenerate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// A conflict in Go is shown with what the compiler says of each side, and the
// remedy names a side that compiles, or none.
func TestChoices(t *testing.T) {
	t.Parallel()
	const parts = "internal/web/parts.go"
	for _, tt := range []struct {
		name, old, new, mine string
		ours, theirs         bool // compile
		hint                 string
	}{
		{"theirs compiles", "\tnewCaptcha,\n", "\tnewMine(newCaptcha),\n",
			"func newMine(next func(*app) (part, error)) func(*app) (part, error) { return next }\n",
			false, true, "same options and --conflicts=" + parts + "=theirs, which compiles; or with "},
		{"ours compiles", "\tnewCaptcha,\n", "\tnewMine,\n",
			"func newMine(*app) (part, error) { return part{}, nil }\n",
			true, true, "--conflicts=" + parts + "=ours, or --conflicts=" + parts + "=theirs, which compiles; or "},
		{"none compiles", "\tCode pendingCode `json:\"c,omitzero\"`\n", "\tCode *pendingCode `json:\"c,omitzero\"`\n",
			"func (f partFields) mine() bool { return f.Code != nil }\n", false, false, "no side alone compiles: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := engine()
			dir := sample(t, g, "demo", "false")
			edit(t, dir, parts, tt.old, tt.new)
			write(t, dir, "internal/web/mine.go", "package web\n\n"+tt.mine)
			before := snapshot(t, dir)
			change := changing(t, "captcha.enabled", "false")
			cs := plan(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
			if err := regenerate.TryChoices(ctx, g, cs, change); err != nil {
				t.Fatal(err)
			}
			if len(cs.Choices) != 2 || cs.Choices[0].Compiles != tt.ours || cs.Choices[1].Compiles != tt.theirs {
				t.Errorf("choices %+v, want %v and %v", cs.Choices, tt.ours, tt.theirs)
			}
			for _, c := range cs.Choices {
				if c.Compiles != (c.Fault == "") {
					t.Errorf("%s: compiles %v, %q", c.Flags(), c.Compiles, c.Fault)
				}
			}
			if err := cs.Blocked(); err == nil || !strings.Contains(blockedHint(cs), tt.hint) {
				t.Errorf("blocked: %v, the remedy is %q, want %q", err, blockedHint(cs), tt.hint)
			}
			same(t, "after trying", snapshot(t, dir), before)
		})
	}
}

// A choice for one file leaves the conflict of another alone.
func TestConflictsInOneFile(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, ".env.example", "http://localhost:5173", "http://localhost:1")
	edit(t, dir, "README.md", "http://localhost:5173", "http://localhost:1")
	set := []string{"corsOrigins", "http://localhost:3000"}
	all := plan(t, g, dir, changeset.Options{}, set...)
	if len(all.InConflict()) != 2 {
		t.Fatalf("in conflict: %v", all.InConflict())
	}
	in := map[string]changeset.ConflictChoice{".env.example": changeset.TakeOurs}
	cs := plan(t, g, dir, changeset.Options{ConflictsIn: in}, set...)
	if c := cs.InConflict(); len(c) != 1 || c[0].Path != "README.md" || cs.Blocked() == nil {
		t.Errorf("in conflict: %v, blocked: %v", c, cs.Blocked())
	}
	in["README.md"] = changeset.TakeTheirs
	run(t, g, dir, changeset.Options{ConflictsIn: in}, set...)
	if !strings.Contains(read(t, dir, ".env.example"), "localhost:1\n") ||
		!strings.Contains(read(t, dir, "README.md"), "localhost:3000") {
		t.Error("a file did not take its side")
	}
}

// blockedHint are the remedies of a blocked set.
func blockedHint(cs *changeset.Set) string { return hintsOf(cs.Blocked()) }

// hintsOf are the hints of an error's problems, which its text leaves out.
func hintsOf(err error) string {
	var hints []string
	for _, p := range problem.List(err) {
		hints = append(hints, p.Hint)
	}
	return strings.Join(hints, "\n")
}

// Every try compiles the project, so there are few, however many the conflicts.
func TestSidesAreFew(t *testing.T) {
	for n, want := range map[int]int{1: 2, 2: 4, 3: 2, 80: 2} {
		files := make([]string, n)
		for i := range files {
			files[i] = fmt.Sprintf("file%d.go", i)
		}
		list := regenerate.Sides(files)
		if len(list) != want {
			t.Errorf("%d files in conflict: %d tries, want %d", n, len(list), want)
		}
		for _, in := range list {
			if len(in) != n {
				t.Errorf("%d files in conflict: a try has a side for %d", n, len(in))
			}
		}
	}
}
