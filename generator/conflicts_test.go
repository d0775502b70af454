package generator_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator"
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
