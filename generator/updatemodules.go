package generator

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// modules decides on go.mod and go.sum, once it is known which code stays.
//
// What the generator no longer requires goes, unless code that stays imports it
// or the owner requires modules of their own, any of which may need it; then
// what they do need stays, as far as the go command can tell (see trim).
func (u *updater) modules(files []versions) error {
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
	same := generatedSum != nil && sum.next != nil && sameText(generatedSum, sum.next)
	if own && sum.disk != nil && !same {
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
		t := &trim{
			dir: u.p.dir, was: was, known: u.g.knownModules(),
			requirements: droppedRequirements(dataOf(generatedMod), mod.next.data),
			sums:         droppedLines(dataOf(generatedSum), dataOf(sum.next)),
		}
		if merged, err := modfile.Parse("go.mod", merge.ToLF(dataOf(f.after)), nil); err == nil {
			t.imports, t.own = u.requiredImports(merged, droppedRequirements(mod.next.data, nil))
		}
		u.cs.trim = t
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
func (u *updater) staying(f func(name string, data []byte)) {
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
			f(name, file.data)
		}
	})
	for name, file := range after {
		if _, ok := seen.Load(name); !ok && file != nil && path.Ext(name) == ".go" {
			f(name, file.data)
		}
	}
}

// stillImported reports whether code that stays imports one of the modules.
func (u *updater) stillImported(modules []string) bool {
	if len(modules) == 0 {
		return false
	}
	var found atomic.Bool
	u.staying(func(_ string, data []byte) {
		if found.Load() || !slices.ContainsFunc(modules, func(m string) bool { return bytes.Contains(data, []byte(m)) }) {
			return
		}
		if slices.ContainsFunc(importsOf(data), func(p string) bool { return within(modules, p) }) {
			found.Store(true)
		}
	})
	return found.Load()
}
