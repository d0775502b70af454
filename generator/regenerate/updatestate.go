package regenerate

import (
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// machineState plans the files of .sessionseed/, which are written last.
func (u *updater) machineState() error {
	files, err := project.EncodeState(tree.New(slices.Collect(maps.Values(u.bases))), u.pending, u.next.Options, u.g.Version)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Path] = true
		before, err := u.p.Read(f.Path)
		if err != nil {
			return problem.New(f.Path+" "+err.Error(), "make it a plain file")
		}
		after := f.Blob()
		if before != nil {
			after.Mode = before.Mode
			if f.Path == project.ManifestPath && sameText(before, after) {
				after = before // in the line endings of a checkout
			}
		}
		u.cs.state = append(u.cs.state, FileChange{Path: f.Path, Class: tree.StateFile, before: before, after: after})
	}
	if !wanted[project.PendingPath] {
		if before, err := u.p.Read(project.PendingPath); err == nil && before != nil {
			u.cs.state = append(u.cs.state, FileChange{Path: project.PendingPath, Class: tree.StateFile, before: before})
		}
	}
	// The manifest is the last file of all: it says what the others are.
	slices.SortFunc(u.cs.state, func(a, b FileChange) int {
		last := func(f FileChange) string {
			if f.Path == project.ManifestPath {
				return "~"
			}
			return f.Path
		}
		return strings.Compare(last(a), last(b))
	})
	return nil
}
