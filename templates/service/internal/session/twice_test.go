package session_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Of a sign-in, a new id or a Save nothing is left after Destroy in the same request.
func TestDestroyTakesAllBack(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, first := range map[string]func(s *session.Session[data]) error{
			"SignIn":     func(s *session.Session[data]) error { return s.SignIn("ann") },
			"Regenerate": (*session.Session[data]).Regenerate,
			"Save":       func(s *session.Session[data]) error { s.Save(); return nil },
			"SetMaxAge":  func(s *session.Session[data]) error { s.SetMaxAge(2 * time.Hour); return nil },
		} {
			for what, known := range map[string]bool{"a new session": false, "a known session": true} {
				a := newApp[data](t, mode)
				c := newClient()
				if known {
					a.visit(c, increment)
				}
				rec := a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					if err := first(s); err != nil {
						t.Error(err)
					}
					s.Destroy()
				})
				if wantCookies(t, rec, 1); c.value != "" {
					t.Errorf("%s of %s, then Destroy: Set-Cookie = %q", name, what, setCookies(rec))
				}
				if sessions, stamps := a.records(); !known && len(sessions)+len(stamps) != 0 {
					t.Errorf("%s of %s, then Destroy: %d records, %d stamps", name, what, len(sessions), len(stamps))
				}
				a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
					if !s.IsNew() || s.User() != "" || s.MaxAge() != time.Hour {
						t.Errorf(
							"%s of %s, then Destroy: new %v, user %q, MaxAge %v",
							name,
							what,
							s.IsNew(),
							s.User(),
							s.MaxAge(),
						)
					}
				})
			}
		}
	})
}

// What is put into a session after SignIn and Destroy is a stranger's.
func TestChangeAfterSignInAndDestroy(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			signIn("ann")(w, r, s)
			s.Destroy()
			s.V.Views = 1
		})
		if v, _ := a.value(c); v.Views != 1 || a.user(c) != "" {
			t.Errorf("session = %+v of %q", v, a.user(c))
		}
		if _, stamps := a.records(); len(stamps) != 0 {
			t.Errorf("%d stamps of nobody", len(stamps))
		}
	})
}

// What a Commit has done is done: the save at the handler's end does it no second time.
func TestNothingIsDoneTwice(t *testing.T) {
	commit := func(t *testing.T, a *app[data], w http.ResponseWriter, r *http.Request) {
		t.Helper()
		if err := a.m.Commit(w, r); err != nil {
			t.Error(err)
		}
	}
	t.Run("extension", func(t *testing.T) {
		a := newApp[data](t, rolling)
		c := newClient()
		a.visit(c, increment)
		a.visit(c, func(w http.ResponseWriter, r *http.Request, _ *session.Session[data]) {
			before := a.store.Calls()
			commit(t, a, w, r)
			if a.store.Calls() == before {
				t.Error("nothing was extended")
			}
			a.store.FailWith(down) // nothing is to ask it any more
		})
		a.store.FailWith(nil)
		a.wantEvents(session.Created, session.Renewed)
	})
	t.Run("sign-in", func(t *testing.T) {
		bothModes(t, func(t *testing.T, mode func(*session.Config)) {
			a := newApp[data](t, mode)
			c := newClient()
			a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
				signIn("ann")(w, r, s)
				commit(t, a, w, r)
				if err := a.m.EndAll(t.Context(), "ann"); err != nil {
					t.Error(err)
				}
				s.V.Views++
			})
			if got := a.user(c); got != "" {
				t.Errorf("the second save took up the stamp of an EndAll that came after the sign-in: user %q", got)
			}
		})
	})
	t.Run("max age", func(t *testing.T) {
		a := newApp[data](t, nil)
		c := newClient()
		a.visit(c, increment)
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			s.SetMaxAge(2 * time.Hour)
			commit(t, a, w, r)
			tab := *c
			a.visit(
				&tab,
				func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.SetMaxAge(3 * time.Hour) },
			)
			s.V.Views++
		})
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			if s.MaxAge() != 3*time.Hour || s.V.Views != 2 {
				t.Errorf("MaxAge = %v and Views = %d, want the later 3h and 2", s.MaxAge(), s.V.Views)
			}
		})
	})
}

// A value that was too large for the cookie spoils nothing: made smaller, it is saved, and under the same id.
func TestTooLargeThenSmaller(t *testing.T) {
	for name, first := range map[string]handler[data]{"changed": look,
		"regenerated": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }} {
		a := newApp[data](t, sealed)
		c := newClient()
		a.visit(c, signIn("ann"))
		before := *c
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			first(w, r, s)
			s.V.Name = strings.Repeat("x", 4096)
			if err := a.m.Commit(w, r); !errors.Is(err, session.ErrTooLarge) {
				t.Errorf("Commit = %v, want ErrTooLarge", err)
			}
			s.V.Name = "small"
		})
		if v, _ := a.value(c); v.Name != "small" || a.user(c) != "ann" {
			t.Errorf("%s: session = %+v of %q", name, v, a.user(c))
		}
		if got := a.user(&before); name == "regenerated" && got != "" {
			t.Errorf("the earlier token still works for %q", got)
		}
		old := *c
		a.visit(c, logout)
		if got := a.user(&old); got != "" {
			t.Errorf("%s: the token works after the logout, for %q", name, got)
		}
	}
}
