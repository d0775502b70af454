package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestPreflight(t *testing.T) {
	s := start(t, nil)
	for origin, want := range map[string]string{frontEnd: frontEnd, stranger: "", "null": "",
		"http://localhost:5174": "", "http://LOCALHOST:5173": ""} {
		answer := s.browser(origin).do("OPTIONS", "/login", nil,
			"Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type")
		h := answer.header
		if got := h.Get("Access-Control-Allow-Origin"); got != want || h["Set-Cookie"] != nil {
			t.Errorf("preflight of %s: Access-Control-Allow-Origin = %q, want %q and no cookie", origin, got, want)
		}
		if want != "" && (answer.status/100 != 2 || h.Get("Access-Control-Allow-Credentials") != "true" ||
			!strings.Contains(strings.ToLower(h.Get("Access-Control-Allow-Headers")), "content-type") ||
			!strings.Contains(strings.Join(h["Vary"], ","), "Origin")) {
			t.Errorf("preflight of %s: %d, headers %v", origin, answer.status, h)
		}
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
		// Old browsers, and all to a service on plain http elsewhere, send no Sec-Fetch-Site; Origin decides.
		b.do("POST", "/logout", nil, "Sec-Fetch-Site", "").want(t,
			"POST /logout from "+origin+" without Sec-Fetch-Site", http.StatusForbidden, "cross_origin")
	}
	b.origin = frontEnd
	b.do("GET", "/me", nil).want(t, "GET /me of the user afterwards", http.StatusOK, "")
}
