package regenerate

import (
	"maps"
	"slices"

	"golang.org/x/mod/semver"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// newer reports whether one generator's version is after another's. Builds that
// have no version are neither.
func newer(a, b string) bool {
	return semver.IsValid(a) && semver.IsValid(b) && semver.Compare(a, b) > 0
}

// adopted is the state of a project whose own was lost: as if this generator
// had made it with its present options.
func adopted(g *render.Generator, present options.Options) (*state.State, error) {
	_, rendered, err := renderNew(g, present)
	if err != nil {
		return nil, err
	}
	st := &state.State{Generator: g.Version, Base: map[string][]byte{}}
	for _, f := range rendered.Files {
		if f.Class != tree.Secret {
			st.Files = append(st.Files, state.FileState{Path: f.Path, Class: f.Class, Mode: f.Mode})
			st.Base[f.Path] = f.Data
		}
	}
	return st, nil
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
