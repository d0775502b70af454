package regenerate

import (
	"context"
	"errors"
	"maps"
	"path"
	"path/filepath"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// mixedFiles is the largest number of files in conflict for which every mix of
// sides is tried: every try compiles the project.
const mixedFiles = 2

// TryChoices compiles what a blocked set would become with each side of its
// conflicts, and adds the results to the set. change is that of its [Plan].
// Without a go command, or without a conflict in a Go file, it adds nothing.
// Nothing is written.
func TryChoices(ctx context.Context, g *render.Generator, cs *changeset.Set,
	change func(*options.Options) error) error {
	o := cs.Chosen
	var files []string
	for _, f := range cs.InConflict() {
		if path.Ext(f.Path) == ".go" && o.ChoiceFor(f.Path) == changeset.Stop {
			files = append(files, f.Path)
		}
	}
	if len(files) == 0 || len(cs.Refused()) > 0 {
		return nil
	}
	g = g.Remembering()
	for _, in := range sides(files) {
		tried := o
		tried.ConflictsIn = maps.Clone(o.ConflictsIn)
		if tried.ConflictsIn == nil {
			tried.ConflictsIn = map[string]changeset.ConflictChoice{}
		}
		maps.Copy(tried.ConflictsIn, in)
		if tried.Conflicts == changeset.Stop {
			tried.Conflicts = changeset.TakeOurs // in files that no compiler reads
		}
		faults, err := try(ctx, g, cs.Dir, change, tried)
		var unavailable *compile.Unavailable
		switch {
		case errors.As(err, &unavailable):
			cs.Choices = nil
			return nil
		case err != nil:
			return err
		case len(faults) > 0:
			cs.Choices = append(cs.Choices, changeset.Choice{In: in, Fault: faults[0].String()})
		default:
			cs.Choices = append(cs.Choices, changeset.Choice{In: in, Compiles: true})
		}
	}
	return nil
}

// sides are the ways to take a side in each of some files: all of them for few
// files, else one side in all.
func sides(files []string) (list []map[string]changeset.ConflictChoice) {
	bits := len(files)
	if bits > mixedFiles {
		bits = 1 // for all of them
	}
	for n := range 1 << bits {
		in := map[string]changeset.ConflictChoice{}
		for i, name := range files {
			in[name] = changeset.TakeOurs
			if n>>(i%bits)&1 == 1 {
				in[name] = changeset.TakeTheirs
			}
		}
		list = append(list, in)
	}
	return list
}

// try compiles what a run would write.
func try(ctx context.Context, g *render.Generator, dir string, change func(*options.Options) error,
	o changeset.Options) ([]compile.Fault, error) {
	p, err := project.Open(dir, g.Owned())
	if err != nil {
		return nil, err
	}
	defer p.Close()
	cs, err := plan(ctx, g, p, change, o)
	if err != nil {
		return nil, err
	}
	if err := cs.Blocked(); err != nil {
		return nil, err
	}
	cs.TrimModules(ctx, true)
	var changes []tree.Change
	for _, f := range cs.Files {
		if !f.Before.Equal(f.After) {
			changes = append(changes, f.Change())
		}
	}
	real, err := filepath.EvalSymlinks(p.Dir)
	if err != nil {
		return nil, err
	}
	return compile.Check(ctx, compile.Module{Dir: real, Changed: changeset.Overlay(changes)})
}
