// Package tree holds the values that all rooms share: files, trees and changes.
package tree

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Class says who owns a file once it is written; regenerate acts on it.
type Class string

const (
	// Generated files carry a "Code generated ... DO NOT EDIT." line and hold
	// nothing but chosen values; a hand edit is refused, not merged.
	Generated Class = "generated"
	// Scaffolded files belong to the project's owner from the first minute;
	// later changes of the generator are merged into them.
	Scaffolded Class = "scaffolded"
	// Config is sessionseed.yaml: the owner edits it, regenerate splices values.
	Config Class = "config"
	// Modules are go.mod and go.sum, merged by requirement.
	Modules Class = "modules"
	// Secret is .env: made with random keys and never stored in the machine
	// state. Later runs add lines to it; the command "keys rotate" changes the
	// line with the keys.
	Secret Class = "secret"
	// StateFile is what lies in .sessionseed/, which nobody edits by hand.
	StateFile Class = "state"
)

// File is one file of an emitted project.
type File struct {
	Path  string      // slash-separated, relative to the project's root
	Mode  fs.FileMode // permission bits only
	Class Class
	Only  Kind // "": in projects of both kinds
	Data  []byte
}

// Kind is how a project began.
type Kind string

const (
	OfNew Kind = "new" // in a directory of its own
	OfAdd Kind = "add" // in a module that was there
)

// Place is where a generated path is in a project whose packages are in a
// directory: into is "" for one of new, which has them in internal.
func Place(name, into string) string {
	if rest, ok := strings.CutPrefix(name, "internal/"); ok && into != "" {
		return path.Join(into, rest)
	}
	return name
}

// Under is the tree of what the generator makes for some options, as projects of one
// kind have it: of new for "", else with the packages in that directory.
func (t *Tree) Under(into string) *Tree {
	if t == nil {
		return nil
	}
	kind := OfNew
	if into != "" {
		kind = OfAdd
	}
	var files []File
	for _, f := range t.Files {
		if f.Only == "" || f.Only == kind {
			f.Path = Place(f.Path, into)
			files = append(files, f)
		}
	}
	return New(files)
}

// Tree is a whole emitted project in memory, sorted by path. It is immutable
// once rendered; its methods are safe for concurrent use.
type Tree struct {
	Files []File
}

// New sorts files by path. It panics on two files of one path or a path
// that is not local: both are mistakes in the tables, which tests walk.
func New(files []File) *Tree {
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	for i, f := range files {
		if !fs.ValidPath(f.Path) || f.Path == "." || path.Clean(f.Path) != f.Path {
			panic("generator: bad path in tree: " + f.Path)
		}
		if i > 0 && files[i-1].Path == f.Path {
			panic("generator: two files for " + f.Path)
		}
	}
	return &Tree{Files: files}
}

// With returns a new tree that also holds files.
func (t *Tree) With(files ...File) *Tree {
	return New(append(slices.Clone(t.Files), files...))
}

// Differing lists the paths at which two trees differ, sorted; secret files and the
// machine state are left out.
func (t *Tree) Differing(other *Tree) []string {
	var paths []string
	for _, pair := range [][2]*Tree{{t, other}, {other, t}} {
		for _, f := range pair[0].Files {
			if f.Class == Secret || f.Class == StateFile {
				continue
			}
			if same, ok := pair[1].File(f.Path); !ok || !bytes.Equal(f.Data, same.Data) {
				paths = append(paths, f.Path)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// File returns the file at path.
func (t *Tree) File(path string) (File, bool) {
	i, ok := slices.BinarySearchFunc(t.Files, path, func(f File, p string) int { return cmp.Compare(f.Path, p) })
	if !ok {
		return File{}, false
	}
	return t.Files[i], true
}

// Blob is the file's permissions and bytes.
func (f File) Blob() *Blob { return &Blob{f.Mode & fs.ModePerm, f.Data} }

// As is the file with other bytes and permissions.
func (f File) As(b *Blob) File {
	f.Mode, f.Data = b.Mode, b.Data
	return f
}

// Blob is a regular file as it stands, or is to stand, on disk.
type Blob struct {
	Mode fs.FileMode
	Data []byte
}

// Equal reports whether both are absent, or have the same mode and bytes.
func (d *Blob) Equal(other *Blob) bool {
	if d == nil || other == nil {
		return d == other
	}
	return d.Mode == other.Mode && string(d.Data) == string(other.Data)
}

// Sum is the hash by which a file is recognised; the empty string is absence.
func (d *Blob) Sum() string {
	if d == nil {
		return ""
	}
	h := sha256.Sum256(d.Data)
	return hex.EncodeToString(h[:])
}

// Change is what happens to one path of a project on disk.
type Change struct {
	Path          string
	Class         Class
	Before, After *Blob // nil: absent
}
