package project

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// journalName is the file whose rename into place is the commit.
const journalName = "journal"

// journal is the file of that name.
type journal struct {
	Create bool        `json:"create,omitempty"` // the run makes the project
	Undo   bool        `json:"undo,omitempty"`   // the run takes another back
	Files  []operation `json:"files"`
}

// UnmarshalJSON also reads the list of operations alone, which earlier generators
// wrote.
func (j *journal) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("[")) {
		return json.Unmarshal(data, &j.Files)
	}
	type plain journal
	return json.Unmarshal(data, (*plain)(j))
}

// transaction changes several files of a project as one. It lives in
// .sessionseed/tx:
//
//	new/0000   the staged files
//	old/0000   copies of what they replace
//	journal    what is to be done; its rename into place is the commit
//
// Without a journal nothing of the project has been touched, and the directory
// is swept. With one, the project is between two whole states, and recover
// brings it to one of them. Once all is done the directory becomes
// .sessionseed/undo; that of a creation goes, since undo is not a way to delete a
// project.
type transaction struct {
	p      *Project
	read   bool // from disk, where a stranger may have written it
	create bool
	undo   bool
	ops    []operation
	step   steps
}

// Stage begins a transaction: it writes both versions of every changed file into
// its directory. The changes are made in their order.
func (p *Project) Stage(changes []tree.Change, step func(string) error) (*transaction, error) {
	ops, err := stage(p.Root, changes, false, step)
	return &transaction{p: p, ops: ops, step: step}, err
}

// Commit writes the journal and carries it out. An error before the journal
// stands leaves the project as it was; one after it rolls back.
func (t *transaction) Commit() error {
	part := txDir + "/" + journalName + ".part"
	err := t.step.do("write journal", func() error {
		if err := t.recordModes(); err != nil {
			return err
		}
		data, err := json.MarshalIndent(journal{t.create, t.undo, t.ops}, "", " ")
		if err != nil {
			return err
		}
		return writeIn(t.p.Root, part, &tree.Blob{Mode: 0o600, Data: data})
	})
	if err != nil {
		return err
	}
	t.p.sync(txDir, txDir+"/new", txDir+"/old")
	if err := t.step.do("commit journal", func() error {
		return t.p.Root.Rename(local(part), local(txDir+"/"+journalName))
	}); err != nil {
		return err
	}
	t.p.sync(txDir, StateDir)
	err = t.forward()
	if err == nil {
		err = t.finish()
	}
	if err != nil {
		if _, back := t.back(); back != nil {
			return halfWritten(err, t.create)
		}
	}
	return err
}

// recordModes has the journal say which modes the staged files got: Windows and
// FAT know fewer than were asked for, and a file that is compared with a mode
// that it cannot have would pass for changed by someone else.
func (t *transaction) recordModes() error {
	for n, op := range t.ops {
		if op.New == "" {
			continue
		}
		info, err := t.p.Root.Lstat(local(staged("new", n)))
		if err != nil {
			return err
		}
		t.ops[n].NewMode = info.Mode().Perm()
	}
	return nil
}

// forward makes every change that is not made yet.
func (t *transaction) forward() error {
	for n, op := range t.ops {
		now, err := t.p.Read(op.Path)
		if err != nil {
			return fmt.Errorf("%s %w", op.Path, err)
		}
		switch {
		case op.isNew(now):
			continue
		case !op.isOld(now):
			return problem.New(op.Path+" was changed while sessionseed ran",
				"nothing was written; run the command again")
		}
		err = t.step.do("apply "+op.Path, func() error {
			if op.New == "" {
				return t.p.remove(op.Path)
			}
			return t.move(staged("new", n), op.Path, op.NewMode, now)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// back undoes every change that was made. It returns the files that someone
// else has changed meanwhile, and that stay as they are.
func (t *transaction) back() (left []string, err error) {
	for n, op := range slices.Backward(t.ops) {
		now, err := t.p.Read(op.Path)
		switch {
		case err != nil || !op.isNew(now) && !op.isOld(now):
			left = append(left, op.Path)
			continue
		case op.isOld(now):
			continue
		}
		if f, err := t.p.Read(staged("old", n)); err != nil || f.Sum() != op.Old {
			left = append(left, op.Path)
			continue
		}
		err = t.step.do("take back "+op.Path, func() error {
			if op.Old == "" {
				return t.p.remove(op.Path)
			}
			return t.move(staged("old", n), op.Path, op.OldMode, now)
		})
		if err != nil {
			return left, err
		}
	}
	if err := t.step.do("drop journal", t.dropJournal); err != nil {
		return left, err
	}
	return left, t.p.Sweep()
}

func (t *transaction) dropJournal() error { return t.p.Root.Remove(local(txDir + "/" + journalName)) }

// finish turns the transaction into what undo needs.
func (t *transaction) finish() error {
	if t.create {
		err := t.step.do("drop journal", t.dropJournal)
		return errors.Join(err, t.p.Sweep())
	}
	t.p.syncParents(t.ops)
	return t.step.do("keep for undo", func() error {
		// The journal goes first: half an undo must not look like a whole one.
		if err := t.p.Root.Remove(local(undoDir + "/" + journalName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if err := t.p.Root.RemoveAll(local(undoDir)); err != nil {
			return err
		}
		return t.step.do("rename to undo", func() error { return t.p.Root.Rename(local(txDir), local(undoDir)) })
	})
}

// move renames a staged file into its place and makes the directories for it.
func (t *transaction) move(from, to string, mode fs.FileMode, now *tree.Blob) error {
	p := t.p
	if t.read {
		if err := p.Root.Chmod(local(from), p.Owned.Mode(to, mode, now)); err != nil {
			return err
		}
	}
	if d := path.Dir(to); d != "." {
		if err := p.Root.MkdirAll(local(d), 0o755); err != nil {
			return err
		}
	}
	return p.Root.Rename(local(from), local(to))
}

// remove removes a file and the directories that it leaves empty.
func (p *Project) remove(name string) error {
	if err := p.Root.Remove(local(name)); err != nil {
		return err
	}
	for d := path.Dir(name); d != "."; d = path.Dir(d) {
		if info, err := p.Root.Lstat(local(d)); err != nil || !info.IsDir() ||
			p.Root.Remove(local(d)) != nil { // not empty
			break
		}
	}
	return nil
}

// sync makes directory entries durable, as far as the system can.
func (p *Project) sync(dirs ...string) {
	for _, d := range dirs {
		if f, err := p.Root.Open(local(d)); err == nil {
			_ = f.Sync() // not every file system can; the journal is then as safe as the files
			f.Close()
		}
	}
}

func (p *Project) syncParents(ops []operation) {
	seen := map[string]bool{}
	for _, op := range ops {
		if d := path.Dir(op.Path); !seen[d] {
			seen[d] = true
			p.sync(d)
		}
	}
}

// Sweep removes a transaction that has no journal.
func (p *Project) Sweep() error {
	err := p.Root.RemoveAll(local(txDir))
	_ = p.Root.Remove(local(StateDir)) // only if this run made it, that is, if it is empty
	return err
}

// Interrupted reports whether a run was killed after its commit.
func (p *Project) Interrupted() bool {
	_, err := p.Root.Lstat(local(txDir + "/" + journalName))
	return err == nil
}

// applied reports whether no change waits to be made: one that was made counts even
// if the owner has edited the file since.
func (t *transaction) applied() bool {
	for n, op := range t.ops {
		if _, err := t.p.Root.Lstat(local(staged("new", n))); err == nil && op.New != "" {
			return false
		}
	}
	return true
}
