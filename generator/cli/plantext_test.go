package cli

import (
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// What would be written is all that differs, whatever is done with it.
func TestWouldText(t *testing.T) {
	old, other := &tree.Blob{Mode: 0o644, Data: []byte("old")}, &tree.Blob{Mode: 0o644, Data: []byte("other")}
	cs := &changeset.Set{Files: []changeset.FileChange{
		{Path: "a.go", Action: changeset.Update, Before: old, After: other},
		{Path: "b.go", Action: changeset.Orphan, Before: old, After: other}, // its imports follow the module
		{Path: "c.go", Action: changeset.Orphan, Before: old, After: old},
		{Path: "d.go", Action: changeset.Delete, Before: old},
		{Path: "e.go", Action: changeset.DeletedByOwner},
	}}
	if got, want := wouldText(cs), "Would write 2 files and delete 1. Nothing was written.\n"; got != want {
		t.Errorf("wouldText = %q, want %q", got, want)
	}
}
