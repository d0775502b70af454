package regenerate

import (
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// moved is a generated file that is not where it was generated.
type moved struct {
	changeset.Versions
	back bool // it is about to be added, or brought back
	kept bool // the run does not change it; all that is asked is where it is
}

// text is what the file is recognised by.
func (m moved) text() []byte {
	if m.Base == nil {
		return m.Next.Data
	}
	return m.Base.Data
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
		missing = append(missing, moved{Versions: v}) // no longer wanted
	}
	known := map[string]changeset.FileChange{}
	for _, f := range u.cs.Files {
		known[f.Path] = f
		back := f.Action == changeset.Add && path.Ext(f.Path) == ".go"
		if f.Action != changeset.DeletedByOwner && !back {
			continue
		}
		if v, _ := u.versions(f.Path); v.Next != nil && (back || v.Base != nil) {
			missing = append(missing, moved{v, back, !back && changeset.SameText(v.Base, v.Next)})
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
		if generated && f.Action != changeset.Keep && f.Action != changeset.Merge {
			return
		}
		var file *tree.Blob
		for i, m := range missing {
			sameDir := path.Dir(name) == path.Dir(m.Path)
			near := sameDir || m.Base != nil && path.Base(name) == path.Base(m.Path)
			switch {
			case extension(name) != extension(m.Path), (m.back || m.kept) && !near:
				continue
			case m.Next == nil && (!sameDir || generated):
				continue // what was moved out of a package that goes is the owner's own
			}
			if file == nil {
				if file, _ = read(); file == nil {
					return
				}
				if u.renamed != nil && m.Next != nil {
					file = u.renamed.rewritten(file)
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
		at := slices.IndexFunc(u.cs.Files, func(f changeset.FileChange) bool { return f.Path == c.path })
		if m.back || m.kept || at >= 0 {
			u.noteWhereTextIs(m.Path, c.path)
		}
		switch changed := m.Base != nil && (m.Next == nil || !changeset.SameText(m.Base, m.Next)); {
		case !changed:
		case at >= 0:
			u.joinedTo(m.Versions, &u.cs.Files[at])
		default:
			u.renamedTo(m.Versions, c.path, c.file)
		}
	}
}

// noteWhereTextIs has the set say of a file that stays away where its text is.
func (u *updater) noteWhereTextIs(name, in string) {
	at := slices.IndexFunc(u.cs.Files, func(f changeset.FileChange) bool { return f.Path == name })
	if at >= 0 {
		f := u.cs.Files[at]
		u.cs.Files[at] = changeset.FileChange{Path: name, Action: changeset.DeletedByOwner, Class: f.Class,
			Note: "its text is in " + in}
	}
}

// joinedTo brings the change of a file into another one, decided on already, to
// which its owner joined it. Where both sides changed the same lines, that is a
// conflict of the file that is there.
func (u *updater) joinedTo(v changeset.Versions, to *changeset.FileChange) {
	if v.Next == nil || to.After == nil || to.Action == changeset.Conflict || to.Action == changeset.Refuse {
		return
	}
	old := v.Path
	v.Path, v.Disk = to.Path, to.After
	f := changeset.Decide(v, u.o)
	switch f.Action {
	case changeset.Merge:
		to.Action, to.After = changeset.Merge, f.After
	case changeset.Conflict:
		if u.o.ChoiceFor(to.Path) == changeset.WithMarkers {
			u.setPending(old, v)
			to.After = f.After
		} else {
			to.After = to.Before
		}
		to.Action, to.Note, to.Conflicts = changeset.Conflict, f.Note, append(to.Conflicts, f.Conflicts...)
	}
}

// renamedTo decides on a file that the owner gave another name.
func (u *updater) renamedTo(v changeset.Versions, to string, disk *tree.Blob) {
	old := v.Path
	v.Path, v.Disk = to, disk
	f := changeset.Decide(v, u.o)
	if f.Action == changeset.Refuse || textmerge.HasMarkers(disk.Data) {
		return
	}
	switch {
	case f.Action == changeset.Conflict && u.o.ChoiceFor(f.Path) == changeset.WithMarkers:
		u.setPending(old, v)
	case f.Action == changeset.Orphan:
		u.setBase(old, v.Class, v.Base)
	}
	if u.renamed != nil {
		u.restoreBefore(&f)
	}
	f.RenamedFrom = old
	at := slices.IndexFunc(u.cs.Files, func(f changeset.FileChange) bool { return f.Path == old })
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
