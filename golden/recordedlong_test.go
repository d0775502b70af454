//go:build long

package golden

import "testing"

// The recorded projects that need a driver.
func TestRecordedProjectsWithDriversProveThemselves(t *testing.T) {
	for _, name := range []string{"everything-on", "postgres", "redis"} {
		t.Run(name, func(t *testing.T) { prove(t, recorded()[name]) })
	}
}
