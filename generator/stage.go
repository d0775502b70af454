package generator

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// staged is the name of the nth file in a part of the transaction.
func staged(part string, n int) string { return fmt.Sprintf("%s/%s/%04d", txDir, part, n) }

// stage writes both versions of every changed file into the transaction's
// directory. The changes are made in their order.
func (p *project) stage(changes []FileChange, step func(string) error) (*transaction, error) {
	t := &transaction{p: p, step: step}
	return t, t.stage(changes)
}

func (t *transaction) stage(changes []FileChange) error {
	if t.step == nil {
		t.step = func(string) error { return nil }
	}
	p := t.p
	if err := t.do("make directory", func() error {
		for _, part := range []string{"new", "old"} {
			if err := p.root.MkdirAll(local(txDir+"/"+part), 0o700); err != nil {
				return err
			}
		}
		return p.write(txDir+"/.gitignore", &diskFile{0o600, []byte("*\n")})
	}); err != nil {
		return err
	}
	w := writers{free: make(chan struct{}, parallelWrites)}
	for n, c := range changes {
		op := operation{Path: c.Path, Old: c.before.sum(), New: c.after.sum()}
		if c.before != nil {
			op.OldMode = c.before.mode
			if err := t.do("keep "+c.Path, func() error { return w.do(func() error { return p.write(staged("old", n), c.before) }) }); err != nil {
				_ = w.wait() // nothing may be written after this
				return err
			}
		}
		if c.after != nil {
			op.NewMode = c.after.mode
			if err := t.do("stage "+c.Path, func() error { return w.do(func() error { return t.writeNew(staged("new", n), c) }) }); err != nil {
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
func (t *transaction) writeNew(name string, c FileChange) error {
	if !t.create || c.before != nil {
		return t.p.write(name, c.after)
	}
	err := t.p.root.WriteFile(local(name), c.after.data, c.after.mode)
	if err == nil && c.Class == Secret {
		err = t.p.root.Chmod(local(name), c.after.mode)
	}
	return err
}

// write makes a file with exactly the mode and content, and syncs it.
func (p *project) write(name string, f *diskFile) error {
	out, err := p.root.OpenFile(local(name), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = out.Write(f.data)
	if err == nil {
		err = out.Chmod(f.mode)
	}
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}
