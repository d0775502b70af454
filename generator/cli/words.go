package cli

import "github.com/sessionseed/sessionseed/generator"

// lifeInWords says when a session of these options ends.
func lifeInWords(o *generator.Options) string {
	limit := "at most " + generator.DurationWords(o.AbsoluteMaxAge) + " after login"
	switch {
	case o.MaxAge == generator.BrowserSession:
		return "until the browser closes, " + limit
	case o.Rolling:
		return generator.DurationWords(o.MaxAge) + " after the last request (rolling), " + limit
	case o.Renew:
		return generator.DurationWords(o.MaxAge) + ", prolonged when half has passed (renew), " + limit
	}
	return generator.DurationWords(o.MaxAge) + " after login"
}

// storeNotes say what each store costs, at the question that chooses one.
var storeNotes = map[string]string{
	"memory":   "one process, no dependency; STORE_URL can keep it over restarts",
	"cookie":   "sealed in the browser, 4 KB; no dependency, no server state",
	"sqlite":   "one machine; the driver costs 370 MB of cache, a minute more",
	"postgres": "several instances; one driver (pgx)",
	"redis":    "several instances, Sentinel, Cluster; one driver (go-redis)",
}
