package regenerate_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// Tests that are no longer chosen go, and those that their owner edited stay.
func TestTestsAreAnOption(t *testing.T) {
	g := engine()
	dir := sample(t, g, "tests", "all", "store", "cookie")
	const edited, plain = "internal/cors/cors_test.go", "internal/session/record_test.go"
	edit(t, dir, edited, "package cors\n", "package cors\n\n// Mine.\n")
	cs := run(t, g, dir, changeset.Options{}, "tests", "app")
	if f := file(cs, edited); f.Action != changeset.Orphan || f.Note == "" {
		t.Errorf("%s: %s, note %q, want it to stay with a note", edited, f.Action, f.Note)
	}
	if f := file(cs, plain); f.Action != changeset.Delete {
		t.Errorf("%s: %s, want %s", plain, f.Action, changeset.Delete)
	}
	if !strings.Contains(read(t, dir, edited), "// Mine.") {
		t.Errorf("%s lost its edit", edited)
	}
	run(t, g, dir, changeset.Options{}, "tests", "all")
	if !strings.Contains(read(t, dir, edited), "// Mine.") {
		t.Errorf("%s lost its edit when the tests were chosen again", edited)
	}
	if _, err := os.Stat(filepath.Join(dir, plain)); err != nil {
		t.Errorf("%s did not come back: %v", plain, err)
	}
}
