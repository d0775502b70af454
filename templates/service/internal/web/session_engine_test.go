package web

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// offline is a network that is none.
type offline struct{ handler http.Handler }

func (o offline) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	incoming := r.Clone(r.Context())
	incoming.RemoteAddr = "127.0.0.1:1234"
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
	o.handler.ServeHTTP(answer, incoming)
	return answer.Result(), nil
}

// unplugged is the service without a network, so that it runs by the clock of synctest.
func unplugged(t *testing.T, change func(*config.Config)) *service {
	t.Helper()
	s := prepare(t, change)
	s.network, s.url = offline{s.app.handler()}, "http://localhost:8080"
	return s
}

// TestEveryVisitCounts: with autoCommit and without, each answer that follows a read of the session extends it.
func TestEveryVisitCounts(t *testing.T) {
	nothing := func(*browser) any { return nil }
	for _, life := range []struct {
		name   string
		change func(*session.Config)
		wait   time.Duration
	}{
		{"rolling", func(s *session.Config) { s.Rolling = true }, time.Minute},
		{"renew", func(s *session.Config) { s.Renew = true }, 40 * time.Minute},
	} {
		for _, v := range []struct {
			name, method, path string
			body               func(b *browser) any
		}{
			{"me", "GET", "/me", nothing},
			{"log out others", "POST", "/logout/others", nothing},
			{"wrong password", "POST", "/login", func(b *browser) any { return b.credentials(username, "wrong") }},
		} {
			for _, auto := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s/%s/autoCommit=%v", life.name, v.name, auto), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						b := unplugged(t, func(c *config.Config) {
							c.Session.AutoCommit = auto
							life.change(&c.Session)
						}).browser(frontEnd)
						b.login()
						body := v.body(b)
						time.Sleep(life.wait)
						answer := b.do(v.method, v.path, body)
						if got := len(answer.header.Values("Set-Cookie")); got != 1 || answer.status >= 500 {
							t.Errorf("%s %s = %d %s with %d cookies, want one, no 5xx", v.method, v.path, answer.status,
								answer.body, got)
						}
						b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusOK, "")
					})
				})
			}
		}
	}
}

// TestBrowserSession: a session until the browser closes, whose absolute limit is shorter than the idle one would be.
func TestBrowserSession(t *testing.T) {
	b := start(t, func(c *config.Config) {
		c.Session.MaxAge, c.Session.AbsoluteMaxAge, c.Session.IdleTimeout = session.BrowserSession, 10*time.Minute,
			10*time.Minute
	}).browser(frontEnd)
	if line := b.login().header.Get("Set-Cookie"); strings.Contains(line, "Max-Age") ||
		strings.Contains(line, "Expires") {
		t.Errorf("login: Set-Cookie: %s, want a cookie that ends with the browser", line)
	}
	b.do("GET", "/me", nil).want(t, "GET /me", http.StatusOK, "")
}

// TestVisitWithoutLoginCounts: the session of a visitor who is not logged in lives on as well.
func TestVisitWithoutLoginCounts(t *testing.T) {
	for _, auto := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := unplugged(t, func(c *config.Config) {
				c.Session.AutoCommit, c.Session.Rolling = auto,
					true
			}).browser(frontEnd)
			service := b.client.Transport
			b.client.Transport = offline{b.app.sessions.Middleware(b.app.answer(func(w http.ResponseWriter,
				r *http.Request) error {
				b.app.sessions.Get(r).V.Username = "visitor"
				return b.app.save(w, r)
			}))}
			b.do("GET", "/", nil)
			b.client.Transport = service
			time.Sleep(time.Minute)
			answer := b.do("GET", "/me", nil)
			answer.want(t, "GET /me", http.StatusUnauthorized, "not_logged_in")
			if got := len(answer.header.Values("Set-Cookie")); got != 1 {
				t.Errorf("autoCommit %v: %d cookies, want one", auto, got)
			}
		})
	}
}

// TestRequireFreshCounts: so does one that has to log in again.
func TestRequireFreshCounts(t *testing.T) {
	for _, auto := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			b := unplugged(t, func(c *config.Config) {
				c.Session.AutoCommit, c.Session.Rolling = auto,
					true
			}).browser(frontEnd)
			b.login()
			b.client.Transport = offline{b.app.sessions.Middleware(b.app.sessions.RequireFresh(time.Minute,
				http.NotFoundHandler()))}
			time.Sleep(2 * time.Minute)
			answer := b.do("GET", "/", nil)
			answer.want(t, "a route that asks for a recent login", http.StatusUnauthorized, "login_again")
			if got := len(answer.header.Values("Set-Cookie")); got != 1 {
				t.Errorf("autoCommit %v: %d cookies, want one", auto, got)
			}
		})
	}
}
