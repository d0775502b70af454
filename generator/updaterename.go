package generator

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// followRenames brings what the generator changed into a file that the owner
// moved elsewhere: it is found by what it still has in common with the base. One
// of a component that is switched off goes or stays as it would under its own
// name. Without such a file the deletion stands.
func (u *updater) followRenames() {
	missing := u.lost // no longer wanted
	known := map[string]bool{}
	for _, f := range u.cs.Files {
		known[f.Path] = true
		if f.Action != Gone {
			continue
		}
		if v, _ := u.versions(f.Path); v.next != nil && v.base != nil && !sameText(v.base, v.next) {
			missing = append(missing, v)
		}
	}
	missing = slices.DeleteFunc(missing, func(v versions) bool { return len(v.base.data) == 0 })
	if len(missing) == 0 {
		return
	}
	type candidate struct {
		path  string
		file  *diskFile
		score float64
	}
	var mu sync.Mutex
	best := make([]candidate, len(missing))
	u.p.walk(func(name string, read func() (*diskFile, error)) {
		if known[name] {
			return
		}
		var file *diskFile
		for i, v := range missing {
			// What was moved out of a package that goes is the owner's own.
			if extension(name) != extension(v.path) || v.next == nil && path.Dir(name) != path.Dir(v.path) {
				continue
			}
			if file == nil {
				if file, _ = read(); file == nil {
					return
				}
				if u.renamed != nil && v.next != nil {
					file = rewritten(file, u.renamed)
				}
			}
			c := candidate{name, file, merge.Similarity(v.base.data, file.data, sameFile)}
			mu.Lock()
			if b := best[i]; c.score >= sameFile && (c.score > b.score || c.score == b.score && c.path < b.path) {
				best[i] = c
			}
			mu.Unlock()
		}
	})
	for i, c := range best {
		if c.file != nil {
			u.renamedTo(missing[i], c.path, c.file)
		}
	}
}

// renamedTo decides on a file that the owner gave another name.
func (u *updater) renamedTo(v versions, to string, disk *diskFile) {
	old := v.path
	v.path, v.disk = to, disk
	f := decide(v, u.o)
	if f.Action == Refuse || merge.HasMarkers(disk.data) {
		return
	}
	switch {
	case f.Action == InFault && u.o.Conflicts == WithMarkers:
		u.bases[old] = File{old, v.base.mode, v.class, v.base.data}
		u.pending[old] = File{old, v.next.mode, v.class, v.next.data}
	case f.Action == Orphan:
		u.bases[old] = File{old, v.base.mode, v.class, v.base.data}
	}
	if u.renamed != nil {
		u.restoreBefore(&f)
	}
	f.RenamedFrom = old
	at := slices.IndexFunc(u.cs.Files, func(f FileChange) bool { return f.Path == old })
	if at < 0 {
		u.cs.Files = append(u.cs.Files, f)
		return
	}
	u.cs.Files[at] = f
}

// sameFile is how much of a generated file must be left in a file of another
// name for it to count as renamed.
const sameFile = 0.6

func extension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return name
}
