package regenerate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/project"
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
	var later []versions // go.mod and go.sum depend on what stays
	for _, name := range slices.Sorted(maps.Keys(paths)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		v, change := u.versions(name)
		switch {
		case change != nil:
			u.add(*change, v)
		case v.class == tree.Secret:
			u.env(v)
		case v.class == tree.Config:
			u.config(v)
		case v.class == tree.Modules:
			later = append(later, v)
		case u.adopting && v.class == tree.Generated && v.disk != nil && v.next != nil &&
			goedit.SameButValues(v.disk.Data, v.next.Data):
			// Without the last generation a value that was changed in
			// sessionseed.yaml cannot be told from one edited here.
			v.base = v.disk
			f := decide(v, u.o)
			if f.Action == Update {
				f.Note = "the values are those of sessionseed.yaml"
			}
			u.add(f, v)
		default:
			u.add(decide(v, u.o), v)
		}
	}
	u.followRenames()
	u.leaveOutTests()
	u.keepWholePackages()
	u.ownersImports()
	if err := u.modules(later); err != nil {
		return err
	}
	slices.SortFunc(u.cs.Files, func(a, b FileChange) int { return strings.Compare(a.Path, b.Path) })
	u.dependents()
	return nil
}

// maxMerged bounds a file that a run compares, in bytes: all of them are in memory
// at once. The largest that is generated has less than 100 KB.
const maxMerged = 1 << 20

// versions gathers the three versions of a file. The change is for one that
// cannot be compared: what stands there is no regular file, or is full of
// markers.
func (u *updater) versions(name string) (versions, *FileChange) {
	v := versions{path: name}
	if f, ok := u.tree.File(name); ok {
		v.next, v.class = f.Blob(), f.Class
	}
	var marked bool
	if s, ok := u.st.File(name); ok {
		v.base = &tree.Blob{Mode: s.Mode, Data: u.st.Base[name]}
		if v.next == nil {
			v.class = s.Class
		}
		if after, ok := u.st.Pending[name]; ok {
			marked = true
			v.base = &tree.Blob{Mode: v.base.Mode, Data: after}
		}
	}
	disk, err := u.p.Read(name)
	if err == nil && disk != nil && len(disk.Data) > maxMerged {
		err = fmt.Errorf("is larger than %d MiB", maxMerged>>20)
	}
	if err != nil {
		f := &FileChange{Path: name, Class: v.class}
		switch {
		case v.next == nil:
			f.Action, f.Note = Orphan, "no longer part of the project; it "+err.Error()
		case v.class == tree.Secret || sameText(v.base, v.next): // nothing to change
			f.Action, f.Note = Keep, err.Error()+"; it is left alone"
			u.cs.Notes = append(u.cs.Notes, name+" "+f.Note)
		default:
			f.refuse(err.Error(), project.ReadHint(err))
		}
		return v, f
	}
	v.disk = disk
	if marked && disk != nil && textmerge.HasMarkers(disk.Data) {
		f := &FileChange{Path: name, Class: v.class, before: disk, after: disk}
		f.refuse("still holds conflict markers of the last run", "settle them and run again")
		return v, f
	}
	if u.cs.followed && v.base != nil && v.disk != nil {
		v.base = u.asRenamed(v.base, v.disk)
	}
	if u.renamed != nil && path.Ext(name) == ".go" && v.base != nil && v.next != nil && v.class != tree.Generated &&
		!v.disk.Equal(v.base) {
		// Comparing all three under the new module path keeps the rename
		// out of the merge. What is written is compared with the real file.
		v.base, v.disk = rewritten(v.base, u.renamed), rewritten(v.disk, u.renamed)
	}
	return v, nil
}

// add records a decision, and what the next run is to merge from.
func (u *updater) add(f FileChange, v versions) {
	if u.renamed != nil && f.Action != Refuse {
		u.restoreBefore(&f)
	}
	if f.Action == DeletedByOwner && v.next == nil {
		if v.base != nil {
			u.lost = append(u.lost, v)
		}
		return // neither wanted nor there
	}
	u.cs.Files = append(u.cs.Files, f)
	switch {
	case f.Action == Conflict && u.o.conflicts(f.Path) == WithMarkers:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.base.Mode, Class: f.Class, Data: v.base.Data}
		u.pending[f.Path] = tree.File{Path: f.Path, Mode: v.next.Mode, Class: f.Class, Data: v.next.Data}
	case v.next != nil:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.next.Mode, Class: f.Class, Data: v.next.Data}
	case f.Action == Orphan && v.base != nil:
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: v.base.Mode, Class: f.Class, Data: v.base.Data}
	}
}

// restoreBefore sets before to what really stands on disk, where the decision
// was made on rewritten imports.
func (u *updater) restoreBefore(f *FileChange) {
	disk, err := u.p.Read(f.Path)
	if err != nil || f.before.Equal(disk) {
		return
	}
	f.before = disk
	if f.Action == Conflict && u.o.conflicts(f.Path) == Stop {
		f.after = disk
		return
	}
	if f.Action == Unchanged || f.Action == Keep {
		f.Action = Update
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
		case f.Action != Orphan || path.Ext(f.Path) != ".go":
		case !stays[path.Dir(f.Path)]:
			orphaned[path.Dir(f.Path)] = path.Base(f.Path)
		case isSource(f.Path):
			u.cs.leave(i, "may not compile")
		default:
			u.cs.leave(i, "may fail or not compile")
		}
	}
	for i, f := range u.cs.Files {
		pkg, _, _ := strings.Cut(path.Dir(f.Path), "/testdata")
		if with, ok := orphaned[pkg]; ok && f.Action == Delete {
			f.Action, f.after = Orphan, f.before
			f.Note = fmt.Sprintf("no longer part of the project; it stays because you edited %s beside it", with)
			u.cs.Files[i] = f
			generated := cmp.Or(f.RenamedFrom, f.Path)
			u.bases[generated] = tree.File{Path: generated, Mode: f.before.Mode, Class: f.Class,
				Data: u.st.Base[generated]}
		}
	}
}

// leave says what may come of an orphan in a package that goes on without the
// rest of its component.
func (cs *ChangeSet) leave(i int, what string) {
	f := &cs.Files[i]
	f.Note += ", and " + what + " without the rest: delete it, or move your edit elsewhere"
	cs.left = append(cs.left, f.Path)
}
