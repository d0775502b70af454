package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestLoginAcrossOrigins is the path of a person: what one request puts into the session, the next one finds.
func TestLoginAcrossOrigins(t *testing.T) {
	for name, auto := range map[string]bool{"autoCommit": true, "without autoCommit": false} {
		t.Run(name, func(t *testing.T) {
			b := start(t, func(c *config.Config) { c.Session.AutoCommit = auto }).browser(frontEnd)
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
			if err := json.Unmarshal(me.Result, &who); err != nil || who.Username != username ||
				time.Since(who.Since) > time.Minute {
				t.Errorf("GET /me = %s, want %s, logged in just now", me.body, username)
			}

			stolen := b.cookie()
			b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
			b.do("GET", "/me", nil).want(t, "GET /me after the logout", http.StatusUnauthorized, "not_logged_in")
			if b.cookie() != nil {
				t.Error("the browser still has a session cookie after the logout")
			}
			// ASVS 7.4.1: a copy of the cookie is worth nothing.
			b.do("GET", "/me", nil, "Cookie", stolen.Name+"="+stolen.Value).
				want(t, "GET /me with the old cookie", http.StatusUnauthorized, "not_logged_in")
		})
	}
}

func TestLoginRefuses(t *testing.T) {
	for _, test := range []struct{ username, password string }{{username, "wrong"}, {"李四", password}, {username, ""},
		{"", ""}} {
		s := start(t, nil)
		b := s.browser(frontEnd)
		b.do("POST", "/login", b.credentials(test.username, test.password)).want(t, fmt.Sprint("login with ", test),
			http.StatusUnauthorized, "refused")
		b.do("GET", "/me", nil).want(t, "GET /me", http.StatusUnauthorized, "not_logged_in")
		if test.password != "" && strings.Contains(s.log.String(), test.password) {
			t.Error("the log holds the password")
		}
	}
}

func TestLoginBody(t *testing.T) {
	const json, form = "application/json", "application/x-www-form-urlencoded"
	b := start(t, nil).browser(frontEnd)
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		want                    string
	}{
		{"not JSON", json, "{", http.StatusBadRequest, "bad_json"},
		{"empty", json, "", http.StatusBadRequest, "bad_json"},
		{"two values", json, "{}{}", http.StatusBadRequest, "bad_json"},
		{"GBK, as a client on Windows may send", json + "; charset=gbk", "{\"username\":\"\xd5\xc5\xc8\xfd\"}",
			http.StatusBadRequest, "bad_json"},
		{"wrong type", json, `{"username":1}`, http.StatusBadRequest, "bad_json"},
		{"a form", form, "username=a", http.StatusUnsupportedMediaType, "not_json"},
		{"JSON as text/plain, which needs no preflight", "text/plain", "{}", http.StatusUnsupportedMediaType,
			"not_json"},
		{"no type", "", "{}", http.StatusUnsupportedMediaType, "not_json"},
		{"too large", json, `{"username":"` + strings.Repeat("a", maxBody) + `"}`, http.StatusRequestEntityTooLarge,
			"too_large"},
		{"too large behind the value", json, "{}" + strings.Repeat(" ", maxBody), http.StatusRequestEntityTooLarge,
			"too_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			answer := b.do("POST", "/login", test.body, "Content-Type", test.contentType)
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
	s.browser(frontEnd).do("POST", "/logout/others", nil).
		want(t, "POST /logout/others without a login", http.StatusUnauthorized, "not_logged_in")
}
