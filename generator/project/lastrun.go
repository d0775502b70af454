package project

import (
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// LastRun is what [Undo] would take back.
type LastRun struct {
	At   time.Time // when it was applied
	Undo bool      // it took another back, so that Undo redoes that one
	// Restored, Removed and BroughtBack are what becomes of its files, by
	// slash-separated path; those of the machine state, and those that are as before
	// it already, are left out.
	Restored, Removed, BroughtBack []string
}

// ReadLastRun returns the last run on the project in dir, nil if there is none to
// undo, if all files already are as before it, or if it cannot be read.
func ReadLastRun(dir string, generated *tree.Tree) *LastRun {
	p, err := Open(dir, generated)
	if err != nil {
		return nil
	}
	defer p.Close()
	return p.LastRun()
}

// LastRun is ReadLastRun for an open project.
func (p *Project) LastRun() *LastRun {
	info, err := p.Root.Lstat(local(undoDir + "/" + journalName))
	if err != nil {
		return nil
	}
	t, err := p.readJournal(undoDir)
	if err != nil {
		return nil
	}
	last := &LastRun{At: info.ModTime(), Undo: t.undo}
	done := true
	for _, op := range t.ops {
		if now, err := p.Read(op.Path); err == nil && op.takenBack(now) {
			continue
		}
		done = false
		switch {
		case strings.HasPrefix(op.Path, StateDir+"/"):
		case op.Old == "":
			last.Removed = append(last.Removed, op.Path)
		case op.New == "":
			last.BroughtBack = append(last.BroughtBack, op.Path)
		default:
			last.Restored = append(last.Restored, op.Path)
		}
	}
	if done {
		return nil
	}
	return last
}
