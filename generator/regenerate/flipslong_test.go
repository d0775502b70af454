//go:build long

package regenerate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/golden"
)

// TestOtherValuesProveThemselves: the tests of an emitted project hold for other values
// of its options too, each value in some project.
func TestOtherValuesProveThemselves(t *testing.T) {
	projects := together(t, flips(t))
	if n := len(slices.Concat(projects...)) / 2; n < len(options.Table())/2 {
		t.Fatalf("%d values in %d projects", n, len(projects))
	}
	for _, values := range projects {
		t.Run(strings.Join(values, " "), func(t *testing.T) {
			o := options.Defaults()
			apply(t, &o, values...)
			golden.GoCommand(t, sample(t, engine(), values...), golden.Environment(t, o), "test", "-vet=off", "./...")
		})
	}
}

// together puts as many changes of default projects into one project as go together,
// as pairs of name and value.
func together(t *testing.T, all []flip) (projects [][]string) {
	for _, f := range all {
		if f.option == "store" || slices.Equal(f.to, f.back().to) { // the pairs of parts have every store
			continue
		}
		values := append(slices.Clone(f.base), f.to...)
		at := slices.IndexFunc(projects, func(p []string) bool { return goTogether(t, p, values) })
		if at < 0 {
			projects = append(projects, values)
			continue
		}
		projects[at] = append(projects[at], values...)
	}
	return projects
}

// goTogether reports whether options can have all of these values, each with an effect.
func goTogether(t *testing.T, a, b []string) bool {
	values, captcha, off := map[string]string{}, false, false
	all := append(slices.Clone(a), b...)
	for i := 0; i < len(all); i += 2 {
		if old, set := values[all[i]]; set && old != all[i+1] {
			return false
		}
		values[all[i]] = all[i+1]
		off = off || all[i] == "captcha.enabled" && all[i+1] == "false"
		captcha = captcha || all[i] != "captcha.enabled" && strings.HasPrefix(all[i], "captcha.")
	}
	o := options.Defaults()
	o.Module = "example.com/shop"
	apply(t, &o, all...)
	return !(off && captcha) && o.Validate() == nil
}
