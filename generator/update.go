package generator

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// PlanUpdate plans to bring the project in dir to the options that change
// makes of its present ones, and to this generator. The present options are
// those of sessionseed.yaml, else of the last generation. A nil change applies
// a hand-edited sessionseed.yaml. Nothing is written.
//
// The error is a [*Problem] for a project without machine state (Adopt) or with
// an interrupted run (Recover), for options that cannot be read, and
// [Options.Validate]'s. Conflicts and refusals are no error but part of the
// set: see [ChangeSet.Blocked].
func (g *Generator) PlanUpdate(ctx context.Context, dir string, change func(*Options) error, o UpdateOptions) (*ChangeSet, error) {
	p, err := openProject(dir)
	if err != nil {
		return nil, err
	}
	defer p.close()
	return g.plan(ctx, p, change, o)
}

// CurrentOptions reads the options of the project in dir as PlanUpdate sees
// them before any change: sessionseed.yaml over the last generation's.
func (g *Generator) CurrentOptions(dir string) (Options, error) {
	p, err := openProject(dir)
	if err != nil {
		return Options{}, err
	}
	defer p.close()
	st, err := ReadState(p.root.FS())
	if err != nil && !errors.Is(err, ErrNoState) {
		return Options{}, err
	}
	present, _, err := presentOptions(p, st)
	return present, err
}

// updater holds one planning while the set grows.
type updater struct {
	g           *Generator
	p           *project
	o           UpdateOptions
	st          *State
	present     Options // before the change
	lastOptions Options // of the last generation
	last        *Tree   // what this generator makes of them; see lastTree
	next        *Plan
	tree        *Tree
	renamed     *moduleMove // nil: the module path stays
	cs          *ChangeSet
	bases       map[string]File // what the next run merges from
	pending     map[string]File // what it merges from once markers are gone
}

func (g *Generator) plan(ctx context.Context, p *project, change func(*Options) error, o UpdateOptions) (*ChangeSet, error) {
	if p.interrupted() {
		return nil, &Problem{"", "an earlier run on this project was interrupted", "run sessionseed regenerate, which finishes it or rolls it back"}
	}
	st, err := ReadState(p.root.FS())
	adopting := o.Adopt && err != nil
	switch {
	case adopting:
		st = nil
	case errors.Is(err, ErrNoState):
		return nil, &Problem{"", fmt.Sprintf("%q has no .sessionseed directory, so there is nothing to tell your edits from", p.dir),
			"get the directory back from version control, or take the project as it stands with: sessionseed regenerate --adopt"}
	case err != nil:
		return nil, &Problem{"", err.Error(), "get .sessionseed back from version control, or start anew from what stands with --adopt; a newer project needs a newer sessionseed"}
	}
	present, last, err := presentOptions(p, st)
	if err != nil {
		return nil, err
	}
	wanted := present.clone()
	if change != nil {
		if err := change(&wanted); err != nil {
			return nil, err
		}
	}
	u := &updater{g: g, p: p, o: o, st: st, present: present, bases: map[string]File{}, pending: map[string]File{}}
	if u.next, err = NewPlan(wanted); err != nil {
		return nil, err
	}
	secrets, err := NewSecrets(rand.Reader)
	if err != nil {
		return nil, err
	}
	if u.tree, err = g.render(u.next, secrets); err != nil {
		return nil, err
	}
	if adopting {
		if u.st, err = g.adopted(present, secrets); err != nil {
			return nil, err
		}
		last = present
	}
	u.cs = &ChangeSet{Dir: p.dir, From: u.st.Generator, To: g.Version, Options: changedOptions(last, u.next.Options), effective: u.next.Options, resolve: o.Conflicts}
	if adopting {
		u.cs.From = ""
		u.cs.Notes = append(u.cs.Notes, "the project had no machine state; whatever differs from what this generator writes counts as your edit")
	}
	u.lastOptions = last
	if last.Module != u.next.Options.Module && last.Module != "" {
		u.renamed = &moduleMove{last.Module, u.next.Options.Module}
	}
	if err := u.files(ctx); err != nil {
		return nil, err
	}
	u.explain(last)
	if err := u.machineState(); err != nil {
		return nil, err
	}
	return u.cs, nil
}

