package generator

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
)

// modules decides on go.mod and go.sum, once it is known which code stays.
func (u *updater) modules(files []versions) error {
	if len(files) == 0 {
		return nil
	}
	needed, err := u.stillImported(files)
	if err != nil {
		return err
	}
	for _, v := range files {
		if needed && v.base != nil && v.disk != nil {
			// Requirements that the generator dropped count as the owner's
			// from now on.
			switch {
			case v.next == nil:
				v.next = v.disk
			case strings.HasSuffix(v.path, "go.mod"):
				v.base = &diskFile{v.base.mode, []byte("module " + modfile.ModulePath(v.base.data) + "\n\ngo " + GoVersion + "\n")}
			default:
				v.base = &diskFile{v.base.mode, nil}
			}
		}
		f := decide(v, u.o)
		u.add(f, v)
		if v.path == "go.mod" && v.next != nil && f.after != nil && requiresMore(f.after.data, v.next.data) {
			// Which sums the owner's requirements need, only the go command
			// knows. One too many harms nobody, one too few does.
			needed = true
		}
	}
	return nil
}

// requiresMore reports whether a go.mod requires a module that another does not.
func requiresMore(goMod, than []byte) bool {
	have, err := modfile.ParseLax("go.mod", goMod, nil)
	if err != nil {
		return true
	}
	known, err := modfile.ParseLax("go.mod", than, nil)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(have.Require, func(r *modfile.Require) bool {
		return !slices.ContainsFunc(known.Require, func(k *modfile.Require) bool { return k.Mod.Path == r.Mod.Path })
	})
}

// stillImported reports whether code that stays imports a module that the new
// go.mod no longer requires.
func (u *updater) stillImported(files []versions) (bool, error) {
	var dropped []string
	for _, v := range files {
		if v.path != "go.mod" || v.base == nil || v.next == nil {
			continue
		}
		was, err := modfile.ParseLax("go.mod", v.base.data, nil)
		if err != nil {
			return false, err
		}
		now, err := modfile.ParseLax("go.mod", v.next.data, nil)
		if err != nil {
			return false, err
		}
		for _, r := range was.Require {
			if !slices.ContainsFunc(now.Require, func(n *modfile.Require) bool { return n.Mod.Path == r.Mod.Path }) {
				dropped = append(dropped, r.Mod.Path)
			}
		}
	}
	if len(dropped) == 0 {
		return false, nil
	}
	after := map[string]*diskFile{}
	for _, f := range u.cs.Files {
		after[f.Path] = f.after
	}
	var found atomic.Bool
	u.p.walk(func(name string, read func() (*diskFile, error)) {
		if found.Load() || !strings.HasSuffix(name, ".go") {
			return
		}
		f, decided := after[name]
		if !decided {
			f, _ = read()
		}
		if f == nil || !slices.ContainsFunc(dropped, func(m string) bool { return bytes.Contains(f.data, []byte(m)) }) {
			return
		}
		for _, p := range importsOf(f.data) {
			if slices.ContainsFunc(dropped, func(m string) bool { return p == m || strings.HasPrefix(p, m+"/") }) {
				found.Store(true)
			}
		}
	})
	return found.Load(), nil
}

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

// machineState plans the files of .sessionseed/, which are written last.
func (u *updater) machineState() error {
	files, err := encodeState(newTree(slices.Collect(maps.Values(u.bases))), u.pending, u.next.Options, u.g.Version)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Path] = true
		before, err := u.p.read(f.Path)
		if err != nil {
			return &Problem{"", f.Path + " " + err.Error(), "make it a plain file"}
		}
		after := f.asDisk()
		if before != nil {
			after.mode = before.mode
		}
		u.cs.state = append(u.cs.state, FileChange{Path: f.Path, Class: StateFile, before: before, after: after})
	}
	if !wanted[pendingPath] {
		if before, err := u.p.read(pendingPath); err == nil && before != nil {
			u.cs.state = append(u.cs.state, FileChange{Path: pendingPath, Class: StateFile, before: before})
		}
	}
	// The manifest is the last file of all: it says what the others are.
	slices.SortFunc(u.cs.state, func(a, b FileChange) int {
		last := func(f FileChange) string {
			if f.Path == manifestPath {
				return "~"
			}
			return f.Path
		}
		return strings.Compare(last(a), last(b))
	})
	return nil
}
