//go:build long

package regenerate_test

import (
	"slices"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
)

// TestAllBranchesMerge is TestBranchesMerge for every pair.
func TestAllBranchesMerge(t *testing.T) { branchesMerge(t, 1) }

// Three branches, merged one after the other and as one.
func TestThreeBranchesMerge(t *testing.T) {
	for name, merge := range map[string]func(r repository){
		"one after the other": func(r repository) {
			r.git("merge", "-q", "a", "-m", "a")
			r.forward(changeset.Options{})
			r.commit("forward")
			r.git("merge", "-q", "b", "-m", "b")
		},
		"without a run between them": func(r repository) {
			r.git("merge", "-q", "a", "-m", "a")
			r.git("merge", "-q", "b", "-m", "b")
		},
		"octopus": func(r repository) { r.git("merge", "-q", "a", "b", "-m", "both") },
		"rebase":  func(r repository) { r.git("rebase", "-q", "a"); r.git("rebase", "-q", "b") },
		"cherry":  func(r repository) { r.git("cherry-pick", "a"); r.git("cherry-pick", "b") },
		"our lines": func(r repository) {
			r.git("merge", "-q", "-X", "ours", "a")
			r.git("merge", "-q", "-X", "ours", "b")
		},
		"their lines": func(r repository) {
			r.git("merge", "-q", "-X", "theirs", "a")
			r.git("merge", "-q", "-X", "theirs", "b")
		},
		"diff3": func(r repository) {
			r.git("config", "merge.conflictStyle", "diff3")
			r.git("merge", "-q", "a", "-m", "a")
			r.git("merge", "-q", "b", "-m", "b")
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t)
			r.branch("a", branches["docker"]...)
			r.branch("b", branches["csrf"]...)
			r.branch("c", branches["times"]...)
			merge(r)
			r.forward(changeset.Options{})
			r.isOf(slices.Concat(branches["docker"], branches["csrf"], branches["times"])...)
		})
	}
}
