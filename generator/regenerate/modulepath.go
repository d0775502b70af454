package regenerate

import (
	"bytes"
	"strings"

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
func (m *moduleMove) rewritten(f *tree.Blob) *tree.Blob {
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
func (m *moduleMove) asRenamed(base, disk *tree.Blob) *tree.Blob {
	everywhere := &tree.Blob{Mode: base.Mode,
		Data: bytes.ReplaceAll(base.Data, []byte(m.old), []byte(m.new))}
	for _, renamed := range []*tree.Blob{m.rewritten(base), everywhere} {
		if changeset.SameText(renamed, disk) {
			return renamed
		}
	}
	return base
}
