package regenerate

import (
	"bytes"
	"runtime"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// moduleMove is a change of the module path.
type moduleMove struct{ old, new string }

// path is what an import path of the old module becomes.
func (m *moduleMove) path(importPath string) string {
	if importPath == m.old || strings.HasPrefix(importPath, m.old+"/") {
		return m.new + strings.TrimPrefix(importPath, m.old)
	}
	return importPath
}

// rewritten is f with other import paths, sorted and aligned again if it was
// formatted. Source that does not parse stays as it is.
func rewritten(f *tree.Blob, m *moduleMove) *tree.Blob {
	if f == nil || !bytes.Contains(f.Data, []byte(m.old)) {
		return f
	}
	data, err := goedit.MoveImports(f.Data, m.path)
	if err != nil {
		return f
	}
	return &tree.Blob{Mode: f.Mode, Data: data}
}

// asRenamed is a generated text as an owner who renamed the module by hand has
// made it: with the new path in its imports, or wherever the old one was.
func (u *updater) asRenamed(base, disk *tree.Blob) *tree.Blob {
	everywhere := &tree.Blob{Mode: base.Mode,
		Data: bytes.ReplaceAll(base.Data, []byte(u.renamed.old), []byte(u.renamed.new))}
	for _, renamed := range []*tree.Blob{rewritten(base, u.renamed), everywhere} {
		if changeset.SameText(renamed, disk) {
			return renamed
		}
	}
	return base
}

// ownersImports re-points the imports of the owner's own files when the module
// path changes, and those of generated files that stay as they are.
func (u *updater) ownersImports() {
	if u.renamed == nil {
		return
	}
	decided := map[string]int{}
	for i, f := range u.cs.Files {
		decided[f.Path] = i
	}
	var mu sync.Mutex
	var moved []changeset.FileChange
	var wg sync.WaitGroup
	free := make(chan struct{}, runtime.GOMAXPROCS(0))
	for name, disk := range u.goFiles() {
		if at, known := decided[name]; known && u.cs.Files[at].Action != changeset.Orphan {
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			after := rewritten(disk, u.renamed)
			if disk.Equal(after) {
				return
			}
			f := changeset.FileChange{
				Path: name, Action: changeset.Update, Why: []string{"module"}, Note: "imports of your own file",
				Before: disk,
				After:  after,
			}
			mu.Lock()
			moved = append(moved, f)
			mu.Unlock()
		})
	}
	wg.Wait()
	for _, f := range moved { // planning sorts the files at its end
		if at, known := decided[f.Path]; known {
			old := u.cs.Files[at]
			f.Action, f.Class, f.Note, f.RenamedFrom = changeset.Orphan, old.Class, old.Note, old.RenamedFrom
			u.cs.Files[at] = f
		} else {
			u.cs.Files = append(u.cs.Files, f)
		}
	}
}

// importsOf returns the import paths of Go source, none if it does not parse.
func importsOf(src []byte) []string {
	var paths []string
	_, _ = goedit.RewriteImports(src, func(importPath string) string {
		paths = append(paths, importPath)
		return importPath
	})
	return paths
}
