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
	"github.com/sessionseed/sessionseed/generator/sources"
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
		case sources.IsSource(f.Path):
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
			u.setBase(generated, f.Class, &tree.Blob{Mode: f.Before.Mode, Data: u.st.Base[generated]})
		}
	}
}
