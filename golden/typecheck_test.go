package golden

import (
	"testing"
	"time"
)

// TestEveryCombinationTypeChecks checks all packages of all combinations,
// their tests included, in this process: everything a compiler would refuse
// but go:embed patterns and go.mod, which the pairwise builds cover. The
// export data of the standard library and the drivers comes from this
// module, whose own packages need them too.
func TestEveryCombinationTypeChecks(t *testing.T) {
	start := time.Now()
	c := NewChecker(t)
	all := trees(t)
	for i, combination := range Combinations() {
		for _, problem := range c.Check(all[i]) {
			t.Errorf("%v: %s", combination, problem)
		}
	}
	// The same parts in a module that exists.
	for i, combination := range Combinations() {
		o := combination.Options()
		if o.Into = "internal"; i == 0 {
			o.Into = "pkg/auth" // where no package has been checked yet
		}
		o.Docker, o.CI = false, false // add writes neither
		whole, err := rendered(o)
		if err != nil {
			t.Errorf("%v, added: %v", combination, err)
			continue
		}
		for _, problem := range c.Check(whole) {
			t.Errorf("%v, added in %s: %s", combination, o.Into, problem)
		}
	}
	t.Logf("%d combinations, %d distinct packages checked in %v", len(Combinations()), len(c.done),
		time.Since(start).Round(time.Millisecond))
}
