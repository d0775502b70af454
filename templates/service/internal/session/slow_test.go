package session_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// A session whose limit passes while a request runs is over, and the request does not bring it back.
func TestLimitPassesMeanwhile(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for limit, maxAge := range map[string]time.Duration{"idle": time.Hour, "absolute": 24 * time.Hour} {
			for name, slow := range map[string]handler[data]{
				"changes": increment,
				"saves":   func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Save() },
				"regenerates": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					s.Regenerate()
				},
				"remembers": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					s.SetMaxAge(20 * time.Hour)
				},
			} {
				t.Run(limit+"/"+name, func(t *testing.T) {
					a := newApp[data](t, func(cfg *session.Config) { mode(cfg); cfg.MaxAge = maxAge })
					c := newClient()
					a.visit(c, signIn("ann"))
					a.clock.advance(maxAge)
					a.kinds()
					rec := a.during(c, slow, func() { a.clock.advance(time.Millisecond) })
					wantCookies(t, rec, 0)
					a.wantEvents(session.Gone)
					if got := a.user(c); got != "" {
						t.Errorf("the session came back for %q", got)
					}
				})
			}
		}
	})
}

// A sign-in, whose right comes from the credentials, and a logout count all the same.
func TestLimitPassesBeforeTheEnd(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, h := range map[string]handler[data]{"bob": signIn("bob"), "": logout} {
			a := newApp[data](t, mode)
			c := newClient()
			a.visit(c, signIn("ann"))
			rec := a.during(c, h, func() { a.clock.advance(2 * time.Hour) })
			if wantCookies(t, rec, 1); a.user(c) != name || name == "" && c.value != "" {
				t.Errorf("the browser is signed in as %q with the cookie %q, want %q", a.user(c), c.value, name)
			}
		}
	})
}

// A request that has extended its session itself may go on as long.
func TestExtendedByItself(t *testing.T) {
	for name, first := range map[string]handler[data]{"changed": increment, "touched": look} {
		bothModes(t, func(t *testing.T, mode func(*session.Config)) {
			a := newApp[data](t, func(cfg *session.Config) { mode(cfg); rolling(cfg) })
			c := newClient()
			a.visit(c, signIn("ann"))
			a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
				a.clock.advance(50 * time.Minute)
				first(w, r, s)
				if err := a.m.Commit(w, r); err != nil {
					t.Error(err)
				}
				a.clock.advance(50 * time.Minute)
				s.V.Name = "later"
			})
			if v, _ := a.value(c); v.Name != "later" {
				t.Errorf("%s: session = %+v", name, v)
			}
		})
	}
}

// If another request has extended the session meanwhile, it is not over.
func TestExtendedMeanwhile(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, increment)
	a.during(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Name = "slow" }, func() {
		for range 3 {
			a.clock.advance(50 * time.Minute)
			tab := *c
			a.visit(&tab, increment)
		}
	})
	if v, _ := a.value(c); v.Views != 4 || v.Name != "slow" {
		t.Errorf("session = %+v, want 4 views and the slow request's change", v)
	}
}
