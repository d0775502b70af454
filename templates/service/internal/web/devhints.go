package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Limits of devHints: how long a cookie that was given is remembered, how soon its absence counts (a page may send
// several requests at once), and for how many clients.
const (
	hintMemory  = time.Minute
	hintGrace   = 300 * time.Millisecond
	hintClients = 256
)

// devHints finds the most frequent mistakes of a front end: it sends a header that is not allowed, or it forgets to
// send credentials. The browser then silently drops the cookie, and only the service can notice that a page which
// was just given one has none.
type devHints struct {
	*app
	mu    sync.Mutex
	given map[hintClient]time.Time // when a cookie was given, not yet seen again
}

// hintClient distinguishes pages well enough for a developer's machine.
type hintClient struct{ origin, addr, agent string }

// devHints puts the hints around next, in Dev only.
func (a *app) devHints(next http.Handler) http.Handler {
	if !a.cfg.Dev {
		return next
	}
	return (&devHints{app: a, given: map[hintClient]time.Time{}}).wrap(next)
}

func (d *devHints) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		if origin == "" || !d.cors.Allowed(origin) {
			next.ServeHTTP(w, r)
			return
		}
		log := d.log.With("origin", origin, "path", r.URL.Path)
		if r.Method == http.MethodOptions { // a preflight, which never has cookies
			next.ServeHTTP(w, r)
			inVain(log, r, w.Header())
			return
		}
		client := hintClient{origin, clientAddr(r).String(), r.UserAgent()}
		if d.missing(client, len(r.CookiesNamed(d.cfg.Session.Key)) > 0) {
			log.Warn("the browser was given the session cookie a moment ago and came back without it: "+
				"the client forgot to send credentials",
				"fix_fetch", `fetch(url, { credentials: "include" })`,
				"fix_axios", "axios.defaults.withCredentials = true",
				"note", "needed on every call, even the very first")
		}
		next.ServeHTTP(w, r)
		if d.wasGiven(w.Header()) {
			d.remember(client)
		}
	})
}

// inVain logs the headers that a preflight asked for and was not granted.
func inVain(log *slog.Logger, r *http.Request, answer http.Header) {
	granted := strings.Split(answer.Get("Access-Control-Allow-Headers"), ",")
	for name := range strings.SplitSeq(r.Header.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.TrimSpace(name); name != "" && !slices.Contains(granted, name) { // both in lower case
			log.Warn("the page wants to send a header that is not allowed, so the browser does not send the request",
				"header", name, "fix", "add it to CORS_HEADERS, or leave it out of the page's requests")
		}
	}
}

// missing reports once for each cookie that was given and did not come back.
func (d *devHints) missing(client hintClient, back bool) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	age := time.Since(d.given[client]) // for ages, if none was given
	if back || age >= hintGrace {
		delete(d.given, client)
	}
	return !back && age >= hintGrace && age < hintMemory
}

func (d *devHints) remember(client hintClient) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.given) >= hintClients {
		clear(d.given) // costs a hint or two
	}
	d.given[client] = time.Now()
}

// wasGiven reports whether the response sets the session cookie and does not delete it.
func (d *devHints) wasGiven(h http.Header) bool {
	answer := http.Response{Header: h}
	return slices.ContainsFunc(answer.Cookies(), func(c *http.Cookie) bool {
		return c.Name == d.cfg.Session.Key && c.Value != "" && c.MaxAge >= 0
	})
}
