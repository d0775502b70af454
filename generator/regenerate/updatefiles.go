package regenerate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// files decides on every file of the last generation and of the new one.
func (u *updater) files(ctx context.Context) error {
	paths := map[string]bool{}
	for _, f := range u.st.Files {
		paths[f.Path] = true
	}
	for _, f := range u.tree.Files {
		paths[f.Path] = true
	}
	var later []changeset.Versions // go.mod and go.sum depend on what stays
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, change := u.versions(name)
		switch {
		case change != nil:
			u.add(*change, v)
		case v.Class == tree.Secret:
			u.env(v)
		case v.Class == tree.Config:
			u.config(v)
		case v.Class == tree.Modules:
			later = append(later, v)
		case u.adopting && v.Class == tree.Generated && v.Disk != nil && v.Next != nil &&
			goedit.SameButValues(v.Disk.Data, v.Next.Data):
			// Without the last generation a value that was changed in
			// sessionseed.yaml cannot be told apart from one edited here.
			v.Base = v.Disk
			f := changeset.Decide(v, u.o)
			if f.Action == changeset.Update {
				f.Note = "the values are those of sessionseed.yaml"
			}
			u.add(f, v)
		default:
			u.add(changeset.Decide(v, u.o), v)
		}
	}
	u.followRenames()
	u.leaveOutTests()
	u.keepWholePackages()
	u.ownersImports()
	if err := u.modules(later); err != nil {
		return err
	}
	slices.SortFunc(u.cs.Files, func(a, b changeset.FileChange) int { return strings.Compare(a.Path, b.Path) })
	u.dependents()
	return nil
}

// maxMerged bounds a file that a run compares, in bytes: all of them are in memory
// at once. The largest that is generated has less than 100 KB.
const maxMerged = 1 << 20

// versions gathers the three versions of a file. The change is for one that
// cannot be compared: what is there is not a regular file, or is full of
// markers.
func (u *updater) versions(name string) (changeset.Versions, *changeset.FileChange) {
	v := changeset.Versions{Path: name}
	if f, ok := u.tree.File(name); ok {
		v.Next, v.Class = f.Blob(), f.Class
	}
	var marked bool
	if s, ok := u.st.File(name); ok {
		v.Base = &tree.Blob{Mode: s.Mode, Data: u.st.Base[name]}
		if v.Next == nil {
			v.Class = s.Class
		}
		if after, ok := u.st.Pending[name]; ok {
			marked = true
			v.Base = &tree.Blob{Mode: v.Base.Mode, Data: after}
		}
	}
	disk, err := u.p.Read(name)
	if err == nil && disk != nil && len(disk.Data) > maxMerged {
		err = fmt.Errorf("is larger than %d MiB", maxMerged>>20)
	}
	if err != nil {
		f := &changeset.FileChange{Path: name, Class: v.Class}
		switch {
		case v.Next == nil:
			f.Action, f.Note = changeset.Orphan, "no longer part of the project; it "+err.Error()
		case v.Class == tree.Secret || changeset.SameText(v.Base, v.Next): // nothing to change
			f.Action, f.Note = changeset.Keep, err.Error()+"; it is left alone"
			u.cs.Notes = append(u.cs.Notes, name+" "+f.Note)
		default:
			f.Refuse(err.Error(), project.ReadHint(err))
		}
		return v, f
	}
	v.Disk = disk
	if marked && disk != nil && textmerge.HasMarkers(disk.Data) {
		f := &changeset.FileChange{Path: name, Class: v.Class, Before: disk, After: disk}
		f.Refuse("still holds conflict markers of the last run", "resolve them and run the command again")
		return v, f
	}
	if u.cs.Followed && v.Base != nil && v.Disk != nil {
		v.Base = u.asRenamed(v.Base, v.Disk)
	}
	if u.renamed != nil && path.Ext(name) == ".go" && v.Base != nil && v.Next != nil && v.Class != tree.Generated &&
		!v.Disk.Equal(v.Base) {
		// Comparing all three under the new module path keeps the rename
		// out of the merge. What is written is compared with the real file.
		v.Base, v.Disk = rewritten(v.Base, u.renamed), rewritten(v.Disk, u.renamed)
	}
	return v, nil
}

// add records a decision, and what the next run is to merge from.
func (u *updater) add(f changeset.FileChange, v changeset.Versions) {
	if u.renamed != nil && f.Action != changeset.Refuse {
		u.restoreBefore(&f)
	}
	if f.Action == changeset.DeletedByOwner && v.Next == nil {
		if v.Base != nil {
			u.lost = append(u.lost, v)
		}
		return // neither wanted nor there
	}
	u.cs.Files = append(u.cs.Files, f)
	switch {
	case f.Action == changeset.Conflict && u.o.ChoiceFor(f.Path) == changeset.WithMarkers:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.Base.Mode, Class: f.Class, Data: v.Base.Data}
		u.pending[f.Path] = tree.File{Path: f.Path, Mode: v.Next.Mode, Class: f.Class, Data: v.Next.Data}
	case v.Base == nil && f.Action == changeset.Keep && state.Begins(f.Path):
		// It was there before the project, and stays nothing of the generator's.
	case v.Next != nil:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.Next.Mode, Class: f.Class, Data: v.Next.Data}
	case f.Action == changeset.Orphan && v.Base != nil:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.Base.Mode, Class: f.Class, Data: v.Base.Data}
	}
}

// restoreBefore sets before to what really is on disk, where the decision
// was made on rewritten imports.
func (u *updater) restoreBefore(f *changeset.FileChange) {
	disk, err := u.p.Read(f.Path)
	if err != nil || f.Before.Equal(disk) {
		return
	}
	f.Before = disk
	if f.Action == changeset.Conflict && u.o.ChoiceFor(f.Path) == changeset.Stop {
		f.After = disk
		return
	}
	if f.Action == changeset.Unchanged || f.Action == changeset.Keep {
		f.Action = changeset.Update
	}
}

// keepWholePackages keeps the unedited files beside an edited one where a whole
// directory of the generator's goes: a package with half of its files would not
// compile, and one without its testdata would fail its tests.
func (u *updater) keepWholePackages() {
	stays := map[string]bool{} // directory -> something of the new tree is in it
	for _, f := range u.tree.Files {
		stays[path.Dir(f.Path)] = true
	}
	orphaned := map[string]string{}
	for i, f := range u.cs.Files {
		switch {
		case f.Action != changeset.Orphan || path.Ext(f.Path) != ".go":
		case !stays[path.Dir(f.Path)]:
			orphaned[path.Dir(f.Path)] = path.Base(f.Path)
		case isSource(f.Path):
			u.cs.Leave(i, "may not compile")
		default:
			u.cs.Leave(i, "may fail or not compile")
		}
	}
	for i, f := range u.cs.Files {
		pkg, _, _ := strings.Cut(path.Dir(f.Path), "/testdata")
		if with, ok := orphaned[pkg]; ok && f.Action == changeset.Delete {
			f.Action, f.After = changeset.Orphan, f.Before
			f.Note = fmt.Sprintf("no longer part of the project; it stays because you edited %s beside it", with)
			u.cs.Files[i] = f
			generated := cmp.Or(f.RenamedFrom, f.Path)
			u.bases[generated] = tree.File{Path: generated, Mode: f.Before.Mode, Class: f.Class,
				Data: u.st.Base[generated]}
		}
	}
}
