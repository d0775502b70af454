package generator

import (
	"bytes"
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// modules decides on go.mod and go.sum, once it is known which code stays.
//
// What the generator no longer requires goes, unless code that stays imports it
// or the owner requires modules of their own, any of which may need it; then
// what they do need stays, as far as the go command can tell (see needs).
func (u *updater) modules(ctx context.Context, files []versions) error {
	if len(files) == 0 {
		return nil
	}
	mod, sum := files[0], versions{path: "go.sum"}
	if len(files) > 1 {
		sum = files[1]
	}
	generatedMod, generatedSum := mod.base, sum.base
	own := false
	if mod.base != nil && mod.disk != nil && mod.next != nil {
		if own = u.stillImported(droppedRequirements(mod.base.data, mod.next.data)); own {
			// Requirements that the generator dropped count as the owner's.
			mod.base = &diskFile{mod.base.mode, []byte("module " + modulePathOf(mod.base.data) + "\n\ngo " + GoVersion + "\n")}
		}
	}
	f := decide(mod, u.o)
	if mod.next != nil && f.after != nil && len(droppedRequirements(f.after.data, mod.next.data)) > 0 {
		own = true
	}
	if own && sum.disk != nil {
		// A sum too many harms nobody, one too few does.
		if sum.next == nil {
			sum.next = &diskFile{sum.disk.mode, nil}
		}
		if sum.base != nil {
			sum.base = &diskFile{sum.base.mode, nil}
		}
	}
	s := decide(sum, u.o)
	if own && mod.next != nil && !sameText(generatedMod, mod.next) {
		was, err := modfile.ParseLax("go.mod", dataOf(generatedMod), nil)
		if err != nil {
			return err
		}
		u.fit(ctx, &f, &s, leftovers{
			was:          was,
			requirements: droppedRequirements(dataOf(generatedMod), mod.next.data),
			sums:         droppedLines(dataOf(generatedSum), dataOf(sum.next)),
		})
	}
	u.add(f, mod)
	if len(files) > 1 {
		u.add(s, sum)
	}
	return nil
}

func dataOf(f *diskFile) []byte {
	if f == nil {
		return nil
	}
	return f.data
}

// droppedRequirements lists the modules that one go.mod requires and another
// does not, none if one of them does not parse.
func droppedRequirements(from, to []byte) []string {
	was, err := modfile.ParseLax("go.mod", from, nil)
	if err != nil {
		return nil
	}
	now, err := modfile.ParseLax("go.mod", to, nil)
	if err != nil {
		return nil
	}
	var dropped []string
	for _, r := range was.Require {
		if !slices.ContainsFunc(now.Require, func(n *modfile.Require) bool { return n.Mod.Path == r.Mod.Path }) {
			dropped = append(dropped, r.Mod.Path)
		}
	}
	return dropped
}

func droppedLines(from, to []byte) map[string]bool {
	lines := sumLines(from)
	for l := range sumLines(to) {
		delete(lines, l)
	}
	return lines
}

func sumLines(text []byte) map[string]bool {
	lines := map[string]bool{}
	for l := range strings.Lines(string(text)) {
		if l = strings.TrimSpace(l); l != "" {
			lines[l] = true
		}
	}
	return lines
}

// within reports whether an import path lies in one of the modules.
func within(modules []string, importPath string) bool {
	return slices.ContainsFunc(modules, func(m string) bool { return importPath == m || strings.HasPrefix(importPath, m+"/") })
}

// staying calls f with every Go file as it will be after the run, the owner's
// own included, from several goroutines.
func (u *updater) staying(f func(data []byte)) {
	after := map[string]*diskFile{}
	for _, f := range u.cs.Files {
		after[f.Path] = f.after
	}
	seen := sync.Map{}
	u.p.walk(func(name string, read func() (*diskFile, error)) {
		if path.Ext(name) != ".go" {
			return
		}
		file, decided := after[name]
		if decided {
			seen.Store(name, true)
		} else {
			file, _ = read()
		}
		if file != nil {
			f(file.data)
		}
	})
	for name, file := range after {
		if _, ok := seen.Load(name); !ok && file != nil && path.Ext(name) == ".go" {
			f(file.data)
		}
	}
}

// stillImported reports whether code that stays imports one of the modules.
func (u *updater) stillImported(modules []string) bool {
	if len(modules) == 0 {
		return false
	}
	var found atomic.Bool
	u.staying(func(data []byte) {
		if found.Load() || !slices.ContainsFunc(modules, func(m string) bool { return bytes.Contains(data, []byte(m)) }) {
			return
		}
		if slices.ContainsFunc(importsOf(data), func(p string) bool { return within(modules, p) }) {
			found.Store(true)
		}
	})
	return found.Load()
}

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
		text := strings.Join(slices.Collect(maps.Keys(sums)), "\n")
		sum.settle(merge.WithEndingsOf(sum.after.data, merge.GoSum(nil, []byte(text), nil)))
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
