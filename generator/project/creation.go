package project

import (
	"context"
	"errors"
	"io/fs"
	"path"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// Create makes the changes of a new project as one. A context that ends before the
// journal is written ends the creation; from then on it is done or taken back. step,
// nil for none, is called before each change of the disk; tests stop there.
func (p *Project) Create(ctx context.Context, changes []tree.Change, step func(name string) error) error {
	ops, err := stage(p.Root, changes, true, func(name string) error {
		if step != nil {
			return step(name)
		}
		return ctx.Err()
	})
	if err == nil { // from here on the context has no say
		err = (&transaction{p: p, create: true, ops: ops, step: step}).Commit()
	}
	if err != nil && !p.Interrupted() {
		_ = p.Sweep()
	}
	return err
}

// LeftByCreation lists the files that a killed creation left in the project, with
// their hashes, and their directories with none: what it staged, and what it had
// moved into place. One that came to its last file made a project, and left nothing.
func (p *Project) LeftByCreation() map[string]string {
	left := map[string]string{StateDir: "", txDir: ""}
	if !p.Interrupted() {
		return left
	}
	t, err := p.readJournal(txDir)
	if err != nil || !t.create || t.applied() {
		return nil // what is there is a project
	}
	for _, op := range t.ops {
		left[op.Path] = op.New
		for d := path.Dir(op.Path); d != "."; d = path.Dir(d) {
			left[d] = ""
		}
	}
	return left
}

// errOther means that something is not what a killed creation left.
var errOther = errors.New("something else")

// AllOf reports whether nothing but what is listed is at and below name. What is
// in the transaction's directory is the generator's own.
func (p *Project) AllOf(name string, left map[string]string) bool {
	return fs.WalkDir(p.Root.FS(), name, func(name string, e fs.DirEntry, err error) error {
		sum, known := left[name]
		switch {
		case name == txDir && known:
			return fs.SkipDir
		case err != nil || !known || e.IsDir() != (sum == ""):
			return errOther
		case !e.IsDir():
			if f, err := p.Read(name); err != nil || f.Sum() != sum {
				return errOther
			}
		}
		return nil
	}) == nil
}

// TakeBackCreation removes what a killed creation left. Another interrupted run is
// for [Recover] to judge.
func (p *Project) TakeBackCreation() error {
	if !p.Interrupted() {
		return p.Sweep()
	}
	t, err := p.readJournal(txDir)
	if err != nil {
		return err
	}
	if !t.create || t.applied() {
		_, err := p.recover(nil)
		return err
	}
	_, err = t.back()
	return err
}
