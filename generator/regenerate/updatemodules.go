package regenerate

import (
	"bytes"
	"maps"
	"path"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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
// what they do need stays, as far as the go command knows (see trim).
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
		if own = u.stillImported(gomod.Dropped(mod.Base.Data, mod.Next.Data)); own {
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
		t := &changeset.Trim{
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

// staying calls f with every Go file as it will be after the run, the owner's
// own included, from several goroutines.
func (u *updater) staying(f func(name string, data []byte)) {
	after := map[string]*tree.Blob{}
	for _, f := range u.cs.Files {
		after[f.Path] = f.After
	}
	for name, file := range u.goFiles() {
		if _, decided := after[name]; !decided {
			after[name] = file
		}
	}
	names := slices.Collect(maps.Keys(after))
	var wg sync.WaitGroup
	for part := range slices.Chunk(names, max(1, len(names)/runtime.GOMAXPROCS(0))) {
		wg.Go(func() {
			for _, name := range part {
				if file := after[name]; file != nil && path.Ext(name) == ".go" {
					f(name, file.Data)
				}
			}
		})
	}
	wg.Wait()
}

// maxGoFiles bounds the Go files of a project, in bytes in sum: they are all in
// memory. What is beyond it counts as unreadable.
const maxGoFiles = 64 << 20

// goFiles are the Go files on disk, by path, read once: what stays is asked for
// several times in a planning.
func (u *updater) goFiles() map[string]*tree.Blob {
	if u.onDisk != nil {
		return u.onDisk
	}
	var mu sync.Mutex
	size := 0
	u.onDisk = map[string]*tree.Blob{}
	u.p.Walk(func(name string, read func() (*tree.Blob, error)) {
		if path.Ext(name) != ".go" {
			return
		}
		mu.Lock()
		full := size > maxGoFiles
		mu.Unlock()
		if full {
			return
		}
		if file, err := read(); err == nil && file != nil {
			mu.Lock()
			defer mu.Unlock()
			if size += len(file.Data); size <= maxGoFiles {
				u.onDisk[name] = file
			}
		}
	})
	return u.onDisk
}

// stillImported reports whether code that stays imports one of the modules.
func (u *updater) stillImported(modules []string) bool {
	if len(modules) == 0 {
		return false
	}
	var found atomic.Bool
	u.staying(func(_ string, data []byte) {
		if found.Load() ||
			!slices.ContainsFunc(modules, func(m string) bool { return bytes.Contains(data, []byte(m)) }) {
			return
		}
		if slices.ContainsFunc(importsOf(data), func(p string) bool { return gomod.Within(modules, p) }) {
			found.Store(true)
		}
	})
	return found.Load()
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
	var mu sync.Mutex
	paths := map[string]bool{}
	u.staying(func(_ string, data []byte) {
		if bytes.Contains(data, []byte("//go:build ignore")) { // go mod tidy leaves it out as well
			return
		}
		for _, p := range importsOf(data) {
			if gomod.Within(required, p) {
				mu.Lock()
				paths[p] = true
				mu.Unlock()
			}
		}
	})
	all = slices.Sorted(maps.Keys(paths))
	for _, p := range all {
		if gomod.Within(owners, p) {
			own = append(own, p)
		}
	}
	return all, own
}
