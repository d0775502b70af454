package regenerate

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// readState reads the state of a project, or says what to do without one. With
// adopt, no state is the answer to any but one of a newer generator.
func readState(p *project.Project, adopt bool) (*project.State, error) {
	st, err := project.ReadState(p)
	switch {
	case errors.Is(err, project.ErrNewerState):
		return nil, problem.New(err.Error(), "use a newer sessionseed")
	case adopt:
		return nil, p.CheckIsProject()
	case errors.Is(err, project.ErrNoState):
		if err := p.CheckIsProject(); err != nil {
			return nil, err
		}
		return nil, problem.New(
			fmt.Sprintf(
				"%q has no .sessionseed directory, so your edits cannot be told apart from generated code",
				p.Dir,
			),
			"restore it from version control, or "+project.AdoptHint,
		)
	}
	return st, err
}

// machineState plans the files of .sessionseed/, which are written last.
func (u *updater) machineState() error {
	changes, err := u.p.StateChanges(
		tree.New(slices.Collect(maps.Values(u.bases))),
		u.pending,
		u.next.Options,
		u.g.Version,
	)
	if err != nil {
		return err
	}
	for _, c := range changes {
		u.cs.state = append(u.cs.state, FileChange{Path: c.Path, Class: c.Class, before: c.Before, after: c.After})
	}
	return nil
}

// stateChanged reports whether the run writes its state.
func (cs *ChangeSet) stateChanged() bool {
	return slices.ContainsFunc(cs.state, func(f FileChange) bool { return !f.before.Equal(f.after) })
}
