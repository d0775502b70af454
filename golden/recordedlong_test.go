//go:build long

package golden

import "testing"

// The recorded projects that need a driver, and what is added to a module.
func TestMoreRecordedProjectsProveThemselves(t *testing.T) {
	for _, name := range []string{"added", "everything-on", "postgres", "redis"} {
		t.Run(name, func(t *testing.T) { prove(t, recorded()[name]) })
	}
}
