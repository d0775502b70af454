package project

import (
	"errors"
	"fmt"
	"os"
	"sync"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// staged is the name of the nth file in a part of the transaction.
func staged(part string, n int) string { return stagedIn(txDir, part, n) }

func stagedIn(dir, part string, n int) string { return fmt.Sprintf("%s/%s/%04d", dir, part, n) }

// stage writes both versions of every changed file into the transaction's
// directory. The changes are made in their order.
func (p *Project) Stage(changes []tree.Change, step func(string) error) (*transaction, error) {
	t := &transaction{p: p, step: step}
	return t, t.stage(changes)
}

func (t *transaction) stage(changes []tree.Change) error {
	if t.step == nil {
		t.step = func(string) error { return nil }
	}
	p := t.p
	if err := t.do("make directory", func() error {
		if err := p.Root.RemoveAll(local(txDir)); err != nil { // nothing that is there already is written through
			return err
		}
		for _, part := range []string{"new", "old"} {
			if err := p.Root.MkdirAll(local(txDir+"/"+part), 0o700); err != nil {
				return err
			}
		}
		return p.Write(txDir+"/.gitignore", &tree.Blob{Mode: 0o600, Data: []byte("*\n")})
	}); err != nil {
		return err
	}
	w := writers{free: make(chan struct{}, parallelWrites)}
	for n, c := range changes {
		op := operation{Path: c.Path, Old: c.Before.Sum(), New: c.After.Sum()}
		if c.Before != nil {
			op.OldMode = c.Before.Mode
			keep := func() error { return p.Write(staged("old", n), c.Before) }
			if err := t.do("keep "+c.Path, func() error { return w.do(keep) }); err != nil {
				_ = w.wait() // nothing may be written after this
				return err
			}
		}
		if c.After != nil {
			op.NewMode = c.After.Mode
			stage := func() error { return t.writeNew(staged("new", n), c) }
			if err := t.do("stage "+c.Path, func() error { return w.do(stage) }); err != nil {
				_ = w.wait() // nothing may be written after this
				return err
			}
		}
		t.ops = append(t.ops, op)
	}
	return w.wait()
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
// crash of the system takes of them is made by the same command again.
func (t *transaction) writeNew(name string, c tree.Change) error {
	if !t.create || c.Before != nil {
		return t.p.Write(name, c.After)
	}
	err := t.p.Root.WriteFile(local(name), c.After.Data, c.After.Mode)
	if err == nil && c.Class == tree.Secret {
		err = t.p.Root.Chmod(local(name), c.After.Mode)
	}
	return err
}

// write makes a new file with exactly the mode and content, and syncs it.
func (p *Project) Write(name string, f *tree.Blob) error {
	out, err := p.Root.OpenFile(local(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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
