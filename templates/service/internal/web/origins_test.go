package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestPreflight(t *testing.T) {
	s := start(t, nil)
	for _, test := range []struct {
		name, origin string
		want         string // Access-Control-Allow-Origin
	}{
		{"front end", frontEnd, frontEnd},
		{"stranger", stranger, ""},
		{"sandboxed page", "null", ""},
		{"other port", "http://localhost:5174", ""},
		{"other spelling", "http://LOCALHOST:5173", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := s.browser(test.origin).do("OPTIONS", "/login", nil,
				"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
			if got := answer.header.Get("Access-Control-Allow-Origin"); got != test.want {
				t.Errorf("preflight of %s: Access-Control-Allow-Origin = %q, want %q", test.origin, got, test.want)
			}
			if test.want == "" {
				return
			}
			if answer.status != http.StatusNoContent && answer.status != http.StatusOK {
				t.Errorf("preflight: status %d", answer.status)
			}
			if answer.header.Get("Access-Control-Allow-Credentials") != "true" ||
				!strings.Contains(strings.ToLower(answer.header.Get("Access-Control-Allow-Headers")), "content-type") ||
				!strings.Contains(strings.Join(answer.header.Values("Vary"), ","), "Origin") {
				t.Errorf("preflight: headers %v", answer.header)
			}
			if len(answer.header.Values("Set-Cookie")) > 0 {
				t.Error("preflight: sets a cookie")
			}
		})
	}
}

// TestStranger: a page that is not listed reads nothing and changes nothing, not
// even with the cookie of somebody who is logged in.
func TestStranger(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.login()

	for _, origin := range []string{stranger, "null", "http://evil.localhost:5173"} {
		b.origin = origin
		me := b.do("GET", "/me", nil)
		if got := me.header["Access-Control-Allow-Origin"]; got != nil {
			t.Errorf("GET /me from %s: Access-Control-Allow-Origin %q, want none", origin, got)
		}
		for _, path := range []string{"/logout", "/logout/others", "/login"} {
			answer := b.do("POST", path, nil, "Sec-Fetch-Site", "cross-site")
			answer.want(t, "POST "+path+" from "+origin, http.StatusForbidden, "cross_origin")
			if answer.header.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("POST %s from %s: the refusal carries CORS headers", path, origin)
			}
		}
		// Old browsers and plain http pages send no Sec-Fetch-Site; Origin decides.
		b.do("POST", "/logout", nil, "Sec-Fetch-Site", "").want(t,
			"POST /logout from "+origin+" without Sec-Fetch-Site", http.StatusForbidden, "cross_origin")
	}
	b.origin = frontEnd
	b.do("GET", "/me", nil).want(t, "GET /me of the user afterwards", http.StatusOK, "")
}
