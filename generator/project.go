package generator

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// project is a project on disk. All access goes through root, so that no
// symbolic link can lead out of the directory.
type project struct {
	dir  string // absolute
	root *os.Root
}

func openProject(dir string) (*project, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, &Problem{"", fmt.Sprintf("cannot open the project %q: %v", dir, unwrapPath(err)), "name the directory of a project, or make one with sessionseed new"}
	}
	return &project{dir, root}, nil
}

func (p *project) close() { p.root.Close() }

// errNotRegular means that something other than a regular file stands in the
// place of one.
var errNotRegular = errors.New("not a regular file")

// read returns the file at the slash-separated name, nil if there is none. A
// symbolic link is not followed.
func (p *project) read(name string) (*diskFile, error) {
	local := filepath.FromSlash(name)
	info, err := p.root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", unwrapPath(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, fmt.Errorf("is a symbolic link: %w", errNotRegular)
	case info.IsDir():
		return nil, fmt.Errorf("is a directory: %w", errNotRegular)
	case !info.Mode().IsRegular():
		return nil, errNotRegular
	}
	data, err := p.root.ReadFile(local)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", unwrapPath(err))
	}
	return &diskFile{info.Mode().Perm(), data}, nil
}

// walk calls f with the slash-separated name of every regular file that may
// belong to the owner's module. What the go command does not see as a part of
// it, and what can be large, is left out: hidden directories, node_modules,
// vendor, and modules of their own.
func (p *project) walk(f func(name string) error) error {
	fsys := p.root.FS()
	return fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			if name == "." {
				return err
			}
			return nil // an unreadable corner of the owner's
		}
		if entry.IsDir() {
			if name == "." {
				return nil
			}
			base := entry.Name()
			if strings.HasPrefix(base, ".") || base == "node_modules" || base == "vendor" {
				return fs.SkipDir
			}
			if _, err := p.root.Lstat(filepath.FromSlash(path.Join(name, "go.mod"))); err == nil {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		return f(name)
	})
}
