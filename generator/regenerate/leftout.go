package regenerate

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// leaveOutTests leaves out the tests that cannot compile for want of what the
// owner deleted: one that is new is not added, and one that the run would change
// stays as it is. The owner does without those tests; a run that stops for them
// would ask for the deleted files back.
func (u *updater) leaveOutTests() {
	deleted := map[string][]byte{}
	tests := map[int]*goedit.Outline{} // by index in u.cs.Files
	for i, f := range u.cs.Files {
		switch {
		case f.Deleted && path.Ext(f.Path) == ".go":
			next, _ := u.tree.File(f.Path)
			deleted[f.Path] = next.Data
		case strings.HasSuffix(f.Path, "_test.go") && f.After != nil && !f.Before.Equal(f.After) &&
			f.Action != changeset.Conflict:
			tests[i] = goedit.OutlineOf(f.After.Data)
		}
	}
	if len(deleted) == 0 || len(tests) == 0 {
		return
	}
	var paths []string
	for i := range tests {
		paths = append(paths, u.cs.Files[i].Path)
	}
	missing := u.after().Missing(u.next.Options.Module, deleted, paths)
	for again := true; again; {
		again = false
		for _, i := range slices.Sorted(maps.Keys(tests)) {
			what, where := missing.NeededBy(u.cs.Files[i].Path, tests[i])
			if what == "" {
				continue
			}
			if u.cs.Files[i].Before == nil {
				missing.Lose(u.cs.Files[i].Path, tests[i], where) // others may need it in turn
			}
			u.leaveOut(i, what, where)
			delete(tests, i)
			again = true
		}
	}
}

// leaveOut is what becomes of one such test.
func (u *updater) leaveOut(i int, what, where string) {
	f := &u.cs.Files[i]
	kept, back := "is left out", "brings both back"
	if f.Before == nil {
		f.Action, f.Deleted, f.Missed = changeset.DeletedByOwner, true, true
	} else {
		// The next run is to offer the change again.
		u.setBase(f.Path, f.Class, &tree.Blob{Mode: f.Before.Mode, Data: u.st.Base[f.Path]})
		f.Action, kept, back = changeset.Keep, "stays as it is", "brings that back and changes the test"
	}
	f.After = f.Before
	f.Note = fmt.Sprintf("%s: it needs %s, gone with %s, which you deleted; --restore %s", kept, what, where, back)
	u.cs.Notes = append(u.cs.Notes, f.Path+" "+f.Note)
}
