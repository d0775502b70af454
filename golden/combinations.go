// Package golden names the projects that are proven: every combination of
// components, a pairwise set of them, and the whole projects recorded in the
// .txtar files of this directory. manifest.txt has a hash per file of all
// combinations. Run go test ./golden -update to record them anew.
package golden

import (
	"fmt"
	"strings"

	"github.com/sessionseed/sessionseed/generator"
	"github.com/sessionseed/sessionseed/templates"
)

// Combination is one choice of components, the only options that decide which
// files and which code a project has; all others are values of constants.
type Combination struct {
	Store            string
	Captcha          string // off, on, pow
	Demo, Docker, CI bool
}

func (c Combination) String() string {
	name := c.Store + " captcha=" + c.Captcha
	for _, part := range []struct {
		on   bool
		name string
	}{{c.Demo, "demo"}, {c.Docker, "docker"}, {c.CI, "ci"}} {
		if part.on {
			name += " " + part.name
		}
	}
	return name
}

// Options are the defaults with c's components.
func (c Combination) Options() generator.Options {
	o := generator.Defaults()
	o.Module = "example.com/project"
	o.Store = c.Store
	o.Captcha.Enabled, o.Captcha.PoW = c.Captcha != "off", c.Captcha == "pow"
	o.Demo, o.Docker, o.CI = c.Demo, c.Docker, c.CI
	return o
}

// Combinations are all of them, in a fixed order.
func Combinations() []Combination {
	var list []Combination
	for _, store := range []string{"memory", "cookie", "sqlite", "postgres", "redis"} {
		for _, captcha := range []string{"off", "on", "pow"} {
			for bits := range 8 {
				list = append(list, Combination{store, captcha, bits&1 != 0, bits&2 != 0, bits&4 != 0})
			}
		}
	}
	return list
}

// Pairwise is a small set in which every pair of choices of two options
// occurs together at least once, found greedily.
func Pairwise() []Combination {
	pairs := func(c Combination) []string {
		v := []string{c.Store, "captcha " + c.Captcha, fmt.Sprint("demo ", c.Demo), fmt.Sprint("docker ", c.Docker), fmt.Sprint("ci ", c.CI)}
		var list []string
		for i := range v {
			for j := range i {
				list = append(list, v[j]+" with "+v[i])
			}
		}
		return list
	}
	open := map[string]bool{}
	for _, c := range Combinations() {
		for _, p := range pairs(c) {
			open[p] = true
		}
	}
	var chosen []Combination
	for len(open) > 0 {
		var best Combination
		most := -1
		for _, c := range Combinations() {
			n := 0
			for _, p := range pairs(c) {
				if open[p] {
					n++
				}
			}
			if n > most {
				best, most = c, n
			}
		}
		for _, p := range pairs(best) {
			delete(open, p)
		}
		chosen = append(chosen, best)
	}
	return chosen
}

// Engine renders with the embedded templates; its version is fixed, so that
// what it renders depends on the sources alone.
var Engine = &generator.Generator{Templates: templates.FS(), Version: "test"}

// Secrets stand in for the random values of .env.
var Secrets = generator.Secrets{
	SessionKey:          strings.Repeat("A", 43),
	AccountPassword:     "aaaabbbbccccddddeeeeffff",
	AccountPasswordHash: "pbkdf2-sha256$10000$AAAAAAAAAAAAAAAAAAAAAA$cb5xg1hBHRX8mTUqS8LnQfsHeqGGFz3UZJX7aUHSQ3c",
}
