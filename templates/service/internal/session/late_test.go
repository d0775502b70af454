package session_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// A change after the headers is not saved, and not lost silently: it is reported. What Destroy ends is ended all the
// same.
func TestLateChange(t *testing.T) {
	flush := func(w http.ResponseWriter) { w.(http.Flusher).Flush() }
	t.Run("known session", func(t *testing.T) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
		a.kinds()
		a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) { flush(w); s.V.Views = 2 })
		if v, _ := a.value(c); v.Views != 1 {
			t.Errorf("Views = %d, want 1: what comes late is reported, and not saved", v.Views)
		}
		a.wantEvents(session.Late)
	})
	t.Run("new session", func(t *testing.T) {
		a := newApp[data](t, nil)
		a.visit(
			newClient(),
			func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) { flush(w); s.V.Views = 2 },
		)
		a.wantEvents(session.Late)
		if !strings.Contains(a.logs.String(), `"level":"ERROR"`) {
			t.Errorf("log = %s, want an error", a.logs.String())
		}
		if n := len(a.store.Keys()); n != 0 {
			t.Errorf("%d records were left that nobody can find", n)
		}
	})
	t.Run("sealed session", func(t *testing.T) {
		a := newApp[data](t, sealed)
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
		a.kinds()
		a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) { flush(w); s.V.Views = 2 })
		a.wantEvents(session.Late)
	})
	t.Run("methods", func(t *testing.T) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Views, _ = 1, s.SignIn("ann")
		})
		a.kinds()
		a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			flush(w)
			for name, err := range map[string]error{
				"Regenerate": s.Regenerate(), "SignIn": s.SignIn("bob"), "SignOutOthers": signOutOthersOf(s),
			} {
				if !errors.Is(err, session.ErrLate) {
					t.Errorf("%s = %v, want ErrLate", name, err)
				}
			}
			if s.User() != "ann" {
				t.Errorf("User = %q, want ann", s.User())
			}
		})
		a.wantEvents(session.Late, session.Late, session.Late)
	})
	t.Run("Commit of what came before", func(t *testing.T) {
		for name, do := range map[string]func(s *session.Session[data]) error{
			"Regenerate": (*session.Session[data]).Regenerate,
			"SignIn":     func(s *session.Session[data]) error { return s.SignIn("bob") },
		} {
			a := newApp[data](t, func(cfg *session.Config) { cfg.AutoCommit = false })
			c, other := newClient(), newClient()
			begin := func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
				if err := errors.Join(s.SignIn("ann"), a.m.Commit(w, r)); err != nil {
					t.Fatal(err)
				}
			}
			a.visit(c, begin)
			a.visit(other, begin)
			a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
				if err := do(s); err != nil {
					t.Fatal(err)
				}
				flush(w)
				if err := a.m.Commit(w, r); !errors.Is(err, session.ErrLate) {
					t.Errorf("%s: Commit = %v, want ErrLate", name, err)
				}
			})
			if a.user(c) != "ann" || a.user(other) != "ann" {
				t.Errorf(
					"%s, which could not be sent: the browser has %q, another one %q",
					name,
					a.user(c),
					a.user(other),
				)
			}
		}
	})
	t.Run("Commit of a logout everywhere", func(t *testing.T) {
		a := newApp[data](t, nil)
		manual := newApp[data](
			t,
			func(cfg *session.Config) { cfg.AutoCommit, cfg.Store, cfg.Now = false, a.store, a.clock.Now },
		)
		c, other := newClient(), newClient()
		a.visit(c, signIn("ann"))
		a.visit(other, signIn("ann"))
		manual.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			signOutOthers(w, r, s)
			s.Destroy()
			flush(w)
			if err := manual.m.Commit(w, r); err != nil {
				t.Errorf("Commit = %v", err)
			}
		})
		if a.user(c) != "" || a.user(other) != "" {
			t.Errorf("here is %q, there %q", a.user(c), a.user(other))
		}
	})
	t.Run("max age", func(t *testing.T) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, increment)
		a.kinds()
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			flush(w)
			s.SetMaxAge(2 * time.Hour)
			if err := a.m.Commit(w, r); !errors.Is(err, session.ErrLate) {
				t.Errorf("Commit of another age = %v, want ErrLate: the browser has the old one", err)
			}
		})
	})
	t.Run("logout still counts", func(t *testing.T) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Views = 1 })
		a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) { flush(w); s.Destroy() })
		if _, isNew := a.value(c); !isNew {
			t.Error("the session survived its logout")
		}
	})
	t.Run("Commit", func(t *testing.T) {
		a := newApp[data](t, nil)
		a.visit(newClient(), func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			flush(w)
			s.V.Views = 1
			if err := a.m.Commit(w, r); !errors.Is(err, session.ErrLate) {
				t.Errorf("Commit = %v, want ErrLate", err)
			}
		})
	})
}
