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
			"response wins"},
}

// koaNotes say what the move from Koa asks of its owner, and when it is over.
var koaNotes = []policy.Note{
	{Severity: policy.Warn, Code: "koa-keys",
		Fact: "koaKeys is for a move: it lets in whoever has a live cookie of the Koa service, or one of its keys",
		Hint: "give the service KOA_KEYS (app.keys), and KOA_UNTIL, the day of the move plus the longest maxAge of " +
			"Koa; after that day set koaKeys: false, regenerate, and delete the KOA_ variables"},
}
