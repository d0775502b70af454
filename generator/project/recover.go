package project

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Recovery is what became of a run that was killed.
type Recovery struct {
	Text                 string // one sentence, empty if there was nothing to do
	Finished, RolledBack bool
	Undo                 bool // the run was the undo of another
}

// Recover, for a generator as in [Open], finishes or rolls back a run on the project in dir that was killed.
// A plan refuses a project that needs it.
//
// A run is finished if every file of it still is what the run found or what it
// wrote, or if it is a creation that wrote its last file; otherwise it is rolled
// back, and what someone else changed meanwhile stays as it is. [ErrBusy] means that the run is not dead but at work.
func Recover(dir string, generated *tree.Tree) (Recovery, error) {
	p, err := Open(dir, generated)
	if err != nil {
		return Recovery{}, err
	}
	defer p.Close()
	if _, err := p.Root.Lstat(local(txDir)); errors.Is(err, fs.ErrNotExist) {
		return Recovery{}, nil
	}
	unlock, err := p.Lock()
	if err != nil {
		return Recovery{}, err
	}
	defer unlock()
	return p.recover(nil)
}

// recover is Recover under the lock.
func (p *Project) recover(step func(string) error) (Recovery, error) {
	if _, err := p.Root.Lstat(local(txDir)); errors.Is(err, fs.ErrNotExist) {
		return Recovery{}, nil
	}
	if !p.Interrupted() {
		if err := p.Sweep(); err != nil {
			return Recovery{}, WriteProblem(err)
		}
		return Recovery{
			Text: "an earlier run was interrupted before it changed anything; its leftovers are removed"}, nil
	}
	t, err := p.readJournal(txDir)
	if err != nil {
		return Recovery{}, err
	}
	t.step = step
	done := t.create && t.applied()
	if done || t.finishable() {
		if !done {
			err = t.forward()
		}
		if err == nil {
			err = t.finish()
		}
		if err == nil {
			return Recovery{
				Text: "an earlier run was interrupted; it is finished now", Finished: true, Undo: t.undo}, nil
		}
	}
	left, err := t.back()
	if err != nil {
		return Recovery{}, fmt.Errorf("roll back an interrupted run: %w", err)
	}
	text := "an earlier run was interrupted and could not be finished; it is rolled back"
	if len(left) > 0 {
		text += ", but for what was changed since: " + strings.Join(left, ", ")
	}
	return Recovery{Text: text, RolledBack: true, Undo: t.undo}, nil
}

// Limits of a journal that is read from disk.
const (
	maxJournal = 4 << 20   // bytes of the journal itself
	maxTouched = 256 << 20 // bytes of all files that it names
)

// readJournal reads the transaction in dir, which may have come with a cloned
// repository: what git tracks is not a journal of this machine, and one that names
// anything but files that the generator changes is not the generator's.
func (p *Project) readJournal(dir string) (*transaction, error) {
	name := dir + "/" + journalName
	if _, err := p.Root.Lstat(local(name)); err != nil {
		return nil, err
	}
	refuse := func(fact string, args ...any) (*transaction, error) {
		hint := "remove the directory " + dir + "; the last run can then not be undone"
		if dir == txDir {
			hint = "this run wrote nothing, the one that left it may have: compare with version control, then remove " +
				"the directory " + dir
		}
		return nil, problem.New(name+" "+fmt.Sprintf(fact, args...), hint)
	}
	file, err := p.Read(name)
	switch {
	case err != nil:
		return refuse("%v", err)
	case file == nil || len(file.Data) > maxJournal:
		return refuse("is larger than %d MiB", maxJournal>>20)
	}
	if tracked, err := p.trackedByGit(dir); err != nil {
		return refuse("may have come with the repository: %v", err)
	} else if tracked {
		return refuse("came with the repository, and is not of a run on this machine")
	}
	var j journal
	if err := json.Unmarshal(file.Data, &j); err != nil {
		return refuse("is damaged: %v", err)
	}
	t := &transaction{p: p, create: j.Create, undo: j.Undo, read: true, ops: j.Files}
	seen, size := map[string]bool{}, int64(0)
	for n, op := range t.ops {
		if !p.Owned.changed(op.Path) || seen[op.Path] {
			return refuse("names %q, which sessionseed would not change", op.Path)
		}
		seen[op.Path] = true
		if err := p.behindLink(op.Path); err != nil {
			return refuse("names %s, which %v", op.Path, err)
		}
		for _, part := range []string{op.Path, stagedIn(dir, "old", n), stagedIn(dir, "new", n)} {
			if info, err := p.Root.Lstat(local(part)); err == nil {
				size += info.Size()
			}
		}
	}
	if size > maxTouched {
		return refuse("names files of more than %d MiB", maxTouched>>20)
	}
	return t, nil
}

// finishable reports whether forward can succeed.
func (t *transaction) finishable() bool {
	for n, op := range t.ops {
		now, err := t.p.Read(op.Path)
		if err != nil {
			return false
		}
		if op.isNew(now) {
			continue
		}
		if !op.isOld(now) {
			return false
		}
		if op.New != "" {
			if f, err := t.p.Read(staged("new", n)); err != nil || f.Sum() != op.New {
				return false
			}
		}
	}
	return true
}

// Undo restores the project in dir, byte for byte, to what it was before the
// last applied run. If one of that run's files was changed since, and not back,
// nothing is restored, and the [*problem.Problem] names it. An undo can itself be
// undone.
func Undo(dir string, generated *tree.Tree) error {
	p, err := Open(dir, generated)
	if err != nil {
		return err
	}
	defer p.Close()
	unlock, err := p.Lock()
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := p.recover(nil); err != nil {
		return err
	}
	t, err := p.readJournal(undoDir)
	const oneRun = "undo goes back one run; older states are in your version control"
	if errors.Is(err, fs.ErrNotExist) {
		return problem.New("there is no run to undo", oneRun)
	}
	if err != nil {
		return err
	}
	var changes []tree.Change
	var problems []error
	for n, op := range t.ops {
		now, err := p.Read(op.Path)
		if err == nil && op.takenBack(now) {
			continue
		}
		if err != nil || !op.isNew(now) {
			problems = append(problems, problem.New(op.Path+" was changed since the last run",
				"take your later changes to it back, so that it is as the run left it, or keep the run"))
			continue
		}
		c := tree.Change{Path: op.Path, Before: now}
		if op.Old != "" {
			old, err := p.Read(stagedIn(undoDir, "old", n))
			if err != nil || old.Sum() != op.Old {
				return problem.New(fmt.Sprintf("the copy of %s that undo needs is damaged", op.Path),
					"restore the project from version control")
			}
			c.After = &tree.Blob{Mode: p.Owned.Mode(op.Path, op.OldMode, now), Data: old.Data}
		}
		changes = append(changes, c)
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if len(changes) == 0 {
		return problem.New("there is no run to undo: all files are as they were before the last one", oneRun)
	}
	return p.replaceAll(changes, !t.undo, nil)
}

// replaceAll makes all changes as one, without compiling; undo says that they take
// a run back.
func (p *Project) replaceAll(changes []tree.Change, undo bool, step func(string) error) error {
	t, err := p.Stage(changes, step)
	if err == nil {
		t.undo = undo
		err = t.Commit()
	}
	if err == nil {
		return nil
	}
	if !p.Interrupted() {
		_ = p.Sweep()
	}
	return WriteProblem(err)
}
