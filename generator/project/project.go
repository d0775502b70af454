// Package project is a directory on disk: it is walked, locked, and changed in one
// journalled transaction, which can be undone and which a kill leaves whole. All
// access to its files goes through os.Root; nothing else of the generator writes files of a project.
package project

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Project is one on disk. All access to its files goes through Root, so that no
// symbolic link can lead out of the directory; only git's index is read without it.
type Project struct {
	Dir  string // absolute
	Root *os.Root

	Owned Owned

	generated *tree.Tree
}

// Open opens the project in dir for a generator that makes the files of generated
// for some options.
func Open(dir string, generated *tree.Tree) (*Project, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, problem.New(fmt.Sprintf("cannot open the project %q: %v", dir, UnwrapPath(err)),
			"name the directory of a project, or make one with sessionseed new")
	}
	p := &Project{Dir: dir, Root: root, generated: generated}
	p.In("")
	for _, name := range []string{StateDir, txDir, undoDir} {
		if info, err := root.Lstat(local(name)); err == nil && !info.IsDir() {
			p.Close()
			hint := "remove it"
			if name == StateDir {
				hint = "remove it, then run sessionseed regenerate --adopt"
			}
			return nil, problem.New(fmt.Sprintf("%s in %q is not a directory", name, dir), hint)
		}
	}
	return p, nil
}

// In says where the project has its packages: see [tree.Tree.Under].
func (p *Project) In(into string) { p.Owned = NewOwned(p.generated.Under(into)) }

// Close closes the handle on the directory.
func (p *Project) Close() { p.Root.Close() }

var (
	errTooLarge   = errors.New("is larger than")
	errBehindLink = errors.New("not a directory")
)

// TooLarge is the error of a file that has more bytes than that.
func TooLarge(bytes int) error { return fmt.Errorf("%w %d MiB", errTooLarge, bytes>>20) }

// ReadHint is the remedy for what [Project.Read] cannot read.
func ReadHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "make it readable and writable for you, and run the command again"
	}
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, errBehindLink) {
		return "move away what is in the place of its directory, or make it a directory inside the project"
	}
	if errors.Is(err, errTooLarge) {
		return "make it smaller, or move it away"
	}
	return "make it a plain file inside the project, or move it away"
}

// MaxFile bounds one file, in bytes: a small repository can unpack to more than fits
// into memory.
const MaxFile = 16 << 20

// Read returns the file at the slash-separated name, nil if there is none. No
// symbolic link is followed, not even one to a directory on the way. A file of more
// than 16 MiB is an error.
func (p *Project) Read(name string) (*tree.Blob, error) {
	if err := p.behindLink(name); err != nil {
		return nil, err
	}
	return readIn(p.Root, name)
}

// behindLink is an error if a directory on the way to name is a symbolic link:
// what is behind it is not the project's, even where it is inside of it.
func (p *Project) behindLink(name string) error {
	for i, c := range name {
		if c != '/' {
			continue
		}
		info, err := p.Root.Lstat(local(name[:i]))
		if err != nil {
			return nil // whoever uses name sees it
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			return fmt.Errorf("is behind the symbolic link %s: %w", name[:i], errBehindLink)
		}
	}
	return nil
}

func readIn(root *os.Root, name string) (*tree.Blob, error) {
	local := filepath.FromSlash(name)
	info, err := root.Lstat(local)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("cannot be read: %w", UnwrapPath(err))
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, errors.New("is a symbolic link, not a regular file")
	case info.IsDir():
		return nil, errors.New("is a directory, not a regular file")
	case !info.Mode().IsRegular():
		return nil, errors.New("is not a regular file")
	case info.Size() > MaxFile:
		return nil, TooLarge(MaxFile)
	}
	data, err := root.ReadFile(local)
	if err != nil {
		return nil, fmt.Errorf("cannot be read: %w", UnwrapPath(err))
	}
	return &tree.Blob{Mode: info.Mode().Perm(), Data: data}, nil
}

// Replace puts a file in the place of one that may be there, in one step: killed, it
// leaves the one or the other, and at most a part beside it, which the next call takes
// away. No undo brings the old file back.
func (p *Project) Replace(name string, f *tree.Blob) error {
	part := name + ".sessionseed"
	if err := p.Root.Remove(local(part)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return WriteProblem(err)
	}
	err := writeIn(p.Root, part, f)
	if err == nil {
		err = p.Root.Rename(local(part), local(name))
	}
	if err != nil {
		_ = p.Root.Remove(local(part))
		return WriteProblem(err)
	}
	return nil
}

// writeIn makes a new file with exactly the mode and content, and syncs it.
func writeIn(root *os.Root, name string, f *tree.Blob) error {
	out, err := root.OpenFile(local(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(f.Data)
	if err == nil {
		err = out.Chmod(f.Mode)
	}
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// Walk calls f with the slash-separated name of every regular file that may
// belong to the owner's module, and with the way to read it, which is valid
// during the call. It calls f from several goroutines and in no order. What the
// go command does not see as a part of the module, and what can be large, is
// left out: hidden directories, node_modules, vendor, and modules of their own;
// so is a directory that cannot be read.
func (p *Project) Walk(f func(name string, read func() (*tree.Blob, error))) {
	root, err := p.Root.OpenRoot(".")
	if err != nil {
		return
	}
	var wg sync.WaitGroup
	free := make(chan struct{}, 2*runtime.GOMAXPROCS(0))
	// Each directory is opened below its parent once: names of many elements
	// would cost a lookup for each of them, for each file.
	var visit func(dir *os.Root, at string)
	visit = func(dir *os.Root, at string) {
		defer dir.Close()
		entries, err := fs.ReadDir(dir.FS(), ".")
		if err != nil ||
			at != "" && slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == "go.mod" }) {
			return
		}
		for _, e := range entries {
			base := e.Name()
			switch {
			case e.Type().IsRegular():
				f(at+base, func() (*tree.Blob, error) { return readIn(dir, base) })
			case !e.IsDir(), strings.HasPrefix(base, "."), base == "node_modules", base == "vendor":
			default:
				sub, err := dir.OpenRoot(base)
				if err != nil {
					continue
				}
				select {
				case free <- struct{}{}:
					wg.Go(func() {
						visit(sub, at+base+"/")
						<-free
					})
				default:
					visit(sub, at+base+"/")
				}
			}
		}
	}
	visit(root, "")
	wg.Wait()
}

// UnwrapPath is what the system says, without the name of the file.
func UnwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}

// ErrBusy means that another run works on the project.
var ErrBusy error = problem.New("another sessionseed is working on this project",
	"wait until it is done, and run the command again")

// CheckUnchanged refuses a run whose plan no longer fits what is on disk, and
// files that their owner has made read-only.
func (p *Project) CheckUnchanged(changes []tree.Change) error {
	var problems []error
	for _, c := range changes {
		now, err := p.Read(c.Path)
		switch {
		case err != nil:
			problems = append(problems, problem.New(c.Path+" "+err.Error(), ReadHint(err)))
		case !now.Equal(c.Before):
			problems = append(problems, problem.New(c.Path+" was changed while sessionseed ran",
				"nothing was written; run the command again"))
		case now != nil && now.Mode&0o200 == 0:
			problems = append(problems, problem.New(c.Path+" is read-only",
				"nothing was written; make it writable (chmod u+w) and run the command again"))
		}
	}
	return errors.Join(problems...)
}
