package cli

import (
	"github.com/sessionseed/sessionseed/generator/options"
)

// lifeInWords says when a session of these options ends.
func lifeInWords(o *options.Options) string {
	limit := "at most " + options.DurationWords(o.AbsoluteMaxAge) + " after login"
	switch {
	case o.MaxAge == options.BrowserSession:
		return "until the browser closes, " + limit
	case o.Rolling:
		return options.DurationWords(o.MaxAge) + " after the last request (rolling), " + limit
	case o.Renew:
		return options.DurationWords(o.MaxAge) + ", extended when half has passed (renew), " + limit
	}
	return options.DurationWords(o.MaxAge) + " after login"
}

// storeNotes say what each store costs, at the question that chooses one.
var storeNotes = map[string]string{
	"memory":   "one process, no dependency; STORE_URL keeps it across restarts",
	"cookie":   "encrypted in the browser, 4 KB; no dependency, no server state",
	"sqlite":   "one machine; first build takes a minute longer, 370 MB of cache",
	"postgres": "several instances; one driver (pgx)",
	"redis":    "several instances, Sentinel, Cluster; one driver (go-redis)",
}

// accountNotes say where the users are.
var accountNotes = map[string]string{
	"env":   "one account, in .env: to start with, or with users of your own",
	"table": "registration by mail, reset, change; in the sessions' database",
}
