package generator

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// ApplyOptions tune [Apply].
type ApplyOptions struct {
	// NoVerify applies without compiling first. The result then says what
	// would not have compiled.
	NoVerify bool

	skipVerify bool                    // for tests of what is written
	step       func(name string) error // called before each step that changes the disk; tests stop there
}

// Result is what a run did.
type Result struct {
	// Written, Deleted count files of the project, machine state left out.
	Written int `json:"written"`
	Deleted int `json:"deleted"`
	// Verified says that the merged tree compiles, its tests included. If it is
	// false, Unverified is the reason in one sentence, and Broken the faults that
	// were found, one a line.
	Verified   bool   `json:"verified"`
	Unverified string `json:"unverified,omitempty"`
	Broken     string `json:"broken,omitempty"`
	// Notes are what is left for the owner to do, one sentence each.
	Notes []string `json:"notes,omitempty"`
}

// ErrBusy means that another run works on the project.
var ErrBusy error = problem.New("another sessionseed works on this project", "wait until it is done, and run the command again")

// CompileError means that the merged tree does not compile, and that nothing was
// written.
type CompileError struct {
	Output string // the faults, one a line, with paths inside the project
	// Orphans are files of switched-off components that stay because their
	// owner edited them, and that are at fault: the likely cause.
	Orphans []string
	// Dependents say, in a sentence each, which files import packages that the
	// run removes, and what to do about it.
	Dependents []string
	// Modules says that go.mod or go.sum is at fault, which go mod tidy settles.
	Modules bool
	// Before says that the project did not compile before the run either.
	Before bool
}

func (e *CompileError) Error() string {
	if e.Before {
		return "the project does not compile, and did not before this run; nothing was written"
	}
	return "the merged project does not compile, so nothing was written"
}

// Apply writes a planned run: it stages the new files inside the project's
// .sessionseed directory, compiles the project as it would become,
// with the owner's files, and then renames file by file with a journal.
// Nothing is written on an error. Killed at any moment, the project is
// finished or rolled back by [Recover].
//
// The error is a [*problem.Problem] for a set that is blocked, for a file that changed
// since the plan, that is read-only, for a full disk; [ErrBusy]; or a
// [*CompileError].
func Apply(ctx context.Context, cs *ChangeSet, o ApplyOptions) (*Result, error) {
	if err := cs.Blocked(); err != nil {
		return nil, err
	}
	p, err := openProject(cs.Dir)
	if err != nil {
		return nil, err
	}
	defer p.close()
	unlock, err := p.lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if p.interrupted() {
		return nil, problem.New("an earlier run on this project was interrupted", "run sessionseed regenerate, which finishes it or rolls it back")
	}

	var changes []FileChange
	r := &Result{}
	if note := cs.trimModules(ctx); note != "" {
		r.Notes = append(r.Notes, note)
	}
	for _, f := range cs.all() {
		if f.before.equal(f.after) {
			continue
		}
		changes = append(changes, f)
		switch {
		case f.Class == StateFile:
		case f.after == nil:
			r.Deleted++
		default:
			r.Written++
		}
	}
	if len(changes) == 0 {
		r.Unverified = "nothing changed"
		return r, nil
	}
	if err := p.asPlanned(changes); err != nil {
		return nil, err
	}
	if _, err := p.root.Lstat("vendor"); err == nil && slices.ContainsFunc(changes, func(c FileChange) bool { return c.Path == "go.mod" }) {
		r.Notes = append(r.Notes, "go.mod changed: bring vendor/ up to date with go mod vendor")
	}
	t, err := p.stage(changes, o.step)
	if err == nil {
		err = p.check(ctx, cs, changes, r, o)
	}
	if err == nil {
		err = p.asPlanned(changes) // the compiler took its time
	}
	if err == nil {
		err = t.commit()
	}
	if err != nil {
		if !p.interrupted() {
			_ = p.sweep()
		}
		return nil, applyProblem(err)
	}
	return r, nil
}

// trimModules brings go.mod and go.sum down to what the project will need.
func (cs *ChangeSet) trimModules(ctx context.Context) (note string) {
	if cs.trim == nil {
		return ""
	}
	var mod, sum FileChange
	for _, f := range cs.Files {
		switch f.Path {
		case "go.mod":
			mod = f
		case "go.sum":
			sum = f
		}
	}
	note = cs.trim.apply(ctx, &mod, &sum)
	for i, f := range cs.Files {
		switch f.Path {
		case "go.mod":
			cs.Files[i] = mod
		case "go.sum":
			cs.Files[i] = sum
		}
	}
	cs.trim = nil
	return note
}

