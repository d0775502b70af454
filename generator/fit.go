package generator

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// leftovers are what the generator brought earlier and needs no more.
type leftovers struct {
	was          *modfile.File // the go.mod that brought it
	requirements []string      // paths
	sums         map[string]bool
}

// versionOf is the version of a module that a go.mod requires, empty for none.
func versionOf(f *modfile.File, path string) string {
	for _, r := range f.Require {
		if r.Mod.Path == path {
			return r.Mod.Version
		}
	}
	return ""
}

// fit makes the merged go.mod and go.sum fit the project: what the generator
// brought earlier and nobody needs any more goes, and a version goes up where
// the new store needs it higher than the owner has it.
func (u *updater) fit(ctx context.Context, mod, sum *FileChange, l leftovers) {
	if mod.after == nil || mod.Action == Refuse {
		return
	}
	goMod, err := modfile.Parse("go.mod", merge.ToLF(mod.after.data), nil)
	if err != nil {
		return
	}
	// A version that the owner has raised is the owner's.
	l.requirements = slices.DeleteFunc(l.requirements, func(path string) bool {
		return versionOf(l.was, path) != versionOf(goMod, path)
	})
	sums := sumLines(dataOf(sum.after))
	n, err := u.needs(ctx, goMod, dataOf(sum.after), l.requirements)
	if err != nil {
		left := slices.ContainsFunc(goMod.Require, func(r *modfile.Require) bool { return slices.Contains(l.requirements, r.Mod.Path) })
		for line := range l.sums {
			left = left || sums[line]
		}
		if left && ctx.Err() == nil {
			u.cs.Notes = append(u.cs.Notes, "go.mod and go.sum keep what the store you left needed, since your own requirements may need it too; go mod tidy drops the rest")
		}
		return
	}
	var keep []*modfile.Require
	for _, r := range goMod.Require {
		need, needed := n.requirements[r.Mod.Path]
		if !needed && slices.Contains(l.requirements, r.Mod.Path) {
			continue
		}
		if needed && slices.Contains(l.requirements, r.Mod.Path) {
			r.Mod.Version, r.Indirect = need.Mod.Version, need.Indirect
		}
		if needed && n.whole && semver.Compare(need.Mod.Version, r.Mod.Version) > 0 {
			r.Mod.Version = need.Mod.Version
		}
		keep = append(keep, &modfile.Require{Mod: r.Mod, Indirect: r.Indirect})
		delete(n.requirements, r.Mod.Path)
	}
	for line := range l.sums {
		if !n.sums[line] {
			delete(sums, line)
		}
	}
	if n.whole {
		// Sums that an earlier run added for the store before, and that no generated go.sum told of. Those of modules that no store
		// has to do with are the owner's, needed or not.
		known := u.g.knownModules()
		maps.DeleteFunc(sums, func(line string, _ bool) bool { return known[moduleOfSum(line)] && !n.sums[line] })
		for _, path := range slices.Sorted(maps.Keys(n.requirements)) {
			keep = append(keep, n.requirements[path])
		}
		maps.Copy(sums, n.sums)
	}
	goMod.SetRequireSeparateIndirect(keep)
	goMod.Cleanup()
	if data, err := goMod.Format(); err == nil {
		mod.settle(merge.WithEndingsOf(mod.after.data, data))
	}
	if sum.after != nil {
		sum.settle(merge.WithEndingsOf(sum.after.data, sortSums(sums)))
	}
}

// settle replaces the text that a merge came to.
func (f *FileChange) settle(data []byte) {
	f.after = &diskFile{f.after.mode, data}
	switch {
	case f.before.equal(f.after) && f.Action != Unchanged:
		f.Action = Keep
	case !f.before.equal(f.after):
		f.Action = Merge
	}
}