// presentOptions reads the options as the owner has them, and the effective
// ones of the last generation.
func presentOptions(p *project, st *State) (present, last Options, err error) {
	present = Defaults()
	var problems []error
	set := func(values map[string][]string, strict bool) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			d, ok := Lookup(name)
			if !ok {
				continue // of another generator's version
			}
			if err := d.Set(&present, values[name]...); err != nil && strict {
				problems = append(problems, err)
			}
		}
	}
	if st != nil {
		set(st.Options, false)
	}
	last = present.clone()
	file, err := p.read("sessionseed.yaml")
	if err != nil {
		return present, last, &ConfigError{[]error{&Problem{"", fmt.Sprintf("sessionseed.yaml %v", err), "make it a plain file"}}}
	}
	if file != nil {
		values, err := DecodeYAML(file.data)
		if err != nil {
			return present, last, inConfig(err)
		}
		set(values, true)
	} else if st == nil {
		module, err := p.read("go.mod")
		if err == nil && module != nil {
			present.Module = modulePathOf(module.data)
		}
	}
	return present, last, inConfig(errors.Join(problems...))
}

// ConfigError means that a project's sessionseed.yaml cannot be read as options.
// It unwraps to its problems.
type ConfigError struct{ problems []error }

func (e *ConfigError) Error() string   { return errors.Join(e.problems...).Error() }
func (e *ConfigError) Unwrap() []error { return e.problems }

// inConfig names the file in each problem of an error.
func inConfig(err error) error {
	if err == nil {
		return nil
	}
	e := &ConfigError{}
	for _, p := range Problems(err) {
		fact, _ := strings.CutPrefix(p.Fact, "the options file ")
		if fact != p.Fact {
			fact = "it " + fact
		}
		e.problems = append(e.problems, &Problem{p.Option, "sessionseed.yaml: " + fact, p.Hint})
	}
	return e
}

func (o *Options) clone() Options {
	c := *o
	c.CORSOrigins = slices.Clone(o.CORSOrigins)
	return c
}

// changedOptions compares two sets of options by the table.
func changedOptions(old, new Options) []OptionChange {
	list := []OptionChange{}
	for _, d := range table {
		a, b := strings.Join(d.get(&old), ","), strings.Join(d.get(&new), ",")
		if a != b {
			list = append(list, OptionChange{d.Name, a, b})
		}
	}
	return list
}

// adopted is the state of a project whose own was lost: as if this generator
// had made it with its present options.
func (g *Generator) adopted(present Options, secrets Secrets) (*State, error) {
	plan, err := NewPlan(present)
	if err != nil {
		return nil, err
	}
	tree, err := g.render(plan, secrets)
	if err != nil {
		return nil, err
	}
	st := &State{Schema: stateSchema, Generator: g.Version, Base: map[string][]byte{}}
	for _, f := range tree.Files {
		if f.Class != Secret {
			st.Files = append(st.Files, FileState{Path: f.Path, Class: f.Class, Mode: fmt.Sprintf("%04o", f.Mode)})
			st.Base[f.Path] = f.Data
		}
	}
	return st, nil
}

// blocked names every file that keeps the set from being applied.
func (cs *ChangeSet) blocked() error {
	var problems []error
	for _, f := range cs.Files {
		switch {
		case f.Action == Refuse:
			problems = append(problems, f.problem)
		case f.Action == InFault && cs.resolve == Stop:
			problems = append(problems, &Problem{"", fmt.Sprintf("%s has %s", f.Path, f.Note),
				"settle them with --conflicts=ours, theirs or markers, or make your edit elsewhere"})
		}
	}
	return errors.Join(problems...)
}
