package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// sendToken sends the token that the login returned, as a front end does.
func (b *browser) sendToken(r *http.Request) {
	if token := b.me.field("csrfToken"); token != "" {
		r.Header.Set(session.TokenHeader, token)
	}
}

// TestCSRFToken: POST requests of a session carry an identifier that is bound to it and verified (NIST SP 800-63B-4,
// section 5.1).
func TestCSRFToken(t *testing.T) {
	for name, auto := range map[string]bool{"autoCommit": true, "without autoCommit": false} {
		t.Run(name, func(t *testing.T) {
			s := start(t, func(c *config.Config) { c.Session.AutoCommit = auto })
			b, other := s.browser(frontEnd), s.browser(frontEnd)
			token := b.login().field("csrfToken")
			if me := b.do("GET", "/me", nil); token == "" || me.field("csrfToken") != token {
				t.Fatalf("the login returns the token %q, GET /me %q", token, me.field("csrfToken"))
			}
			next := func() { time.Sleep(time.Millisecond) } // two logins of one user in one millisecond share the token
			next()
			others := other.login().field("csrfToken")
			next()
			b.login() // again: the other login may have been one too many
			token = b.me.field("csrfToken")
			for _, path := range []string{"/logout/others", "/logout", "/login"} {
				for name, wrong := range map[string]string{"no token": "", "another session's": others,
					"the cookie": b.cookie().Value} {
					answer := b.do("POST", path, nil, session.TokenHeader, wrong)
					answer.want(t, "POST "+path+" with "+name, http.StatusForbidden, "csrf_token")
					if answer.header.Get("Access-Control-Allow-Origin") != frontEnd {
						t.Errorf("POST %s with %s: the front end cannot read the refusal", path, name)
					}
				}
			}
			b.do("GET", "/me", nil).want(t, "GET /me, still logged in", http.StatusOK, "")
			b.do("POST", "/logout/others", nil).want(t, "POST /logout/others", http.StatusOK, "")
			if now := b.do("GET", "/me", nil).field("csrfToken"); now != token {
				t.Errorf("the new id came with the token %q, want the one before: a page that is open has no other",
					now)
			}
			b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
			next()
			if again := b.login().field("csrfToken"); again == token || again == "" {
				t.Errorf("the next login returns the token %q, want another", again)
			}
		})
	}
}

// TestCSRFTokenOverCORS: a front end can send the header.
func TestCSRFTokenOverCORS(t *testing.T) {
	answer := start(t, nil).browser(frontEnd).do("OPTIONS", "/logout", nil, "Access-Control-Request-Method", "POST")
	allowed := answer.header.Get("Access-Control-Allow-Headers")
	if !strings.Contains(strings.ToLower(allowed), strings.ToLower(session.TokenHeader)) {
		t.Errorf("preflight allows the headers %q", allowed)
	}
}
