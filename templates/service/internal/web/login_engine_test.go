package web

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestLoginChangesTheID: ASVS 7.2.4, and 7.2.2 for two logins of one user.
func TestLoginChangesTheID(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.login()
	first := b.cookie()
	b.login()
	second := b.cookie()
	if first == nil || second == nil || first.Value == second.Value {
		t.Fatalf("cookies of two logins: %v and %v, want two different ones", first, second)
	}
	s.browser(frontEnd).do("GET", "/me", nil, "Cookie", first.Name+"="+first.Value).
		want(t, "GET /me with the first cookie", http.StatusUnauthorized, "not_logged_in")
}

// TestStoreDown: what needs no session goes on, the rest says 503 and not 401: the user is still logged in.
func TestStoreDown(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.login()
	b.do("GET", "/readyz", nil).want(t, "GET /readyz", http.StatusOK, "")

	s.store.FailWith(func(string, string) error { return errors.New("dial tcp 10.0.0.7:6379: connection refused") })
	b.do("GET", "/healthz", nil).want(t, "GET /healthz", http.StatusOK, "")
	b.do("GET", "/nowhere", nil).want(t, "GET /nowhere", http.StatusNotFound, "not_found")
	answer := b.do("GET", "/me", nil)
	answer.want(t, "GET /me", http.StatusServiceUnavailable, "unavailable")
	if strings.Contains(answer.body, "10.0.0.7") {
		t.Errorf("GET /me: the answer names internals: %s", answer.body)
	}
	if answer.header.Get("Access-Control-Allow-Origin") != frontEnd {
		t.Error("GET /me: the answer lacks the CORS headers")
	}
	if !strings.Contains(s.log.String(), "10.0.0.7") {
		t.Error("the log does not name the cause")
	}

	s.store.FailWith(nil)
	b.do("GET", "/me", nil).want(t, "GET /me when the store is back", http.StatusOK, "")
}

// TestErrorsAreReadable: a front end must see the error and not a CORS failure.
func TestErrorsAreReadable(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	for _, test := range []struct {
		method, path string
		status       int
		name         string
	}{
		{"GET", "/nowhere", http.StatusNotFound, "not_found"},
		{"GET", "/me", http.StatusUnauthorized, "not_logged_in"},
	} {
		answer := b.do(test.method, test.path, nil)
		what := test.method + " " + test.path
		answer.want(t, what, test.status, test.name)
		if got := answer.header.Get("Access-Control-Allow-Origin"); got != frontEnd {
			t.Errorf("%s: Access-Control-Allow-Origin = %q, want %q", what, got, frontEnd)
		}
		if answer.header.Get("X-Content-Type-Options") != "nosniff" ||
			answer.header.Get("Cross-Origin-Resource-Policy") != "same-site" {
			t.Errorf("%s: headers %v", what, answer.header)
		}
	}
}

// TestPublicURLIsTrusted: a front end served by the service's own address, behind
// a proxy that changes Host.
func TestPublicURLIsTrusted(t *testing.T) {
	b := start(t, func(cfg *config.Config) { cfg.CORSOrigins = nil }).browser("http://localhost:8080")
	b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
}

// TestProgramsMayPost: curl sends neither Origin nor Sec-Fetch-Site, and has no
// cookies of somebody else.
func TestProgramsMayPost(t *testing.T) {
	start(t, nil).browser("").do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
}
