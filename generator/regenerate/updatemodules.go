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

	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
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
		if own = u.stillImported(gomod.Dropped(mod.base.Data, mod.next.Data)); own {
			// Requirements that the generator dropped count as the owner's.
			mod.base = &tree.Blob{Mode: mod.base.Mode,
				Data: []byte("module " + gomod.ModulePath(mod.base.Data) + "\n\ngo " + render.GoVersion + "\n")}
		}
	}
	f := decide(mod, u.o)
	replaces := false
	if mod.next != nil && f.after != nil {
		// A replacement has sums and requirements that were never recorded.
		replaces = gomod.Replaces(f.after.Data)
		own = own || replaces || len(gomod.Dropped(f.after.Data, mod.next.Data)) > 0
	}
	same := generatedSum != nil && sum.next != nil && sameText(generatedSum, sum.next)
	if own && sum.disk != nil && !same {
		// A sum too many harms nobody, one too few does.
		if sum.next == nil {
			sum.next = &tree.Blob{Mode: sum.disk.Mode, Data: nil}
		}
		if sum.base != nil {
			sum.base = &tree.Blob{Mode: sum.base.Mode, Data: nil}
		}
	}
	s := decide(sum, u.o)
	if own && mod.next != nil && !sameText(generatedMod, mod.next) {
		was, err := modfile.ParseLax("go.mod", dataOf(generatedMod), nil)
		if err != nil {
			return err
		}
		t := &trim{
			dir: u.p.Dir, was: was, known: u.g.KnownModules(), replaces: replaces,
			requirements: gomod.Dropped(dataOf(generatedMod), mod.next.Data),
			sums:         gomod.DroppedLines(dataOf(generatedSum), dataOf(sum.next)),
		}
		if merged, err := modfile.Parse("go.mod", textmerge.ToLF(dataOf(f.after)), nil); err == nil {
			t.imports, t.own = u.requiredImports(merged, gomod.Dropped(mod.next.Data, nil))
		}
		u.cs.trim = t
	}
	u.add(f, mod)
	if len(files) > 1 {
		u.add(s, sum)
	}
	return nil
}

func dataOf(f *tree.Blob) []byte {
	if f == nil {
		return nil
	}
	return f.Data
}

// staying calls f with every Go file as it will be after the run, the owner's
// own included, from several goroutines.
func (u *updater) staying(f func(name string, data []byte)) {
	after := map[string]*tree.Blob{}
	for _, f := range u.cs.Files {
		after[f.Path] = f.after
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
