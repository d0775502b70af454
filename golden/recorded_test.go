package golden

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/state"
)

// prove writes the project of o to a directory and proves it there.
func prove(t *testing.T, o options.Options) {
	t.Helper()
	tree, err := Engine.Render(o, Secrets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "project")
	if _, err := state.Create(context.Background(), dir,
		state.Creation{Tree: tree, Options: o, Version: Engine.Version, Generated: Engine.Owned()}); err != nil {
		t.Fatal(err)
	}
	Prove(t, dir, Environment(t, o))
}

// One project that has least and one that has much, both of the standard library
// alone; TestRecordedProjects compares them with the record.
func TestRecordedProjectsProveThemselves(t *testing.T) {
	for _, name := range []string{"everything-off", "cross-site"} {
		t.Run(name, func(t *testing.T) { prove(t, recorded()[name]) })
	}
}
