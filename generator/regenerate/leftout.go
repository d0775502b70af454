package regenerate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// leaveOutTests leaves out the tests that cannot compile for want of what the
// owner deleted: one that is new is not added, and one that the run would change
// stays as it is. The owner does without those tests; a run that stops for them
// would ask for the deleted files back.
func (u *updater) leaveOutTests() {
	var deleted []changeset.FileChange
	tests := map[int]*goFile{} // by index in u.cs.Files
	for i, f := range u.cs.Files {
		switch {
		case f.Deleted && path.Ext(f.Path) == ".go":
			deleted = append(deleted, f)
		case strings.HasSuffix(f.Path, "_test.go") && f.After != nil && !f.Before.Equal(f.After) &&
			f.Action != changeset.Conflict:
			tests[i] = parseGo(f.After.Data)
		}
	}
	if len(deleted) == 0 || len(tests) == 0 {
		return
	}
	want := u.wanting(deleted, tests)
	for again := true; again; {
		again = false
		for _, i := range slices.Sorted(maps.Keys(tests)) {
			what, where := want.of(u.cs.Files[i].Path, tests[i])
			if what == "" {
				continue
			}
			if u.cs.Files[i].Before == nil {
				want.lose(u.cs.Files[i].Path, tests[i], where) // others may need it in turn
			}
			u.leaveOut(i, what, where)
			delete(tests, i)
			again = true
		}
	}
}

// leaveOut is what becomes of one such test.
func (u *updater) leaveOut(i int, what, where string) {
	f := &u.cs.Files[i]
	kept := "is left out"
	if f.Before == nil {
		f.Action, f.Deleted, f.Missed = changeset.DeletedByOwner, true, true
	} else {
		// The next run is to offer the change again.
		base := u.st.Base[f.Path]
		u.bases[f.Path] = tree.File{Path: f.Path, Mode: f.Before.Mode, Class: f.Class, Data: base}
		f.Action, kept = changeset.Keep, "stays as it is"
	}
	f.After = f.Before
	f.Note = fmt.Sprintf("%s: it needs %s of %s, which you deleted; --restore brings both back", kept, what, where)
	u.cs.Notes = append(u.cs.Notes, f.Path+" "+f.Note)
}

// wanting is what a project lacks because its owner deleted generated files.
type wanting struct {
	module   string
	names    map[string]map[string]string // directory -> top-level name -> file that declared it
	packages map[string]string            // directory of which no file is left -> one of its files
	declared map[string]map[string]int    // directory -> top-level name -> in how many files
}

func (u *updater) wanting(deleted []changeset.FileChange, tests map[int]*goFile) *wanting {
	w := &wanting{
		module: u.next.Options.Module, names: map[string]map[string]string{}, packages: map[string]string{},
		declared: map[string]map[string]int{},
	}
	look := func(name string) {
		w.names[path.Dir(name)], w.declared[path.Dir(name)] = map[string]string{}, map[string]int{}
	}
	for i := range tests {
		look(u.cs.Files[i].Path)
	}
	for _, f := range deleted {
		look(f.Path)
		dir := path.Dir(f.Path)
		if isSource(f.Path) {
			w.packages[dir] = f.Path
		}
	}
	var mu sync.Mutex
	u.staying(func(name string, data []byte) {
		dir := path.Dir(name)
		if w.names[dir] == nil {
			return
		}
		file := parseGo(data)
		mu.Lock()
		defer mu.Unlock()
		if isSource(name) {
			delete(w.packages, dir)
		}
		for _, name := range file.declares {
			w.declared[dir][name]++
		}
	})
	for _, f := range deleted {
		if next, ok := u.tree.File(f.Path); ok {
			w.lose(f.Path, parseGo(next.Data), f.Path)
		}
	}
	return w
}

// lose adds what a file declared that is not there, or is not to be there, because
// another was deleted.
func (w *wanting) lose(name string, file *goFile, deleted string) {
	dir := path.Dir(name)
	for _, n := range file.declares {
		if name != deleted {
			w.declared[dir][n]--
		}
		if w.declared[dir][n] <= 0 {
			w.names[dir][n] = deleted
		}
	}
}

// of is something that a test needs and the project lacks, and the deleted file
// that it was in; both are empty if there is nothing of the kind.
func (w *wanting) of(name string, file *goFile) (what, where string) {
	for _, imported := range file.imports {
		dir, ok := strings.CutPrefix(imported, w.module+"/")
		if where, gone := w.packages[dir]; ok && gone {
			return "package " + path.Base(dir), where
		}
	}
	for _, n := range file.uses {
		if where, gone := w.names[path.Dir(name)][n]; gone {
			return n, where
		}
	}
	return "", ""
}

// goFile is what a Go file declares at its top level, and what it uses of others.
type goFile struct {
	declares, uses, imports []string // uses are in order of appearance
}

// parseGo takes a file apart as far as it parses.
func parseGo(src []byte) *goFile {
	f := &goFile{imports: importsOf(src)}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return f
	}
	for name := range file.Scope.Objects {
		f.declares = append(f.declares, name)
	}
	for _, id := range file.Unresolved {
		f.uses = append(f.uses, id.Name)
	}
	tested, external := strings.CutSuffix(file.Name.Name, "_test")
	if !external {
		return f
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == tested && x.Obj == nil {
				f.uses = append(f.uses, s.Sel.Name)
			}
		}
		return true
	})
	return f
}
