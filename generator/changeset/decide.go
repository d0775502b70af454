package changeset

import (
	"bytes"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/internal/merge"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Versions is one file in the three states that a run compares: as generated
// last (base), as it stands (disk) and as it would be generated now (next). Nil
// is absence.
type Versions struct {
	Path             string
	Class            tree.Class
	Base, Disk, Next *tree.Blob
}

// Decide is what happens to one file, by this table.
//
//	base  disk     next
//	-     -        new      add
//	-     other    new      go.mod and go.sum: merge, or refuse what does not parse
//	-     other    new      keep, if a repository may begin with it, as with a README
//	-     other    new      refuse: not the generator's (ReplaceExisting: update)
//	any   = next   new      unchanged
//	any   -        new      gone (restore: add)
//	any   = base   new      update
//	any   edited   = base   keep (generated class with ReplaceEdited: update)
//	any   edited   new      generated class: refuse (ReplaceEdited: update)
//	any   edited   new      merge, or conflict; refuse what cannot be merged
//	any   -        -        nothing
//	any   = base   -        delete
//	any   edited   -        orphan
//
// Line endings alone are not an edit, and a file that has them changed keeps its
// own; in a DO-NOT-EDIT file, neither is what gofmt does, nor the order of
// imports. A deletion is remembered as long as the file's component is on: one that
// is switched off and on again comes whole.
func Decide(v Versions, o Options) FileChange {
	f := FileChange{Path: v.Path, Class: v.Class, Before: v.Disk, After: v.Disk}
	switch {
	case v.Next == nil && v.Disk == nil:
		f.Action = DeletedByOwner
	case v.Next == nil && SameText(v.Disk, v.Base):
		f.Action, f.After = Delete, nil
	case v.Next == nil:
		f.Action, f.Note = Orphan, "no longer part of the project; it stays because you edited it"
	case v.Disk == nil && (v.Base == nil || o.Restore):
		f.Action, f.After = Add, v.Next
	case v.Disk == nil:
		f.Action, f.Note = DeletedByOwner, "you deleted it; --restore brings it back"
		f.Deleted, f.Missed = true, !SameText(v.Base, v.Next)
	case SameText(v.Disk, v.Next):
		f.Action = Unchanged
		f.setMode(v)
	case v.Base == nil && v.Class == tree.Modules:
		v.Base = &tree.Blob{Mode: v.Next.Mode, Data: nil}
		if path.Base(v.Path) == "go.mod" {
			v.Base.Data = []byte("module " + modfile.ModulePath(v.Next.Data) + "\n")
		}
		f.merge(v, o)
	case v.Base == nil && state.Begins(v.Path):
		f.Action = Keep
	case v.Base == nil && o.ReplaceExisting:
		f.replace(v)
		f.Note = "replaces a file that was not the generator's"
	case v.Base == nil:
		f.Refuse("was not written by sessionseed, which needs that name",
			"move it away, or regenerate with the same options and --replace-existing")
	case SameText(v.Disk, v.Base):
		f.replace(v)
	case v.Class == tree.Generated && goedit.SameCode(v.Disk.Data, v.Next.Data):
		f.Action = Keep
		f.setMode(v)
	case v.Class == tree.Generated && goedit.SameCode(v.Disk.Data, v.Base.Data):
		f.replace(v)
	case v.Class == tree.Generated && o.ReplaceEdited:
		f.replace(v)
		f.Note = "hand edits are replaced"
	case v.Class == tree.Generated:
		f.Refuse("says DO NOT EDIT and was edited by hand",
			"set the values in sessionseed.yaml, then regenerate with the same options and --replace-edited, which "+
				"drops the edits")
		f.byHand = patch(v.Path, v.Base, v.Disk)
		if SameText(v.Base, v.Next) { // nothing of this run's to write there
			f.Action = Keep
		}
	case SameText(v.Base, v.Next):
		f.Action = Keep
		f.setMode(v)
	default:
		f.merge(v, o)
	}
	return f
}

// SameText reports whether two files are there and differ in line endings at most.
func SameText(a, b *tree.Blob) bool {
	return a != nil && b != nil && textmerge.SameText(a.Data, b.Data)
}

// replace takes the new text in the line endings of the file.
func (f *FileChange) replace(v Versions) {
	f.Action = Update
	f.After = &tree.Blob{Mode: v.Disk.Mode, Data: textmerge.WithEndingsOf(v.Disk.Data, v.Next.Data)}
	f.setMode(v)
}

// setMode keeps the owner's mode, but for executable bits that the generator
// has changed since.
func (f *FileChange) setMode(v Versions) {
	if v.Base == nil || v.Base.Mode&0o111 == v.Next.Mode&0o111 || f.After == nil {
		return
	}
	mode := f.After.Mode &^ 0o111
	if v.Next.Mode&0o111 != 0 {
		mode |= mode >> 2 & 0o111 // whoever may read may run
	}
	if mode != f.After.Mode && (f.Action == Unchanged || f.Action == Keep) {
		f.Action = Update
	}
	f.After = &tree.Blob{Mode: mode, Data: f.After.Data}
}

// Refuse has a run leave the file alone and stop: the fact goes on after its name.
func (f *FileChange) Refuse(fact, hint string) {
	f.Action, f.Note = Refuse, fact+"; "+hint
	f.Problem = problem.New(fmt.Sprintf("%s %s", f.Path, fact), hint)
}

// merge joins the owner's edits and the generator's change.
func (f *FileChange) merge(v Versions, o Options) {
	var side textmerge.Side
	switch o.ChoiceFor(v.Path) {
	case TakeOurs:
		side = textmerge.Ours
	case TakeTheirs:
		side = textmerge.Theirs
	}
	byLines := slices.Contains(o.ByLines, v.Path)
	r, err := merge.File(v.Path, v.Base.Data, v.Disk.Data, v.Next.Data,
		textmerge.Options{Resolve: side, LinesOnly: byLines})
	if err != nil {
		hint := "fix the file, or delete it and run with --restore"
		if v.Class == tree.Modules {
			hint = "fix the file"
		}
		f.Refuse(err.Error(), hint)
		return
	}
	f.After = &tree.Blob{Mode: v.Disk.Mode, Data: r.Data}
	f.Action, f.Structural = Merge, r.Structural
	if bytes.Equal(r.Data, v.Disk.Data) {
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
	places := Count(len(r.Conflicts), "place", "places")
	switch o.ChoiceFor(v.Path) {
	case TakeOurs:
		f.Note = places + " resolved with your lines"
	case TakeTheirs:
		f.Note = places + " resolved with the new lines"
	case WithMarkers:
		f.Action, f.Note = Conflict, places+" marked for you to resolve"
	default:
		f.Action, f.Note = Conflict, places+" where you and the generator changed "+elements(f.Conflicts)
		f.After = f.Before
	}
}

// elements names what a few places belong to.
func elements(conflicts []ConflictHunk) string {
	var names []string
	for _, c := range conflicts {
		if c.Element == "" {
			return "the same lines"
		}
		if !slices.Contains(names, c.Element) {
			names = append(names, c.Element)
		}
	}
	if len(names) > 3 {
		return "the same lines"
	}
	return strings.Join(names, " and ")
}

// Count puts a number before the one or the other form of a noun.
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
