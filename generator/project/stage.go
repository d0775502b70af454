package project

import (
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// operation is the change of one file, as the journal lists it.
type operation struct {
	Path string `json:"path"`
	// Old and New are the hashes before and after, empty for no file.
	Old     string      `json:"old"`
	New     string      `json:"new"`
	OldMode fs.FileMode `json:"oldMode,omitempty"`
	NewMode fs.FileMode `json:"newMode,omitempty"`
}

func (op operation) isNew(f *tree.Blob) bool {
	return f.Sum() == op.New && (f == nil || f.Mode == op.NewMode)
}

func (op operation) isOld(f *tree.Blob) bool {
	return f.Sum() == op.Old && (f == nil || f.Mode == op.OldMode)
}

// takenBack reports whether a file is as it was before, and not as it was made.
func (op operation) takenBack(f *tree.Blob) bool { return op.isOld(f) && !op.isNew(f) }

// staged is the name of the nth file in a part of the transaction.
func staged(part string, n int) string { return stagedIn(txDir, part, n) }

func stagedIn(dir, part string, n int) string { return fmt.Sprintf("%s/%s/%04d", dir, part, n) }

// steps is called before each change of the disk, with a name; nil is not. Tests stop
// a run there.
type steps func(name string) error

// do is one step.
func (s steps) do(name string, f func() error) error {
	if s != nil {
		if err := s(name); err != nil {
			return err
		}
	}
	return f()
}

// stage writes both versions of every changed file into the directory of the
// transaction, and returns what is to be done, in the order of the changes. create
// says that they make the project.
func stage(root *os.Root, changes []tree.Change, create bool, step steps) (ops []operation, err error) {
	if err := step.do("make directory", func() error {
		if err := root.RemoveAll(local(txDir)); err != nil { // nothing that is there already is written through
			return err
		}
		for _, part := range []string{"new", "old"} {
			if err := root.MkdirAll(local(txDir+"/"+part), 0o700); err != nil {
				return err
			}
		}
		return writeIn(root, txDir+"/.gitignore", &tree.Blob{Mode: 0o600, Data: []byte("*\n")})
	}); err != nil {
		return nil, err
	}
	w := writers{free: make(chan struct{}, parallelWrites)}
	for n, c := range changes {
		op := operation{Path: c.Path, Old: c.Before.Sum(), New: c.After.Sum()}
		if c.Before != nil {
			op.OldMode = c.Before.Mode
			keep := func() error { return writeIn(root, staged("old", n), c.Before) }
			if err := step.do("keep "+c.Path, func() error { return w.do(keep) }); err != nil {
				_ = w.wait() // nothing may be written after this
				return nil, err
			}
		}
		if c.After != nil {
			op.NewMode = c.After.Mode
			put := func() error { return writeNew(root, staged("new", n), c, create) }
			if err := step.do("stage "+c.Path, func() error { return w.do(put) }); err != nil {
				_ = w.wait() // nothing may be written after this
				return nil, err
			}
		}
		ops = append(ops, op)
	}
	return ops, w.wait()
}

// parallelWrites is how many files are written at once. Each waits for the disk,
// which takes what comes together in one go.
const parallelWrites = 16

// writers write files in the background.
type writers struct {
	free chan struct{}
	wg   sync.WaitGroup
	mu   sync.Mutex
	err  error // the first
}

// do begins to write a file. Its error is that of any file so far.
func (w *writers) do(write func() error) error {
	w.free <- struct{}{}
	w.wg.Go(func() {
		err := write()
		<-w.free
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.err == nil {
			w.err = err
		}
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// wait waits for all files, and returns the first error.
func (w *writers) wait() error {
	w.wg.Wait()
	return w.err
}

// writeNew stages the new version of a file. The files of a new project get what
// the umask leaves of their mode, all but secret ones, and are not synced: what a
// crash of the system takes of them, the same command makes again with --force.
func writeNew(root *os.Root, name string, c tree.Change, create bool) error {
	if !create || c.Before != nil {
		return writeIn(root, name, c.After)
	}
	err := root.WriteFile(local(name), c.After.Data, c.After.Mode)
	if err == nil && c.Class == tree.Secret {
		err = root.Chmod(local(name), c.After.Mode)
	}
	return err
}
