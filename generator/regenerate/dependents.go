package regenerate

import (
	"bytes"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// dependents finds, once all else is decided, what imports of the owner's are
// left for them to change, and notes each.
func (u *updater) dependents() {
	into := u.next.Options.Into
	main := tree.Place(opensStore(into), into)
	stores := u.next.Options.Module + "/" + tree.Place(storeDir, into) + "/"
	chosen := stores + u.next.Options.Store
	goes := map[string]bool{} // import paths of packages that lose files
	opened := false           // the chosen store, by main.go as generated
	blocked := map[string]bool{}
	for _, f := range u.cs.Files {
		switch {
		case f.Action == changeset.Refuse || f.Action == changeset.Conflict || f.Action == changeset.Orphan:
			blocked[f.Path] = true // what it will import is not settled, or its note speaks of it
			opened = opened || f.Path == main
		case f.Action == changeset.Delete && isSource(f.Path):
			goes[path.Join(u.next.Options.Module, path.Dir(f.Path))] = true
		}
		opened = opened || f.Path == main && f.After != nil && slices.Contains(importsOf(f.After.Data), chosen)
	}
	if opened && len(goes) == 0 {
		return
	}
	var mu sync.Mutex
	var found []changeset.Dependent
	u.staying(func(name string, data []byte) {
		var imports []string
		if bytes.Contains(data, []byte(u.next.Options.Module)) {
			imports = importsOf(data)
		}
		mu.Lock()
		defer mu.Unlock()
		if isSource(name) {
			delete(goes, path.Join(u.next.Options.Module, path.Dir(name)))
		}
		opens := isSource(name) && !ofStore(name, into)
		for _, p := range imports {
			d := changeset.Dependent{File: name, Imports: p, Opens: opens}
			if store, is := strings.CutPrefix(p, stores); is && isStore(store) && p != chosen {
				d.Instead = insteadOf(data, p, chosen)
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

// insteadOf is the import of another store that does in a file what its import of
// old does: it goes on with the name that the file calls the package by.
func insteadOf(src []byte, old, chosen string) string {
	name := path.Base(old)
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return strconv.Quote(chosen)
	}
	for _, spec := range file.Imports {
		if spec.Path.Value == strconv.Quote(old) && spec.Name != nil {
			name = spec.Name.Name
		}
	}
	return name + " " + strconv.Quote(chosen)
}

// isSource reports whether a file is Go and no test.
func isSource(name string) bool {
	return path.Ext(name) == ".go" && !strings.HasSuffix(name, "_test.go")
}
