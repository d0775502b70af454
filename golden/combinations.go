// Package golden names the projects that are proven: combinations of what
// decides on files and code, a pairwise set of them, and the whole projects recorded in the
// .txtar files of this directory, by what differs from the template. manifest.txt
// has a hash per file of all combinations. Run go test ./golden -update to record them again.
package golden

import (
	"fmt"
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/templates"
)

// Combination is one choice of the options that decide which files and which
// code a project has, but for two: a level of assurance, which can leave out
// remember, and into, which add asks for. All others are values of constants.
type Combination struct {
	Store    string
	Captcha  string // off, on, pow
	Accounts string // env, table, link (a table, and links by mail)
	parts
}

// parts are options that are on or off: in [Combination] by name, in its row
// of choices in this order.
type parts struct {
	Demo, Docker, CI, AllTests, CSRF, List, Clear, Koa bool
}

var partNames = []string{"demo", "docker", "ci", "tests", "csrf", "list", "clear", "koa"}

func (p parts) values() []bool {
	return []bool{p.Demo, p.Docker, p.CI, p.AllTests, p.CSRF, p.List, p.Clear, p.Koa}
}

func (c Combination) String() string {
	name := c.Store + " captcha=" + c.Captcha
	if c.Accounts != "env" {
		name += " accounts=" + c.Accounts
	}
	for i, on := range c.values() {
		if on {
			name += " " + partNames[i]
		}
	}
	return name
}

// choices are the values of c by the name of the dimension.
func (c Combination) choices() []string {
	list := []string{"store=" + c.Store, "captcha=" + c.Captcha, "accounts=" + c.Accounts}
	for i, on := range c.values() {
		list = append(list, fmt.Sprintf("%s=%v", partNames[i], on))
	}
	return list
}

// Options are the defaults with c's choices.
func (c Combination) Options() options.Options {
	o := options.Defaults()
	o.Module = module
	o.Store = c.Store
	o.Captcha.Enabled, o.Captcha.PoW = c.Captcha != "off", c.Captcha == "pow"
	if c.Accounts != "env" {
		o.Accounts, o.MagicLink = "table", c.Accounts == "link"
	}
	o.Demo, o.Docker, o.CI = c.Demo, c.Docker, c.CI
	o.CSRFToken, o.ClearSiteData, o.KoaKeys = c.CSRF, c.Clear, c.Koa
	if c.AllTests {
		o.Tests = "all"
	}
	if c.List {
		o.MaxSessions = 5
	}
	return o
}

// module is the path of every emitted project here.
const module = "example.com/project"

// Combinations are every store with every captcha, and with each of these eight
// choices of the parts in which any two parts have all four pairs of values,
// then with every part, and with those of the defaults; and four with accounts in a
// table for each store that can have one. Eight choices do that for seven parts; the
// eighth pairs up from captcha to captcha. The order is fixed.
func Combinations() []Combination {
	var list []Combination
	for _, store := range []string{"memory", "cookie", "sqlite", "postgres", "redis"} {
		for _, captcha := range []string{"off", "on", "pow"} {
			for n := range 10 {
				a, b, c := n&1 != 0, n&2 != 0, n&4 != 0
				p := parts{a, b, c, a != b, a != c, b != c, a != (b != c), a != (captcha == "on")}
				switch n {
				case 8:
					p = parts{true, true, true, true, true, true, true, true}
				case 9:
					p = parts{Demo: true, Docker: true, CI: true}
				}
				p.List = p.List && store != "cookie" // which has no list of its sessions
				list = append(list, Combination{store, captcha, "env", p})
			}
		}
	}
	for _, store := range []string{"sqlite", "postgres"} {
		list = append(list,
			Combination{store, "off", "table", parts{}},
			Combination{store, "on", "table", parts{Demo: true, Docker: true, CI: true}},
			Combination{store, "pow", "link", parts{true, true, true, true, true, true, true, true}},
			Combination{store, "off", "link", parts{Demo: true, CSRF: true}})
	}
	return list
}

// Pairwise is a small set in which every pair of choices of two options
// occurs together at least once, found greedily.
func Pairwise() []Combination {
	pairs := func(c Combination) []string {
		var list []string
		v := c.choices()
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
var Engine = &render.Generator{Templates: templates.FS(), Version: "test"}

// Secrets replaces the random values of .env.
var Secrets = render.Secrets{
	SessionKey:          strings.Repeat("A", 43),
	AccountPassword:     "aaaabbbbccccddddeeeeffff",
	AccountPasswordHash: "pbkdf2-sha256$10000$AAAAAAAAAAAAAAAAAAAAAA$cb5xg1hBHRX8mTUqS8LnQfsHeqGGFz3UZJX7aUHSQ3c",
}
