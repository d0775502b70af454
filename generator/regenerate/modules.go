package regenerate

import (
	"slices"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// modules decides on go.mod and go.sum, once it is known which code stays.
//
// What the generator no longer requires goes, unless code that stays imports it
// or the owner requires modules of their own, any of which may need it; then
// what they do need stays, as far as the go command knows (see [gomod.Trim]).
func (u *updater) modules(files []changeset.Versions) error {
	if len(files) == 0 {
		return nil
	}
	mod, sum := files[0], changeset.Versions{Path: "go.sum"}
	if len(files) > 1 {
		sum = files[1]
	}
	generatedMod, generatedSum := mod.Base, sum.Base
	own := false
	if mod.Base != nil && mod.Disk != nil && mod.Next != nil {
		gone := gomod.Dropped(mod.Base.Data, mod.Next.Data)
		if own = len(gone) > 0 && u.after().ImportsAny(gone); own {
			// Requirements that the generator dropped count as the owner's.
			mod.Base = &tree.Blob{Mode: mod.Base.Mode,
				Data: []byte("module " + gomod.ModulePath(mod.Base.Data) + "\n\ngo " + render.GoVersion + "\n")}
		}
	}
	f := changeset.Decide(mod, u.o)
	replaces := false
	if mod.Next != nil && f.After != nil {
		// A replacement has sums and requirements that were never recorded.
		replaces = gomod.Replaces(f.After.Data)
		own = own || replaces || len(gomod.Dropped(f.After.Data, mod.Next.Data)) > 0
	}
	same := generatedSum != nil && sum.Next != nil && changeset.SameText(generatedSum, sum.Next)
	if own && sum.Disk != nil && !same {
		// A sum too many harms nobody, one too few does.
		if sum.Next == nil {
			sum.Next = &tree.Blob{Mode: sum.Disk.Mode, Data: nil}
		}
		if sum.Base != nil {
			sum.Base = &tree.Blob{Mode: sum.Base.Mode, Data: nil}
		}
	}
	s := changeset.Decide(sum, u.o)
	if own && mod.Next != nil && !changeset.SameText(generatedMod, mod.Next) {
		was, err := modfile.ParseLax("go.mod", changeset.DataOf(generatedMod), nil)
		if err != nil {
			return err
		}
		t := &gomod.Trim{
			Dir: u.p.Dir, Was: was, Known: u.g.KnownModules(), Replaces: replaces,
			Requirements: gomod.Dropped(changeset.DataOf(generatedMod), mod.Next.Data),
			Sums:         gomod.DroppedLines(changeset.DataOf(generatedSum), changeset.DataOf(sum.Next)),
		}
		if merged, err := modfile.Parse("go.mod", textmerge.ToLF(changeset.DataOf(f.After)), nil); err == nil {
			t.Imports, t.Own = u.requiredImports(merged, gomod.Dropped(mod.Next.Data, nil))
		}
		u.cs.Trim = t
	}
	u.add(f, mod)
	if len(files) > 1 {
		u.add(s, sum)
	}
	return nil
}

// requiredImports lists, sorted, what the project imports from the modules that
// it requires, and of that what is not from the generator's.
func (u *updater) requiredImports(goMod *modfile.File, generated []string) (all, own []string) {
	var required, owners []string
	for _, r := range goMod.Require {
		required = append(required, r.Mod.Path)
		if !slices.Contains(generated, r.Mod.Path) {
			owners = append(owners, r.Mod.Path)
		}
	}
	all = u.after().ImportsFrom(required)
	own = slices.DeleteFunc(slices.Clone(all), func(p string) bool { return !gomod.Within(owners, p) })
	return all, own
}
