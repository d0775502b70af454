package project

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// The files of .sessionseed/; those of earlier generators, which wrote zip archives,
// are read to bring a project up to date, and never written.
const (
	StateDir      = ".sessionseed"
	ManifestPath  = StateDir + "/manifest.json"
	BasePath      = StateDir + "/base.txt"
	PendingPath   = StateDir + "/pending.txt"
	ZippedBase    = StateDir + "/base.zip"
	ZippedPending = StateDir + "/pending.zip"

	txDir   = StateDir + "/tx"   // of the transaction that runs
	undoDir = StateDir + "/undo" // of the last one
)

var stateFiles = []string{ManifestPath, BasePath, PendingPath, ZippedBase, ZippedPending}

// local is a slash-separated name as the system writes it.
func local(name string) string { return filepath.FromSlash(name) }

// Owned says which paths the files in .sessionseed/ may name. They come with a
// cloned repository and are not trusted: whoever wrote them must not be able to
// have anything changed that is not the generator's.
type Owned struct {
	Files *tree.Tree
	kinds map[string]bool // extensions, and names of files without one
	areas map[string]bool // directories, to a depth of two
}

// NewOwned takes the files that the generator makes for some options.
func NewOwned(files *tree.Tree) Owned {
	if files == nil {
		files = &tree.Tree{}
	}
	o := Owned{files, map[string]bool{}, map[string]bool{}}
	for _, f := range files.Files {
		o.kinds[kind(f.Path)] = true
		o.areas[area(f.Path)] = true
	}
	return o
}

// Generated reports whether the manifest and the base may name a file: one that
// the generator makes, or one that an older generator can have made, that is, of
// the same kind and in a directory of the generator's. .env is never among them.
func (o Owned) Generated(name string) bool {
	if f, ok := o.Files.File(name); ok {
		return f.Class != tree.Secret
	}
	return o.visible(name) && o.areas[area(name)]
}

// changed reports whether a journal may name a file. A run also changes .env, the
// files of the state, files that the owner has moved, and files that import a renamed
// module; those can be in any directory.
func (o Owned) changed(name string) bool {
	_, made := o.Files.File(name)
	return made || slices.Contains(stateFiles, name) || o.visible(name)
}

// visible reports whether a path has no hidden element, is not that of someone
// else's module, and is of a kind that the generator makes.
func (o Owned) visible(name string) bool {
	if !fs.ValidPath(name) || !filepath.IsLocal(name) || strings.ContainsAny(name, `\:~`) || !o.kinds[kind(name)] {
		return false
	}
	return !slices.ContainsFunc(strings.Split(name, "/"), func(element string) bool {
		return element[0] == '.' || element == "node_modules" || element == "vendor"
	})
}

// Mode clears the executable bits of a mode that a state file gave to name, unless
// the file that is there has them, or the generator gives them.
func (o Owned) Mode(name string, mode fs.FileMode, now *tree.Blob) fs.FileMode {
	f, _ := o.Files.File(name)
	if f.Mode&0o111 != 0 || now != nil && now.Mode&0o111 != 0 {
		return mode & fs.ModePerm
	}
	return mode & fs.ModePerm &^ 0o111
}

func kind(name string) string {
	if ext := path.Ext(name); ext != "" {
		return ext
	}
	return path.Base(name)
}

func area(name string) string {
	elements := strings.Split(path.Dir(name), "/")
	return path.Join(elements[:min(2, len(elements))]...)
}
