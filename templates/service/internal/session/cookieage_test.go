package session_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// A save that takes its time takes none from the cookie: the session was extended when the save began.
func TestSlowSaveShortensNoCookie(t *testing.T) {
	for _, mode := range []string{"store", "sealed"} {
		for name, do := range map[string]func(*session.Session[data]) error{
			"create":     func(s *session.Session[data]) error { s.Destroy(); s.V.Views = 1; return nil },
			"change":     func(s *session.Session[data]) error { s.V.Views++; return nil },
			"sign-in":    func(s *session.Session[data]) error { return s.SignIn("ann") },
			"regenerate": (*session.Session[data]).Regenerate,
		} {
			t.Run(mode+"/"+name, func(t *testing.T) {
				a := newApp[data](t, func(cfg *session.Config) {
					if mode == "sealed" {
						sealed(cfg)
					}
				})
				c := newClient()
				a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
				a.store.FailWith(func(string, string) error { a.clock.advance(300 * time.Millisecond); return nil })
				rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					if err := do(s); err != nil {
						t.Error(err)
					}
				})
				if got := cookieAge(t, setCookies(rec)); got != "3600" {
					t.Errorf("Max-Age = %s, want 3600", got)
				}
			})
		}
	}
}

// A session that has less than a second left is sent with one: zero would delete the cookie. Less than a second cannot
// be asked for.
func TestAgeOfLessThanASecond(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		before := newApp[data](t, mode)
		c := newClient()
		before.visit(c, increment)
		before.clock.advance(time.Hour - 500*time.Millisecond)
		a := newApp[data](t, func(cfg *session.Config) {
			cfg.Store, cfg.Now = before.store, before.clock.Now
			mode(cfg)
			cfg.Keys = [][]byte{testKey(2), testKey(1)} // so that the token is signed again, with the time that is left
		})
		if got := cookieAge(t, setCookies(a.visit(c, look))); got != "1" {
			t.Errorf("500 ms before the end: Max-Age = %s, want 1", got)
		}

		short := newClient()
		rec := a.visit(
			short,
			func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.SetMaxAge(time.Millisecond) },
		)
		if got := cookieAge(t, setCookies(rec)); got != "1" {
			t.Errorf("SetMaxAge(1ms): Max-Age = %s, want 1", got)
		}
		before.clock.advance(time.Second)
		if _, isNew := a.value(short); isNew {
			t.Error("the session was over before its cookie")
		}
		before.clock.advance(time.Millisecond)
		if _, isNew := a.value(short); !isNew {
			t.Error("the session outlived its cookie")
		}
	})
}
