package regenerate

import (
	"context"
	"errors"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/compile"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Choice is one way to settle the conflicts of a run in Go files, and what the
// compiler says of it.
type Choice struct {
	In       map[string]ConflictChoice `json:"in"` // by path
	Compiles bool                      `json:"compiles"`
	Fault    string                    `json:"fault,omitempty"` // the first, where it does not compile
}

// Flags are the command-line flags of the choice.
func (c Choice) Flags() string {
	var flags []string
	for _, name := range slices.Sorted(maps.Keys(c.In)) {
		flags = append(flags, "--conflicts="+name+"="+string(c.In[name]))
	}
	return strings.Join(flags, " ")
}

// mixedFiles is up to how many files in conflict each is tried with each side:
// every try compiles the project.
const mixedFiles = 2

// TryChoices compiles what a blocked set would become with each side of its
// conflicts, and adds the results to the set. change and o are those of its
// [Plan]. Without a go command, or without a conflict in a Go file, it adds
// nothing. Nothing is written.
func TryChoices(ctx context.Context, g *render.Generator, cs *ChangeSet, change func(*options.Options) error,
	o Options) error {
	var files []string
	for _, f := range cs.InConflict() {
		if path.Ext(f.Path) == ".go" && o.conflicts(f.Path) == Stop {
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
			tried.ConflictsIn = map[string]ConflictChoice{}
		}
		maps.Copy(tried.ConflictsIn, in)
		if tried.Conflicts == Stop {
			tried.Conflicts = TakeOurs // in files that no compiler reads
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
			cs.Choices = append(cs.Choices, Choice{In: in, Fault: faults[0].String()})
		default:
			cs.Choices = append(cs.Choices, Choice{In: in, Compiles: true})
		}
	}
	return nil
}

// sides are the ways to take a side in each of some files: all of them for few
// files, else one side in all.
func sides(files []string) []map[string]ConflictChoice {
	var list []map[string]ConflictChoice
	for n := range 1 << len(files) {
		in := map[string]ConflictChoice{}
		theirs := 0
		for i, name := range files {
			in[name] = TakeOurs
			if n>>i&1 == 1 {
				in[name] = TakeTheirs
				theirs++
			}
		}
		if len(files) <= mixedFiles || theirs == 0 || theirs == len(files) {
			list = append(list, in)
		}
	}
	return list
}

// try compiles what a run would write.
func try(ctx context.Context, g *render.Generator, dir string, change func(*options.Options) error,
	o Options) ([]compile.Fault, error) {
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
	cs.trimModules(ctx)
	var changes []tree.Change
	for _, f := range cs.Files {
		if !f.before.Equal(f.after) {
			changes = append(changes, f.change())
		}
	}
	real, err := filepath.EvalSymlinks(p.Dir)
	if err != nil {
		return nil, err
	}
	return compile.Check(ctx, compile.Module{Dir: real, Changed: overlay(changes)})
}

// remedy says how the conflicts of a file can be settled: with what was tried, by
// what compiles.
func (cs *ChangeSet) remedy(name string) string {
	const byHand = "write both with --conflicts=markers and settle them, or make your edit elsewhere"
	var compiles []string
	tried := false
	for _, c := range cs.Choices {
		_, in := c.In[name]
		tried = tried || in
		if in && c.Compiles {
			compiles = append(compiles, c.Flags())
		}
	}
	switch {
	case !tried:
		return "settle them with --conflicts=ours, theirs or markers, in this file alone with --conflicts=" + name +
			"=ours, or make your edit elsewhere"
	case len(compiles) == 0:
		return "no side alone compiles: " + byHand
	}
	return "what compiles is " + strings.Join(compiles, ", or ") + "; or " + byHand
}
