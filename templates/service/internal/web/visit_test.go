package web

import (
	"fmt"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestEveryVisitCounts: with autoCommit and without, each answer that follows a
// look at the session extends it, or gives it a new id when that is due.
func TestEveryVisitCounts(t *testing.T) {
	type visit struct {
		name, method, path string
		body               func(b *browser) any
		token              string // "right", "wrong" or ""
	}
	nothing := func(*browser) any { return nil }
	visits := []visit{
		{"me", "GET", "/me", nothing, ""},
		{"list", "GET", "/sessions", nothing, ""},
		{"end no session", "DELETE", "/sessions/AAAAAAAA", nothing, "right"},
		{"log out others", "POST", "/logout/others", nothing, "right"},
		{"wrong token", "POST", "/logout", nothing, "wrong"},
		{"wrong password", "POST", "/login", func(b *browser) any { return b.credentials(username, "wrong") }, "right"},
		{"no JSON", "POST", "/login", nothing, "right"},
		{"no route", "POST", "/nowhere", nothing, "right"},
	}
	for _, life := range []struct {
		name   string
		change func(*config.Session)
		wait   time.Duration
	}{
		{"rolling", func(s *config.Session) { s.Rolling = true }, time.Minute},
		{"renew", func(s *config.Session) { s.Renew = true }, 40 * time.Minute},
		{"rotateEvery", func(s *config.Session) { s.RotateEvery = 5 * time.Minute }, 6 * time.Minute},
	} {
		for _, v := range visits {
			for _, auto := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/autoCommit=%v", life.name, v.name, auto), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := unplugged(t, func(c *config.Config) {
							c.Session.AutoCommit, c.Session.CSRFToken, c.Session.MaxSessions = auto, true, 5
							life.change(&c.Session)
						}).browser(frontEnd)
						var header []string
						if token := b.login().field("csrfToken"); v.token == "right" {
							header = []string{"X-CSRF-Token", token}
						}
						body := v.body(b)
						time.Sleep(life.wait)
						answer := b.do(v.method, v.path, body, header...)
						if got := len(answer.header.Values("Set-Cookie")); got != 1 || answer.status >= 500 {
							t.Errorf("%s %s = %d %s with %d cookies, want one", v.method, v.path, answer.status, answer.body, got)
						}
						b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusOK, "")
					})
				})
			}
		}
	}
}

// TestVisitWithoutLoginCounts: the session of a visitor who is not logged in lives on as well.
func TestVisitWithoutLoginCounts(t *testing.T) {
	for _, auto := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := unplugged(t, func(c *config.Config) { c.Session.AutoCommit, c.Session.Rolling = auto, true }).browser(frontEnd)
			service := b.direct
			b.direct = b.app.sessions.Middleware(b.app.answer(func(w http.ResponseWriter, r *http.Request) error {
				b.app.sessions.Get(r).V.Username = "visitor"
				return b.app.save(w, r)
			}))
			b.do("GET", "/", nil)
			b.direct = service
			time.Sleep(time.Minute)
			answer := b.do("GET", "/me", nil)
			answer.want(t, "GET /me", http.StatusUnauthorized, "not_logged_in")
			if got := len(answer.header.Values("Set-Cookie")); got != 1 {
				t.Errorf("autoCommit %v: %d cookies, want one", auto, got)
			}
		})
	}
}

// TestRequireFreshCounts: so does one that is told to log in again.
func TestRequireFreshCounts(t *testing.T) {
	for _, auto := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := unplugged(t, func(c *config.Config) { c.Session.AutoCommit, c.Session.Rolling = auto, true }).browser(frontEnd)
			b.login()
			b.direct = b.app.sessions.Middleware(b.app.sessions.RequireFresh(time.Minute, http.NotFoundHandler()))
			time.Sleep(2 * time.Minute)
			answer := b.do("GET", "/", nil)
			answer.want(t, "a route that asks for a recent login", http.StatusUnauthorized, "login_again")
			if got := len(answer.header.Values("Set-Cookie")); got != 1 {
				t.Errorf("autoCommit %v: %d cookies, want one", auto, got)
			}
		})
	}
}
