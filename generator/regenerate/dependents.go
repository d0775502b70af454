package regenerate

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/options"
)

// dependent is a file that imports a package which a run removes, or one through
// which the service goes on with a store that the project has left.
type dependent struct {
	file, imports string
	instead       string // the import to write there, with the name that the file uses; empty: none
	gone          bool   // the package is removed
	opens         bool   // the file may be the one that opens the store
}

func (d dependent) String() string {
	switch {
	case !d.gone:
		return fmt.Sprintf("%s imports %q, so the service goes on with that store: import %s there instead", d.file,
			d.imports, d.instead)
	case d.instead != "":
		return fmt.Sprintf("%s imports %q, which this run removes: import %s there first", d.file, d.imports, d.instead)
	}
	return fmt.Sprintf("%s imports %q, which this run removes: take that import out first", d.file, d.imports)
}

// dependOnGone are the sentences about packages that are removed.
func (cs *ChangeSet) dependOnGone() []string {
	var list []string
	for _, d := range cs.depend {
		if d.gone {
			list = append(list, d.String())
		}
	}
	return list
}

// dependents finds, once all else is decided, what imports of the owner's are
// left for them to change, and notes each.
func (u *updater) dependents() {
	stores := u.next.Options.Module + "/" + storeDir
	chosen := stores + u.next.Options.Store
	goes := map[string]bool{} // import paths of packages that lose files
	opened := false           // the chosen store, by main.go as generated
	blocked := map[string]bool{}
	for _, f := range u.cs.Files {
		switch {
		case f.Action == Refuse || f.Action == Conflict || f.Action == Orphan:
			blocked[f.Path] = true // what it will import is not settled, or its note speaks of it
			opened = opened || f.Path == "main.go"
		case f.Action == Delete && isSource(f.Path):
			goes[path.Join(u.next.Options.Module, path.Dir(f.Path))] = true
		}
		opened = opened || f.Path == "main.go" && f.after != nil && slices.Contains(importsOf(f.after.Data), chosen)
	}
	if opened && len(goes) == 0 {
		return
	}
	var mu sync.Mutex
	var found []dependent
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
		opens := isSource(name) && !ofStore(name)
		for _, p := range imports {
			d := dependent{file: name, imports: p, opens: opens}
			if store, is := strings.CutPrefix(p, stores); is && isStore(store) && p != chosen {
				d.instead = insteadOf(data, p, chosen)
			}
			opened = opened || opens && p == chosen
			if !blocked[name] && (opens && d.instead != "" || goes[p]) {
				found = append(found, d)
			}
		}
	})
	for _, d := range found {
		d.gone = goes[d.imports]
		if d.gone || d.opens && d.instead != "" && !opened {
			u.cs.depend = append(u.cs.depend, d)
		}
	}
	slices.SortFunc(u.cs.depend,
		func(a, b dependent) int { return strings.Compare(a.file+a.imports, b.file+b.imports) })
	for _, d := range u.cs.depend {
		u.cs.Notes = append(u.cs.Notes, d.String())
	}
}

// storeDir is where each store has its package.
const storeDir = "internal/store/"

func isStore(name string) bool {
	d, _ := options.Lookup("store")
	return slices.Contains(d.Values, name)
}

// ofStore reports whether a file lies in the package of a store, or below it. The
// owner's own may lie beside these.
func ofStore(name string) bool {
	rest, in := strings.CutPrefix(name, storeDir)
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
