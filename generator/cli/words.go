package cli

import (
	"fmt"
	"time"

	"github.com/sessionseed/sessionseed/generator"
)

// inWords is a duration as a person says it, in the largest unit that divides it.
func inWords(d time.Duration) string {
	if d == generator.BrowserSession {
		return "until the browser closes"
	}
	for _, u := range []struct {
		size time.Duration
		name string
	}{{24 * time.Hour, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		if d >= u.size && d%u.size == 0 {
			n := int64(d / u.size)
			if n == 1 {
				return "1 " + u.name
			}
			return fmt.Sprintf("%d %ss", n, u.name)
		}
	}
	return d.String()
}

// lifeInWords says when a session of these options ends.
func lifeInWords(o *generator.Options) string {
	limit := "at most " + inWords(o.AbsoluteMaxAge) + " after login"
	switch {
	case o.MaxAge == generator.BrowserSession:
		return "until the browser closes, " + limit
	case o.Rolling:
		return inWords(o.MaxAge) + " after the last request (rolling), " + limit
	case o.Renew:
		return inWords(o.MaxAge) + ", prolonged when half has passed (renew), " + limit
	}
	return inWords(o.MaxAge) + " after login"
}

// storeNotes say what each store costs, at the question that chooses one.
var storeNotes = map[string]string{
	"memory":   "one process, no dependency; STORE_URL keeps it across restarts",
	"cookie":   "sealed in the browser, 4 KB; no dependency, no server state",
	"sqlite":   "one machine; first build takes a minute longer, 370 MB of cache",
	"postgres": "several instances; one driver (pgx)",
	"redis":    "several instances, Sentinel, Cluster; one driver (go-redis)",
}
