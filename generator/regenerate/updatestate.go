package regenerate

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// readState reads the state of a project, or says what to do without one. With
// adopt, no state is the answer to any but one of a newer generator.
func readState(p *project.Project, adopt bool) (*state.State, error) {
	st, err := state.ReadState(p)
	switch {
	case errors.Is(err, state.ErrNewerState):
		return nil, problem.New(err.Error(), "use a newer sessionseed")
	case adopt:
		return nil, state.CheckIsProject(p)
	case errors.Is(err, state.ErrNoState):
		if err := state.CheckIsProject(p); err != nil {
			return nil, err
		}
		return nil, problem.New(fmt.Sprintf("%q has no .sessionseed directory, so your edits cannot be told apart "+
			"from generated code", p.Dir), "restore it from version control, or "+state.AdoptHint)
	}
	return st, err
}

// machineState plans the files of .sessionseed/, which are written last.
func (u *updater) machineState() error {
	bases := tree.New(slices.Collect(maps.Values(u.bases)))
	changes, err := state.StateChanges(u.p, bases, u.pending, u.next.Options, u.g.Version)
	if err != nil {
		return err
	}
	for _, c := range changes {
		u.cs.State = append(u.cs.State, changeset.FileChange{Path: c.Path, Class: c.Class, Before: c.Before,
			After: c.After})
	}
	return nil
}
