package regenerate_test

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// Tests that are no longer chosen go, and those that their owner edited stay.
func TestTestsAreAnOption(t *testing.T) {
	g := engine()
	dir := sample(t, g, "tests", "all", "store", "cookie")
	const edited, plain = "internal/cors/cors_test.go", "internal/session/record_test.go"
	edit(t, dir, edited, "package cors\n", "package cors\n\n// Mine.\n")
	cs := run(t, g, dir, regenerate.Options{}, "tests", "app")
	if f := file(cs, edited); f.Action != regenerate.Orphan || f.Note == "" {
		t.Errorf("%s: %s, note %q, want it to stay with a note", edited, f.Action, f.Note)
	}
	if f := file(cs, plain); f.Action != regenerate.Delete {
		t.Errorf("%s: %s, want %s", plain, f.Action, regenerate.Delete)
	}
	if !strings.Contains(read(t, dir, edited), "// Mine.") {
		t.Errorf("%s lost its edit", edited)
	}
	run(t, g, dir, regenerate.Options{}, "tests", "all")
	if !strings.Contains(read(t, dir, edited), "// Mine.") || read(t, dir, plain) == "" {
		t.Error("the tests did not come back beside the edited one")
	}
}
