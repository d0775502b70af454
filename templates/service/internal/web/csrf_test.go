package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func withToken(cfg *config.Config) { cfg.Session.CSRFToken = true }

// TestNIST_5_1_CSRFIdentifier: POST requests of a session carry an identifier
// that is bound to it and verified (NIST SP 800-63B-4, section 5.1).
func TestNIST_5_1_CSRFIdentifier(t *testing.T) {
	s := start(t, withToken)
	b, other := s.browser(frontEnd), s.browser(frontEnd)
	token := b.login().field("csrfToken")
	me := b.do("GET", "/me", nil)
	if token == "" || me.field("csrfToken") != token {
		t.Fatalf("the login tells the token %q, GET /me %q", token, me.field("csrfToken"))
	}
	next := func() { time.Sleep(time.Millisecond) } // two logins of one user in one millisecond share the token
	next()
	others := other.login().field("csrfToken")
	for _, path := range []string{"/logout/others", "/logout", "/login"} {
		for name, wrong := range map[string]string{"no token": "", "another session's": others, "the cookie": b.cookie().Value} {
			var header []string
			if wrong != "" {
				header = []string{session.TokenHeader, wrong}
			}
			answer := b.do("POST", path, nil, header...)
			answer.want(t, "POST "+path+" with "+name, http.StatusForbidden, "csrf_token")
			if answer.header.Get("Access-Control-Allow-Origin") != frontEnd {
				t.Errorf("POST %s with %s: the front end cannot read the refusal", path, name)
			}
		}
	}
	b.do("GET", "/me", nil).want(t, "GET /me, still logged in", http.StatusOK, "")
	b.do("POST", "/logout/others", nil, session.TokenHeader, token).want(t, "POST /logout/others", http.StatusOK, "")
	if now := b.do("GET", "/me", nil).field("csrfToken"); now != token {
		t.Errorf("the new id came with the token %q, want the one before: a page that is open has no other", now)
	}
	b.do("POST", "/logout", nil, session.TokenHeader, token).want(t, "POST /logout", http.StatusOK, "")
	next()
	if again := b.login().field("csrfToken"); again == token || again == "" {
		t.Errorf("the next login tells the token %q, want another", again)
	}
}

// TestCSRFTokenWithoutAutoCommit: the token does not depend on when the session is saved.
func TestCSRFTokenWithoutAutoCommit(t *testing.T) {
	b := start(t, func(cfg *config.Config) { withToken(cfg); cfg.Session.AutoCommit = false }).browser(frontEnd)
	token := b.login().field("csrfToken")
	b.do("POST", "/logout", nil).want(t, "POST /logout without it", http.StatusForbidden, "csrf_token")
	b.do("POST", "/logout", nil, session.TokenHeader, token).want(t, "POST /logout", http.StatusOK, "")
}

// TestCSRFTokenOverCORS: a front end can send the header, but only if the option is on.
func TestCSRFTokenOverCORS(t *testing.T) {
	for name, change := range map[string]func(*config.Config){"off": nil, "on": withToken} {
		answer := start(t, change).browser(frontEnd).do("OPTIONS", "/logout", nil, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", strings.ToLower(session.TokenHeader))
		got := strings.Contains(strings.ToLower(answer.header.Get("Access-Control-Allow-Headers")), strings.ToLower(session.TokenHeader))
		if got != (name == "on") {
			t.Errorf("%s: preflight allows the headers %q", name, answer.header.Get("Access-Control-Allow-Headers"))
		}
	}
}

// TestNoCSRFToken: with the option off nothing of it is in any answer, and nothing is asked for.
func TestNoCSRFToken(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	for what, answer := range map[string]reply{"login": b.login(), "GET /me": b.do("GET", "/me", nil)} {
		if strings.Contains(strings.ToLower(answer.body), "csrf") {
			t.Errorf("%s: %s", what, answer.body)
		}
	}
	b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
}
