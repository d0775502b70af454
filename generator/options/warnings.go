package options

import (
	"github.com/sessionseed/sessionseed/generator/policy"
)

// cookieStoreNotes say what a store on the server can do and this one cannot.
var cookieStoreNotes = []policy.Note{
	{Severity: policy.Warn, Code: "copied-cookie",
		Fact: "sessions are in the cookie, so a copied one outlives its logout: instances that did not see the " +
			"logout, and all of them after a restart, accept it until its session's limits end it",
		Hint: "choose a store on the server"},
	{Severity: policy.Info, Code: "cookie-room",
		Fact: "a session holds about 2900 bytes, and of two requests that change it at the same time the later " +
			"answer wins"},
}
