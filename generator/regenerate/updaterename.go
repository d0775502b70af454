package regenerate

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// moved is a generated file that is not where it was generated.
type moved struct {
	versions
	back bool // it is about to be added, or brought back
	kept bool // the run does not change it; all that is asked is where it is
}

// text is what the file is recognised by.
func (m moved) text() []byte {
	if m.base == nil {
		return m.next.Data
	}
	return m.base.Data
}

// candidate is a file that holds the text of one that is missing.
type candidate struct {
	path  string
	file  *tree.Blob
	score float64
}

// followRenames brings what the generator changed into a file that the owner
// moved elsewhere, or joined to another: it is found by what it still has in
// common with the base. One of a component that is switched off goes or stays as
// it would under its own name. Without such a file the deletion stands. A file
// that is to be added does not come beside one that has its text already.
func (u *updater) followRenames() {
	var missing []moved
	for _, v := range u.lost {
		missing = append(missing, moved{versions: v}) // no longer wanted
	}
	known := map[string]FileChange{}
	for _, f := range u.cs.Files {
		known[f.Path] = f
		back := f.Action == Add && path.Ext(f.Path) == ".go"
		if f.Action != DeletedByOwner && !back {
			continue
		}
		if v, _ := u.versions(f.Path); v.next != nil && (back || v.base != nil) {
			missing = append(missing, moved{v, back, !back && sameText(v.base, v.next)})
		}
	}
	missing = slices.DeleteFunc(missing, func(m moved) bool { return len(m.text()) == 0 })
	if len(missing) == 0 {
		return
	}
	var mu sync.Mutex
	best := make([]candidate, len(missing))
	u.p.Walk(func(name string, read func() (*tree.Blob, error)) {
		f, generated := known[name]
		if generated && f.Action != Keep && f.Action != Merge {
			return
		}
		var file *tree.Blob
		for i, m := range missing {
			sameDir := path.Dir(name) == path.Dir(m.path)
			near := sameDir || m.base != nil && path.Base(name) == path.Base(m.path)
			switch {
			case extension(name) != extension(m.path), (m.back || m.kept) && !near:
				continue
			case m.next == nil && (!sameDir || generated):
				continue // what was moved out of a package that goes is the owner's own
			}
			if file == nil {
				if file, _ = read(); file == nil {
					return
				}
				if u.renamed != nil && m.next != nil {
					file = rewritten(file, u.renamed)
				}
			}
			c := candidate{name, file, textmerge.Similarity(m.text(), file.Data, sameFile)}
			mu.Lock()
			if b := best[i]; c.score >= sameFile && (c.score > b.score || c.score == b.score && c.path < b.path) {
				best[i] = c
			}
			mu.Unlock()
		}
	})
	for i, c := range best {
		m := missing[i]
		if c.file == nil {
			continue
		}
		at := slices.IndexFunc(u.cs.Files, func(f FileChange) bool { return f.Path == c.path })
		if m.back || m.kept || at >= 0 {
			u.standsIn(m.path, c.path)
		}
		switch changed := m.base != nil && (m.next == nil || !sameText(m.base, m.next)); {
		case !changed:
		case at >= 0:
			u.joinedTo(m.versions, &u.cs.Files[at])
		default:
			u.renamedTo(m.versions, c.path, c.file)
		}
	}
}

// standsIn says of a file that stays away where its text is.
func (u *updater) standsIn(name, in string) {
	at := slices.IndexFunc(u.cs.Files, func(f FileChange) bool { return f.Path == name })
	if at >= 0 {
		f := u.cs.Files[at]
		u.cs.Files[at] = FileChange{Path: name, Action: DeletedByOwner, Class: f.Class,
			Note: "its text stands in " + in}
	}
}

// joinedTo brings the change of a file into another one, decided on already, to
// which its owner joined it. Where both sides changed the same lines, that is a
// conflict of the file that is there.
func (u *updater) joinedTo(v versions, to *FileChange) {
	if v.next == nil || to.after == nil || to.Action == Conflict || to.Action == Refuse {
		return
	}
	old := v.path
	v.path, v.disk = to.Path, to.after
	f := decide(v, u.o)
	switch f.Action {
	case Merge:
		to.Action, to.after = Merge, f.after
	case Conflict:
		if u.o.conflicts(to.Path) == WithMarkers {
			u.bases[old] = tree.File{Path: old, Mode: v.base.Mode, Class: v.class, Data: v.base.Data}
			u.pending[old] = tree.File{Path: old, Mode: v.next.Mode, Class: v.class, Data: v.next.Data}
			to.after = f.after
		} else {
			to.after = to.before
		}
		to.Action, to.Note, to.Conflicts = Conflict, f.Note, append(to.Conflicts, f.Conflicts...)
	}
}

// renamedTo decides on a file that the owner gave another name.
func (u *updater) renamedTo(v versions, to string, disk *tree.Blob) {
	old := v.path
	v.path, v.disk = to, disk
	f := decide(v, u.o)
	if f.Action == Refuse || textmerge.HasMarkers(disk.Data) {
		return
	}
	switch {
	case f.Action == Conflict && u.o.conflicts(f.Path) == WithMarkers:
		u.bases[old] = tree.File{Path: old, Mode: v.base.Mode, Class: v.class, Data: v.base.Data}
		u.pending[old] = tree.File{Path: old, Mode: v.next.Mode, Class: v.class, Data: v.next.Data}
	case f.Action == Orphan:
		u.bases[old] = tree.File{Path: old, Mode: v.base.Mode, Class: v.class, Data: v.base.Data}
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
