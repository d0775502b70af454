package regenerate

import "github.com/sessionseed/sessionseed/generator/changeset"

// WithoutCompiling is for tests of what a run writes.
func WithoutCompiling() changeset.ApplyOptions { return changeset.ApplyOptions{SkipVerify: true} }

// AtEachStep calls f before each step that changes the disk.
func AtEachStep(f func(name string) error) changeset.ApplyOptions {
	return changeset.ApplyOptions{SkipVerify: true, Step: f}
}

// Sides are the ways to take a side that TryChoices tries.
var Sides = sides

// After is what a file holds after the run; there is false when it is gone.
func After(f changeset.FileChange) (data []byte, there bool) {
	if f.After == nil {
		return nil, false
	}
	return f.After.Data, true
}