// check compiles the project as it would become, and fills in what came of it.
func (p *project) check(ctx context.Context, cs *ChangeSet, changes []FileChange, r *Result, o ApplyOptions) error {
	switch {
	case r.Written+r.Deleted == 0:
		r.Unverified = "no file of the project changed"
		return nil
	case len(cs.InConflict()) > 0:
		r.Unverified = "files with conflict markers do not compile; build once they are settled"
		if len(cs.left) > 0 {
			slices.Sort(cs.left)
			r.Notes = append(r.Notes, "these belonged to what is switched off, stay because you edited them, and may not compile then either: "+strings.Join(cs.left, ", "))
		}
		return nil
	}
	if o.skipVerify {
		return nil
	}
	dir, err := filepath.EvalSymlinks(p.dir)
	if err != nil {
		return err
	}
	changed := map[string][]byte{}
	for _, c := range changes {
		switch {
		case c.Class == StateFile:
		case c.after == nil:
			changed[c.Path] = nil
		default:
			changed[c.Path] = append([]byte{}, c.after.data...) // never nil, which says that it goes
		}
	}
	faults, err := compile.Check(ctx, compile.Module{Dir: dir, Changed: changed})
	var unavailable *compile.Unavailable
	switch {
	case errors.As(err, &unavailable):
		r.Unverified = unavailable.Reason
		return nil
	case err != nil:
		return err
	case len(faults) == 0:
		r.Verified = true
		return nil
	}
	for _, f := range faults {
		r.Broken += f.String() + "\n"
	}
	if o.NoVerify {
		r.Unverified = "applied although it does not compile"
		return nil
	}
	before, err := compile.Check(ctx, compile.Module{Dir: dir})
	if err != nil && !errors.As(err, &unavailable) {
		return err
	}
	return &CompileError{
		Output: r.Broken, Orphans: cs.orphansIn(faults), Dependents: cs.dependOnGone(), Before: len(before) > 0,
		Modules: slices.ContainsFunc(faults, func(f compile.Fault) bool { return f.Modules }),
	}
}

// asPlanned refuses a run whose plan no longer fits what stands on disk, and
// files that their owner has made read-only.
func (p *project) asPlanned(changes []FileChange) error {
	var problems []error
	for _, c := range changes {
		now, err := p.read(c.Path)
		switch {
		case err != nil:
			problems = append(problems, problem.New(c.Path+" "+err.Error(), readHint(err)))
		case !now.equal(c.before):
			problems = append(problems, problem.New(c.Path+" was changed while sessionseed ran", "nothing was written; run the command again"))
		case now != nil && now.mode&0o200 == 0:
			problems = append(problems, problem.New(c.Path+" is read-only", "nothing was written; make it writable (chmod u+w) and run the command again"))
		}
	}
	return errors.Join(problems...)
}

// orphansIn lists the files of components that are switched off that are at fault.
func (cs *ChangeSet) orphansIn(faults []compile.Fault) []string {
	var list []string
	for _, f := range cs.with(Orphan) {
		if slices.ContainsFunc(faults, func(at compile.Fault) bool { return at.File == f.Path }) {
			list = append(list, f.Path)
		}
	}
	return list
}

// applyProblem puts what the system said into a sentence with a remedy.
func applyProblem(err error) error {
	var compile *CompileError
	var said *problem.Problem
	switch {
	case errors.As(err, &compile), errors.As(err, &said), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC):
		return problem.New("the disk is full; the project is as it was", "make room and run the command again")
	}
	what := err.Error()
	var link *os.LinkError
	var path *fs.PathError
	switch {
	case errors.As(err, &link):
		what = fmt.Sprintf("%s: %v", filepath.ToSlash(link.New), link.Err)
	case errors.As(err, &path):
		what = fmt.Sprintf("%s: %v", filepath.ToSlash(path.Path), path.Err)
	}
	return problem.New(fmt.Sprintf("cannot write %s; the project is as it was", what), "see to the permissions, and run the command again")
}
