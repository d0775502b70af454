package regenerate

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/goedit"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/sources"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// ownersImports re-points the imports of the owner's own files when the module path
// changes, and those of files that are no longer part of the project and stay.
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
	for name, disk := range u.after().OnDisk {
		if at, known := decided[name]; known && u.cs.Files[at].Action != changeset.Orphan {
			continue
		}
		free <- struct{}{}
		wg.Go(func() {
			defer func() { <-free }()
			after := u.renamed.rewritten(disk)
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

// dependents finds, once all else is decided, what imports of the owner's are
// left for them to change, and notes each.
func (u *updater) dependents() {
	into := u.next.Options.Into
	main := tree.Place(opensStore(into), into)
	stores := u.next.Options.Module + "/" + tree.Place(storeDir, into) + "/"
	chosen := stores + u.next.Options.Store
	goes := map[string]bool{} // import paths of packages that lose files
	opened := false           // the chosen store, by some file
	blocked := map[string]bool{}
	for _, f := range u.cs.Files {
		switch {
		case f.Action == changeset.Refuse || f.Action == changeset.Conflict || f.Action == changeset.Orphan:
			blocked[f.Path] = true // what it will import is not settled, or its note speaks of it
			opened = opened || f.Path == main
		case f.Action == changeset.Delete && sources.IsSource(f.Path):
			goes[path.Join(u.next.Options.Module, path.Dir(f.Path))] = true
		}
		opened = opened || f.Path == main && f.After != nil && slices.Contains(goedit.Imports(f.After.Data), chosen)
	}
	if opened && len(goes) == 0 {
		return
	}
	var mu sync.Mutex
	var found []changeset.Dependent
	u.after().Each(func(name string, data []byte) {
		var imports []string
		if bytes.Contains(data, []byte(u.next.Options.Module)) {
			imports = goedit.Imports(data)
		}
		mu.Lock()
		defer mu.Unlock()
		if sources.IsSource(name) {
			delete(goes, path.Join(u.next.Options.Module, path.Dir(name)))
		}
		opens := sources.IsSource(name) && !ofStore(name, into)
		for _, p := range imports {
			d := changeset.Dependent{File: name, Imports: p, Opens: opens}
			if store, is := strings.CutPrefix(p, stores); is && isStore(store) && p != chosen {
				d.Instead = goedit.ImportName(data, p) + " " + strconv.Quote(chosen)
			}
			opened = opened || opens && p == chosen
			if !blocked[name] && (opens && d.Instead != "" || goes[p]) {
				found = append(found, d)
			}
		}
	})
	for _, d := range found {
		d.Gone = goes[d.Imports]
		if d.Gone || d.Opens && d.Instead != "" && !opened {
			u.cs.Depend = append(u.cs.Depend, d)
		}
	}
	slices.SortFunc(u.cs.Depend,
		func(a, b changeset.Dependent) int { return strings.Compare(a.File+a.Imports, b.File+b.Imports) })
	if i := slices.Index(u.cs.Notes, u.next.Options.ServerNote()); i >= 0 && !opened { // nobody looks for the server
		u.cs.Notes = slices.Delete(u.cs.Notes, i, i+1)
		if len(u.cs.Depend) == 0 {
			u.cs.Notes = append(u.cs.Notes, fmt.Sprintf("no file imports %q: the service keeps its store", chosen))
		}
	}
	for _, d := range u.cs.Depend {
		u.cs.Notes = append(u.cs.Notes, d.String())
	}
}

// storeDir is where each store has its package.
const storeDir = "internal/store"

// opensStore is the generated file that opens the store.
func opensStore(into string) string {
	if into != "" {
		return "internal/web/mount.go"
	}
	return "main.go"
}

func isStore(name string) bool {
	d, _ := options.Lookup("store")
	return slices.Contains(d.Values, name)
}

// ofStore reports whether a file lies in the package of a store, or below it. The
// owner's own may lie beside these.
func ofStore(name, into string) bool {
	rest, in := strings.CutPrefix(name, tree.Place(storeDir, into)+"/")
	dir, _, below := strings.Cut(rest, "/")
	return in && below && isStore(dir)
}
