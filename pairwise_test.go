//go:build long

package main

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/golden"
)

func TestPairwiseProjectsProveThemselves(t *testing.T) {
	start := time.Now()
	set := golden.Pairwise()
	for _, c := range set {
		t.Run(c.String(), func(t *testing.T) {
			o := c.Options()
			tree, err := golden.Engine.Render(o, golden.Secrets)
			if err != nil {
				t.Fatal(err)
			}
			dir := filepath.Join(t.TempDir(), "project")
			if _, err := state.Create(context.Background(), dir,
				state.Creation{Tree: tree, Options: o, Version: golden.Engine.Version,
					Generated: golden.Engine.Owned()}); err != nil {
				t.Fatal(err)
			}
			golden.Prove(t, dir, golden.Environment(t, o))
		})
	}
	t.Logf("%d of %d combinations built, vetted and tested in %v", len(set), len(golden.Combinations()),
		time.Since(start).Round(time.Second))
}
