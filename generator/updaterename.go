package generator

import (
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// followRenames brings what the generator changed into a file that the owner
// moved elsewhere: it is found by what it still has in common with the base.
// Without such a file the deletion stands.
func (u *updater) followRenames() {
	missing := map[int]versions{}
	known := map[string]bool{}
	for i, f := range u.cs.Files {
		known[f.Path] = true
		if f.Action != Gone {
			continue
		}
		if v, _ := u.versions(f.Path); v.next != nil && v.base != nil && !sameText(v.base, v.next) && len(v.base.data) > 0 {
			missing[i] = v
		}
	}
	if len(missing) == 0 {
		return
	}
	type candidate struct {
		path  string
		file  *diskFile
		score float64
	}
	var mu sync.Mutex
	best := map[int]candidate{}
	u.p.walk(func(name string, read func() (*diskFile, error)) {
		if known[name] {
			return
		}
		var file *diskFile
		for i, v := range missing {
			if extension(name) != extension(v.path) {
				continue
			}
			if file == nil {
				if file, _ = read(); file == nil {
					return
				}
				if u.renamed != nil {
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
		v := missing[i]
		old := v.path
		v.path, v.disk = c.path, c.file
		f := decide(v, u.o)
		if f.Action == Refuse || merge.HasMarkers(c.file.data) {
			continue
		}
		if f.Action == InFault && u.o.Conflicts == WithMarkers {
			u.bases[old] = File{old, v.base.mode, v.class, v.base.data}
			u.pending[old] = File{old, v.next.mode, v.class, v.next.data}
		}
		if u.renamed != nil {
			u.restoreBefore(&f)
		}
		f.RenamedFrom = old
		if f.Note == "" {
			f.Note = "was " + old
		}
		u.cs.Files[i] = f
	}
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
