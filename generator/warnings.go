package generator

import (
	"slices"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// cookieStoreNotes say what a store on the server can do and this one cannot.
var cookieStoreNotes = []policy.Note{
	{Severity: policy.Warn, Code: "copied-cookie",
		Fact: "sessions are in the cookie, so a copied one outlives its logout: instances that did not see the logout, and all of them after a restart, accept it until its session's limits end it",
		Hint: "choose a store on the server"},
	{Severity: policy.Info, Code: "cookie-room",
		Fact: "a session holds about 2900 bytes, and of two requests that change it at the same time the later answer wins"},
}

// newWarnings are what the policy warns of with the next options and not yet
// with the last ones, one sentence each.
func newWarnings(last Options, next policy.Decision) []string {
	before, _ := last.Policy() // options that an older generator took may be refused by now; then all is new
	var list []string
	for _, n := range next.Notes {
		if n.Severity != policy.Warn || slices.Contains(before.Notes, n) {
			continue
		}
		text := n.Fact
		if n.Hint != "" {
			text += "; " + n.Hint
		}
		list = append(list, text)
	}
	return list
}
