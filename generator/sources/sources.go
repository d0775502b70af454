// Package sources is the Go code of a project as it will be once a run is done, the
// owner's own included: what it imports, and what it lacks because of what the owner deleted.
package sources

import (
	"bytes"
	"maps"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// maxRead bounds the Go files of a project, in bytes in total: they are all in
// memory. What is beyond it counts as unreadable.
const maxRead = 64 << 20

// Read returns the Go files of a project on disk, by path. What cannot be read is left
// out.
func Read(p *project.Project) map[string]*tree.Blob {
	var mu sync.Mutex
	size := 0
	files := map[string]*tree.Blob{}
	p.Walk(func(name string, read func() (*tree.Blob, error)) {
		if path.Ext(name) != ".go" {
			return
		}
		mu.Lock()
		full := size > maxRead
		mu.Unlock()
		if full {
			return
		}
		if file, err := read(); err == nil && file != nil {
			mu.Lock()
			defer mu.Unlock()
			if size += len(file.Data); size <= maxRead {
				files[name] = file
			}
		}
	})
	return files
}

// IsSource reports whether a file is Go and no test.
func IsSource(name string) bool {
	return path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
}

// After is the project after a run. Its methods only read.
type After struct {
	OnDisk  map[string]*tree.Blob // as Read
	Decided map[string]*tree.Blob // what the run leaves of each file that it decides on; nil: nothing
}

// Each calls f with every Go file, from several goroutines, and returns when all calls
// have.
func (a After) Each(f func(name string, data []byte)) {
	files := maps.Clone(a.OnDisk)
	maps.Copy(files, a.Decided)
	names := slices.Collect(maps.Keys(files))
	var wg sync.WaitGroup
	for part := range slices.Chunk(names, max(1, len(names)/runtime.GOMAXPROCS(0))) {
		wg.Go(func() {
			for _, name := range part {
				if file := files[name]; file != nil && path.Ext(name) == ".go" {
					f(name, file.Data)
				}
			}
		})
	}
	wg.Wait()
}

// ImportsAny reports whether any file imports from one of the modules.
func (a After) ImportsAny(modules []string) bool {
	if len(modules) == 0 {
		return false
	}
	var found atomic.Bool
	a.Each(func(_ string, data []byte) {
		if found.Load() ||
			!slices.ContainsFunc(modules, func(m string) bool { return bytes.Contains(data, []byte(m)) }) {
			return
		}
		if slices.ContainsFunc(goedit.Imports(data), func(p string) bool { return gomod.Within(modules, p) }) {
			found.Store(true)
		}
	})
	return found.Load()
}

const ignored = "//go:build ignore"

// ImportsFrom lists, sorted, the import paths within the modules that some file imports.
// A file with the line //go:build ignore is left out, as go mod tidy leaves it out.
func (a After) ImportsFrom(modules []string) []string {
	var mu sync.Mutex
	paths := map[string]bool{}
	a.Each(func(_ string, data []byte) {
		if bytes.HasPrefix(data, []byte(ignored)) || bytes.Contains(data, []byte("\n"+ignored)) {
			return
		}
		for _, p := range goedit.Imports(data) {
			if gomod.Within(modules, p) {
				mu.Lock()
				paths[p] = true
				mu.Unlock()
			}
		}
	})
	return slices.Sorted(maps.Keys(paths))
}
