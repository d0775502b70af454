package regenerate

import (
	"bytes"
	"fmt"
	"path"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/internal/merge"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// versions is one file in the three states that a run compares: as generated
// last (base), as it stands (disk) and as it would be generated now (next). Nil
// is absence.
type versions struct {
	path             string
	class            tree.Class
	base, disk, next *tree.Blob
}

// decide is the table of DESIGN section 9: what happens to one file.
//
//	base  disk     next
//	-     -        new      add
//	-     other    new      keep, if a repository may begin with it, as with a README
//	-     other    new      refuse: not the generator's (ReplaceExisting: update)
//	any   = next   new      unchanged
//	any   -        new      gone (restore: add)
//	any   = base   new      update
//	any   edited   new      generated class: refuse (ReplaceEdited: update)
//	any   edited   = base   keep
//	any   edited   new      merge, or conflict
//	any   -        -        nothing
//	any   = base   -        delete
//	any   edited   -        orphan
//
// Line endings alone are no edit, and a file that has them changed keeps its
// own; in a DO-NOT-EDIT file, neither is what gofmt does, nor the order of
// imports. A deletion is remembered as long as the file's component is on: one that
// is switched off and on again comes whole.
func decide(v versions, o Options) FileChange {
	f := FileChange{Path: v.path, Class: v.class, before: v.disk, after: v.disk}
	switch {
	case v.next == nil && v.disk == nil:
		f.Action = DeletedByOwner
	case v.next == nil && sameText(v.disk, v.base):
		f.Action, f.after = Delete, nil
	case v.next == nil:
		f.Action, f.Note = Orphan, "no longer part of the project; it stays because you edited it"
	case v.disk == nil && (v.base == nil || o.Restore):
		f.Action, f.after = Add, v.next
	case v.disk == nil:
		f.Action, f.Note = DeletedByOwner, "you deleted it; --restore brings it back"
		f.deleted, f.missed = true, !sameText(v.base, v.next)
	case sameText(v.disk, v.next):
		f.Action = Unchanged
		f.setMode(v)
	case v.base == nil && v.class == tree.Modules:
		v.base = &tree.Blob{Mode: v.next.Mode, Data: nil}
		if path.Base(v.path) == "go.mod" {
			v.base.Data = []byte("module " + modfile.ModulePath(v.next.Data) + "\n")
		}
		f.merge(v, o)
	case v.base == nil && project.Begins(v.path):
		f.Action = Keep
	case v.base == nil && o.ReplaceExisting:
		f.replace(v)
		f.Note = "replaces a file that was not the generator's"
	case v.base == nil:
		f.refuse("is not one that sessionseed made, and a file of that name is to be added",
			"move it away, or replace it with --replace-existing")
	case sameText(v.disk, v.base):
		f.replace(v)
	case v.class == tree.Generated && goedit.SameCode(v.disk.Data, v.next.Data):
		f.Action = Keep
		f.setMode(v)
	case v.class == tree.Generated && goedit.SameCode(v.disk.Data, v.base.Data):
		f.replace(v)
	case v.class == tree.Generated && o.ReplaceEdited:
		f.replace(v)
		f.Note = "hand edits are replaced"
	case v.class == tree.Generated:
		f.refuse("says DO NOT EDIT and was edited by hand",
			"set the values in sessionseed.yaml, or drop the edits with --replace-edited")
		f.byHand = patch(v.path, v.base, v.disk)
		if sameText(v.base, v.next) { // nothing of this run's to write there
			f.Action = Keep
		}
	case sameText(v.base, v.next):
		f.Action = Keep
		f.setMode(v)
	default:
		f.merge(v, o)
	}
	return f
}

func sameText(a, b *tree.Blob) bool {
	return a != nil && b != nil && textmerge.SameText(a.Data, b.Data)
}

// replace takes the new text in the line endings of the file.
func (f *FileChange) replace(v versions) {
	f.Action = Update
	f.after = &tree.Blob{Mode: v.disk.Mode, Data: textmerge.WithEndingsOf(v.disk.Data, v.next.Data)}
	f.setMode(v)
}

// setMode keeps the owner's mode, but for executable bits that the generator
// has changed since.
func (f *FileChange) setMode(v versions) {
	if v.base == nil || v.base.Mode&0o111 == v.next.Mode&0o111 || f.after == nil {
		return
	}
	mode := f.after.Mode &^ 0o111
	if v.next.Mode&0o111 != 0 {
		mode |= mode >> 2 & 0o111 // whoever may read may run
	}
	if mode != f.after.Mode && (f.Action == Unchanged || f.Action == Keep) {
		f.Action = Update
	}
	f.after = &tree.Blob{Mode: mode, Data: f.after.Data}
}

func (f *FileChange) refuse(fact, hint string) {
	f.Action, f.Note = Refuse, fact+"; "+hint
	f.problem = problem.New(fmt.Sprintf("%s %s", f.Path, fact), hint)
}

// merge joins the owner's edits and the generator's change.
func (f *FileChange) merge(v versions, o Options) {
	var side textmerge.Side
	switch o.conflicts(v.path) {
	case TakeOurs:
		side = textmerge.Ours
	case TakeTheirs:
		side = textmerge.Theirs
	}
	r, err := merge.File(v.path, v.base.Data, v.disk.Data, v.next.Data, textmerge.Options{Resolve: side})
	if err != nil {
		f.refuse(err.Error(), "mend the file, or delete it and run with --restore")
		return
	}
	f.after = &tree.Blob{Mode: v.disk.Mode, Data: r.Data}
	f.Action = Merge
	if bytes.Equal(r.Data, v.disk.Data) {
		f.Action = Keep
	}
	for _, c := range r.Conflicts {
		f.Conflicts = append(f.Conflicts, ConflictHunk{
			Line: c.Line, Element: c.Element, Yours: string(c.Ours), Last: string(c.Base), New: string(c.Theirs),
		})
	}
	f.setMode(v)
	if len(r.Conflicts) == 0 {
		return
	}
	places := count(len(r.Conflicts), "place", "places")
	switch o.conflicts(v.path) {
	case TakeOurs:
		f.Note = places + " settled with your lines"
	case TakeTheirs:
		f.Note = places + " settled with the new lines"
	case WithMarkers:
		f.Action, f.Note = Conflict, places+" marked for you to settle"
	default:
		f.Action, f.Note = Conflict, places+" where you and the generator changed the same lines"
		f.after = f.before
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
