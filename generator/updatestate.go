package generator

import (
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// machineState plans the files of .sessionseed/, which are written last.
func (u *updater) machineState() error {
	files, err := encodeState(newTree(slices.Collect(maps.Values(u.bases))), u.pending, u.next.Options, u.g.Version)
	if err != nil {
		return err
	}
	wanted := map[string]bool{}
	for _, f := range files {
		wanted[f.Path] = true
		before, err := u.p.read(f.Path)
		if err != nil {
			return problem.New(f.Path+" "+err.Error(), "make it a plain file")
		}
		after := f.asDisk()
		if before != nil {
			after.mode = before.mode
		}
		u.cs.state = append(u.cs.state, FileChange{Path: f.Path, Class: StateFile, before: before, after: after})
	}
	if !wanted[pendingPath] {
		if before, err := u.p.read(pendingPath); err == nil && before != nil {
			u.cs.state = append(u.cs.state, FileChange{Path: pendingPath, Class: StateFile, before: before})
		}
	}
	// The manifest is the last file of all: it says what the others are.
	slices.SortFunc(u.cs.state, func(a, b FileChange) int {
		last := func(f FileChange) string {
			if f.Path == manifestPath {
				return "~"
			}
			return f.Path
		}
		return strings.Compare(last(a), last(b))
	})
	return nil
}
