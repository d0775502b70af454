package changeset

import (
	"bytes"
	"context"
	"errors"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// ApplyOptions tune [Apply].
type ApplyOptions struct {
	// NoVerify applies also what does not compile. The result then says so.
	NoVerify bool

	SkipVerify bool                    // for tests of what is written
	Step       func(name string) error // called before each step that changes the disk; tests stop there
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

// CompileError means that the merged tree does not compile, and that nothing was
// written.
type CompileError struct {
	Output string // the faults, one a line, with paths inside the project
	// Orphans are files of switched-off components that stay because their
	// owner edited them, and that are at fault: the likely cause.
	Orphans []string
	// Added are files at fault that the run would have added: they cannot be fixed
	// first.
	Added []string
	// Dependents say, in a sentence each, which files import packages that the
	// run removes, and what to do about it.
	Dependents []string
	// Modules says that go.mod or go.sum is at fault, which go mod tidy settles.
	Modules bool
	// Structural are files in packages at fault that were merged by more than lines:
	// planned again with them in [Options.ByLines], the set may compile or show the
	// conflict. It is empty with Before.
	Structural []string
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
// finished or rolled back by [project.Recover].
//
// The error is a [*problem.Problem] for a set that is blocked, for a file that changed
// since the plan, that is read-only, for a full disk; [project.ErrBusy]; or a
// [*CompileError].
func Apply(ctx context.Context, cs *Set, o ApplyOptions) (*Result, error) {
	if err := cs.Blocked(); err != nil {
		return nil, err
	}
	p, err := project.Open(cs.Dir, cs.Owned)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	unlock, err := p.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if p.Interrupted() {
		return nil, problem.New("an earlier run on this project was interrupted",
			"run sessionseed regenerate, which finishes it or rolls it back")
	}

	var changes []tree.Change
	r := &Result{}
	if note := cs.TrimModules(ctx, !o.NoVerify && !o.SkipVerify); note != "" {
		r.Notes = append(r.Notes, note)
	}
	for _, f := range cs.all() {
		if f.Before.Equal(f.After) {
			continue
		}
		changes = append(changes, f.Change())
		switch {
		case f.Class == tree.StateFile:
		case f.After == nil:
			r.Deleted++
		default:
			r.Written++
		}
	}
	if len(changes) == 0 {
		r.Unverified = "nothing changed"
		return r, nil
	}
	if err := p.CheckUnchanged(changes); err != nil {
		return nil, err
	}
	if _, err := p.Root.Lstat("vendor"); err == nil &&
		slices.ContainsFunc(changes, func(c tree.Change) bool { return c.Path == "go.mod" }) {
		r.Notes = append(r.Notes, "go.mod changed: bring vendor/ up to date with go mod vendor")
	}
	t, err := p.Stage(changes, o.Step)
	if err == nil {
		err = cs.check(ctx, p, changes, r, o)
	}
	if err == nil {
		err = p.CheckUnchanged(changes) // the compiler took its time
	}
	if err == nil {
		err = t.Commit()
	}
	if err != nil {
		if !p.Interrupted() {
			_ = p.Sweep()
		}
		var compile *CompileError
		if errors.As(err, &compile) {
			return nil, err
		}
		return nil, project.WriteProblem(err)
	}
	return r, nil
}

// TrimModules makes go.mod and go.sum what the project will need, or returns a
// sentence that says why it cannot. network says that modules may be fetched for
// that, as they are to compile it.
func (cs *Set) TrimModules(ctx context.Context, network bool) (note string) {
	if cs.Trim == nil {
		return ""
	}
	at := func(name string) *FileChange {
		i := slices.IndexFunc(cs.Files, func(f FileChange) bool { return f.Path == name })
		if i < 0 || cs.Files[i].After == nil {
			return nil
		}
		return &cs.Files[i]
	}
	mod, sum := at("go.mod"), at("go.sum")
	if mod == nil || mod.Action == Refuse {
		return ""
	}
	var goSum []byte
	if sum != nil {
		goSum = sum.After.Data
	}
	goMod, goSum, note := cs.Trim.Apply(ctx, mod.After.Data, goSum, network)
	cs.Trim = nil
	mod.settle(goMod)
	if sum != nil {
		sum.settle(goSum)
	}
	return note
}

// settle replaces the text that a merge came to.
func (f *FileChange) settle(data []byte) {
	if bytes.Equal(f.After.Data, data) {
		return
	}
	f.After = &tree.Blob{Mode: f.After.Mode, Data: data}
	switch {
	case f.Before.Equal(f.After) && f.Action != Unchanged:
		f.Action = Keep
	case !f.Before.Equal(f.After):
		f.Action = Merge
	}
}

// check compiles the project as it would become, and fills in what came of it.
func (cs *Set) check(ctx context.Context, p *project.Project, changes []tree.Change, r *Result,
	o ApplyOptions) error {
	switch {
	case r.Written+r.Deleted == 0:
		r.Unverified = "no file of the project changed"
		return nil
	case len(cs.InConflict()) > 0:
		r.Unverified = "conflict markers are left; run go build when they are resolved"
		if len(cs.Left) > 0 {
			slices.Sort(cs.Left)
			r.Notes = append(r.Notes,
				"these belonged to what is switched off, stay because you edited them, and may not compile then "+
					"either: "+strings.Join(cs.Left, ", "))
		}
		return nil
	}
	if o.SkipVerify {
		return nil
	}
	dir, err := filepath.EvalSymlinks(p.Dir)
	if err != nil {
		return err
	}
	faults, err := compile.Check(ctx, compile.Module{Dir: dir, Changed: Overlay(changes)})
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
	broken := &CompileError{
		Output: r.Broken, Orphans: cs.atFault(Orphan, faults), Added: cs.atFault(Add, faults),
		Dependents: cs.dependOnGone(), Before: len(before) > 0,
		Modules: slices.ContainsFunc(faults, func(f compile.Fault) bool { return f.Modules }),
	}
	for _, f := range cs.Files {
		if f.Structural && path.Ext(f.Path) == ".go" && !broken.Before &&
			slices.ContainsFunc(faults, func(at compile.Fault) bool { return path.Dir(at.File) == path.Dir(f.Path) }) {
			broken.Structural = append(broken.Structural, f.Path)
		}
	}
	return broken
}

// Overlay are the changes as the compiler gets them.
func Overlay(changes []tree.Change) map[string][]byte {
	changed := map[string][]byte{}
	for _, c := range changes {
		switch {
		case c.Class == tree.StateFile:
		case c.After == nil:
			changed[c.Path] = nil
		default:
			changed[c.Path] = append([]byte{}, c.After.Data...) // never nil, which says that it goes
		}
	}
	return changed
}

// atFault lists the files with an action that are at fault.
func (cs *Set) atFault(a Action, faults []compile.Fault) []string {
	var list []string
	for _, f := range cs.with(a) {
		if slices.ContainsFunc(faults, func(at compile.Fault) bool { return at.File == f.Path }) {
			list = append(list, f.Path)
		}
	}
	return list
}
