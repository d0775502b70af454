package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestLoginAcrossOrigins is the path of a person: what one request puts into the
// session, the next one finds.
func TestLoginAcrossOrigins(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	b.do("GET", "/me", nil).want(t, "GET /me before the login", http.StatusUnauthorized, "not_logged_in")

	answer := b.login()
	if got := answer.header.Get("Access-Control-Allow-Origin"); got != frontEnd {
		t.Errorf("login: Access-Control-Allow-Origin = %q, want %q", got, frontEnd)
	}
	if got := answer.header.Get("Access-Control-Allow-Credentials"); got != "true" {
		t.Errorf("login: Access-Control-Allow-Credentials = %q, want true", got)
	}

	me := b.do("GET", "/me", nil)
	me.want(t, "GET /me after the login", http.StatusOK, "")
	var who profile
	if err := json.Unmarshal(me.Result, &who); err != nil || who.Username != username || time.Since(who.Since) > time.Minute {
		t.Errorf("GET /me = %s, want %s, logged in just now", me.body, username)
	}

	stolen := b.cookie()
	b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
	b.do("GET", "/me", nil).want(t, "GET /me after the logout", http.StatusUnauthorized, "not_logged_in")
	if b.cookie() != nil {
		t.Error("the browser still has a session cookie after the logout")
	}
	// ASVS 7.4.1: a copy of the cookie is worth nothing.
	b.do("GET", "/me", nil, "Cookie", stolen.Name+"="+stolen.Value).want(t, "GET /me with the old cookie", http.StatusUnauthorized, "not_logged_in")
}

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
	s.browser(frontEnd).do("GET", "/me", nil, "Cookie", first.Name+"="+first.Value).want(t, "GET /me with the first cookie", http.StatusUnauthorized, "not_logged_in")
}

// TestBrowserSession: a session until the browser closes, whose absolute limit is
// shorter than the idle one would be.
func TestBrowserSession(t *testing.T) {
	b := start(t, func(c *config.Config) { c.Session.MaxAge, c.Session.AbsoluteMaxAge = -1, 10*time.Minute }).browser(frontEnd)
	if line := b.login().header.Get("Set-Cookie"); strings.Contains(line, "Max-Age") || strings.Contains(line, "Expires") {
		t.Errorf("login: Set-Cookie: %s, want a cookie that ends with the browser", line)
	}
	b.do("GET", "/me", nil).want(t, "GET /me", http.StatusOK, "")
}

func TestLoginRefuses(t *testing.T) {
	for _, test := range []struct{ name, username, password string }{
		{"wrong password", username, "wrong"},
		{"unknown user", "李四", password},
		{"empty password", username, ""},
		{"nothing", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := start(t, nil).browser(frontEnd)
			b.do("POST", "/login", b.credentials(test.username, test.password)).want(t, "login", http.StatusUnauthorized, "refused")
			b.do("GET", "/me", nil).want(t, "GET /me", http.StatusUnauthorized, "not_logged_in")
		})
	}
}

// TestLoginWithoutAccount: nobody gets in, whatever they send.
func TestLoginWithoutAccount(t *testing.T) {
	s := start(t, nil)
	none, err := NewAccount("", "")
	if err != nil {
		t.Fatal(err)
	}
	s.app.accounts = none
	b := s.browser(frontEnd)
	b.do("POST", "/login", b.credentials("", "")).want(t, "login", http.StatusUnauthorized, "refused")
}

type brokenTable struct{}

func (brokenTable) Authenticate(context.Context, string, string) (string, error) {
	return "", errors.New("dial tcp 10.0.0.7:5432: refused")
}

// TestUserTableFails: the cause is logged and not sent.
func TestUserTableFails(t *testing.T) {
	s := start(t, nil)
	s.app.accounts = brokenTable{}
	b := s.browser(frontEnd)
	answer := b.do("POST", "/login", b.credentials(username, password))
	answer.want(t, "login", http.StatusInternalServerError, "internal")
	if strings.Contains(answer.body, "10.0.0.7") {
		t.Errorf("login: the answer names internals: %s", answer.body)
	}
	if !strings.Contains(s.log.String(), "10.0.0.7") {
		t.Error("login: the log does not name the cause")
	}
}

func TestLoginBody(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		want                    string
	}{
		{"not JSON", "application/json", "{", http.StatusBadRequest, "bad_json"},
		{"empty", "application/json", "", http.StatusBadRequest, "bad_json"},
		{"two values", "application/json", "{}{}", http.StatusBadRequest, "bad_json"},
		{"wrong type", "application/json", `{"username":1}`, http.StatusBadRequest, "bad_json"},
		{"a form", "application/x-www-form-urlencoded", "username=a", http.StatusUnsupportedMediaType, "not_json"},
		{"JSON as text/plain, which needs no preflight", "text/plain", "{}", http.StatusUnsupportedMediaType, "not_json"},
		{"no type", "", "{}", http.StatusUnsupportedMediaType, "not_json"},
		{"too large", "application/json", `{"username":"` + strings.Repeat("a", maxBody) + `"}`, http.StatusRequestEntityTooLarge, "too_large"},
		{"too large behind the value", "application/json", "{}" + strings.Repeat(" ", maxBody), http.StatusRequestEntityTooLarge, "too_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			r, err := http.NewRequestWithContext(t.Context(), "POST", b.url+"/login", strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", frontEnd)
			r.Header.Set("Content-Type", test.contentType)
			answer := b.send(r)
			answer.want(t, "login", test.status, test.want)
			if answer.header.Get("Access-Control-Allow-Origin") != frontEnd {
				t.Error("login: the refusal lacks the CORS headers, so the front end cannot read it")
			}
		})
	}
}

func TestLoginRateLimit(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	var answer reply
	for range loginsBurst + 1 {
		answer = b.do("POST", "/login", map[string]string{"username": username, "password": "guess"})
	}
	answer.want(t, "one login too many", http.StatusTooManyRequests, "too_many")
	if answer.header.Get("Retry-After") == "" {
		t.Error("one login too many: no Retry-After")
	}
}

// TestLogoutOthers: ASVS 7.4.3.
func TestLogoutOthers(t *testing.T) {
	s := start(t, nil)
	laptop, phone := s.browser(frontEnd), s.browser(frontEnd)
	laptop.login()
	phone.login()

	phone.do("POST", "/logout/others", nil).want(t, "POST /logout/others", http.StatusOK, "")
	phone.do("GET", "/me", nil).want(t, "GET /me on the phone", http.StatusOK, "")
	laptop.do("GET", "/me", nil).want(t, "GET /me on the laptop", http.StatusUnauthorized, "not_logged_in")
	s.browser(frontEnd).do("POST", "/logout/others", nil).want(t, "POST /logout/others without a login", http.StatusUnauthorized, "not_logged_in")
}

// TestWithoutAutoCommit: the handlers save what they changed themselves.
func TestWithoutAutoCommit(t *testing.T) {
	b := start(t, func(cfg *config.Config) { cfg.Session.AutoCommit = false }).browser(frontEnd)
	b.login()
	b.do("GET", "/me", nil).want(t, "GET /me after the login", http.StatusOK, "")
	b.do("POST", "/logout/others", nil).want(t, "POST /logout/others", http.StatusOK, "")
	b.do("GET", "/me", nil).want(t, "GET /me with the new id", http.StatusOK, "")
	b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
	b.do("GET", "/me", nil).want(t, "GET /me after the logout", http.StatusUnauthorized, "not_logged_in")
}
