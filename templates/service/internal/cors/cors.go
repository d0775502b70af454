// Package cors lets front ends on other origins call the service with cookies (Fetch standard, "CORS protocol").
//
// An origin is allowed when the list holds it exactly. There is no wildcard: with cookies, "every origin" would
// mean that any web site can use the visitor's session, and browsers refuse "*" for that reason.
//
// CORS does not protect the service: a request that needs no preflight reaches the handler from any page. What stops
// such requests is SameSite and [net/http.CrossOriginProtection].
//
// Handlers that vary their answer call Header().Add("Vary", ...), never Set, which would drop Vary: Origin.
package cors

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// Config is the policy. Lists are not changed and not kept.
type Config struct {
	// Origins may call with cookies. Each is scheme://host or scheme://host:port as browsers write it in the Origin
	// header: lower case, no slash at the end, no default port, international names in punycode. Empty: pages of
	// other origins may not read anything.
	Origins []string
	// Methods that front ends may use, in upper case. Empty: GET, HEAD and POST, which browsers allow anyhow.
	Methods []string
	// Headers that front ends may set, in any case of letters; "Content-Type" is what JSON needs. Browsers let some
	// through unasked, such as Accept.
	Headers []string
	// ExposedHeaders are those of the answer that scripts may read besides the few that browsers show anyhow.
	ExposedHeaders []string
	// MaxAge is how long a browser may remember the answer to a preflight, in whole seconds, at most 24 hours
	// (Firefox keeps it so long, Chrome 2 hours, Safari 10 minutes). Zero: the header is left out and browsers take
	// 5 seconds. Negative: browsers ask before each request.
	MaxAge time.Duration
}

// Middleware answers preflights and adds the headers. It is immutable and safe for concurrent use.
type Middleware struct {
	// origins holds for each allowed origin the value of Access-Control-Allow-Origin, ready to put into a header.
	origins map[string][]string
	longest int // bytes of the longest allowed origin

	methods, headers, exposed, maxAge []string // header values, nil: left out
}

// Header values that every answer shares, since Header.Set would allocate one each time. Header.Add of a later
// handler copies them.
var (
	isTrue        = []string{"true"}
	varyOrigin    = []string{"Origin"}
	varyPreflight = []string{"Origin", "Access-Control-Request-Method"} // which makes it a preflight
)

// Wrap returns a handler that adds CORS to next and answers preflights itself. It goes outside everything that can
// refuse a request, so that a front end can read the refusal.
func (m *Middleware) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		allowed := m.allow(r.Header["Origin"])
		if allowed != nil {
			h["Access-Control-Allow-Origin"] = allowed
			h["Access-Control-Allow-Credentials"] = isTrue
		}
		if isPreflight(r) {
			vary(h, varyPreflight)
			m.preflight(w, r, allowed != nil)
			return
		}
		// Also without Origin: a cache must not give the answer of a plain visit to a front end.
		vary(h, varyOrigin)
		if allowed != nil && m.exposed != nil {
			h["Access-Control-Expose-Headers"] = m.exposed
		}
		next.ServeHTTP(w, r)
	})
}

// Allowed reports whether the list holds an origin exactly as browsers write it.
func (m *Middleware) Allowed(origin string) bool { return m.allow([]string{origin}) != nil }

// allow returns the value of Access-Control-Allow-Origin for a request, or nil. Browsers send one Origin or none.
func (m *Middleware) allow(origin []string) []string {
	if len(origin) != 1 || len(origin[0]) > m.longest {
		return nil // also spares hashing a stranger's long header
	}
	return m.origins[origin[0]]
}

// vary adds names to what an outer handler may have put there.
func vary(h http.Header, names []string) {
	if old := h["Vary"]; len(old) > 0 {
		names = append(slices.Clip(old), names...)
	}
	h["Vary"] = names
}

// isPreflight follows the Fetch standard, "CORS-preflight request".
func isPreflight(r *http.Request) bool {
	asked := r.Header["Access-Control-Request-Method"]
	return r.Method == http.MethodOptions && len(r.Header["Origin"]) > 0 && len(asked) > 0
}

// preflight answers with the whole policy and leaves the comparison to the browser, which then names the method or
// header that is not allowed. Access-Control-Request-Headers is never read: a stranger can make it as long as the
// server's header limit allows.
func (m *Middleware) preflight(w http.ResponseWriter, r *http.Request, allowed bool) {
	if !allowed {
		refuse(w, r.Header["Origin"])
		return
	}
	h := w.Header()
	h["Access-Control-Allow-Methods"] = m.methods // nil sends no header
	h["Access-Control-Allow-Headers"] = m.headers
	h["Access-Control-Max-Age"] = m.maxAge
	w.WriteHeader(http.StatusNoContent)
}

// refuse explains the refusal in the network panel of the browser. It does not list the allowed origins.
func refuse(w http.ResponseWriter, origins []string) {
	_, reason := ParseOrigin(origins[0])
	if reason == nil {
		reason = fmt.Errorf("the page's origin %.100q is not in this service's list; "+
			"if it is your front end, add it to CORS_ORIGINS as written here", origins[0])
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "CORS preflight refused: %v\n", reason)
}
