package session_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func logout(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() }

func signOutOthersOf(s *session.Session[data]) error { return s.SignOutOthers(context.Background()) }

func signOutOthers(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
	if err := s.SignOutOthers(context.Background()); err != nil {
		panic(err)
	}
}

// A request whose session was ended while it ran says nothing about the cookie: by now the browser may have that of a
// newer login.
func TestLogoutAndLoginMeanwhile(t *testing.T) {
	slow := map[string]handler[data]{
		"looks":       look,
		"changes":     increment,
		"saves":       func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Save() },
		"regenerates": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() },
	}
	for config, change := range map[string]func(*session.Config){"rolling": rolling, "sealed": sealed,
		"sealed, rolling": func(cfg *session.Config) { sealed(cfg); rolling(cfg) }} {
		for name, h := range slow {
			t.Run(config+" "+name, func(t *testing.T) {
				a := newApp[data](t, change)
				c := newClient()
				a.visit(c, signIn("ann"))
				var browser client
				rec := a.during(c, h, func() {
					browser = *c
					a.visit(&browser, logout)
					a.visit(&browser, signIn("bob"))
				})
				if config == "sealed" && name == "looks" {
					return // nothing is asked, and nothing is said
				}
				wantCookies(t, rec, 0)
				browser.keep(rec.Result().Header)
				if got := a.user(&browser); got != "bob" {
					t.Errorf("the browser is signed in as %q, want bob", got)
				}
			})
		}
	}
}

// After a rotation of the keys a visit has its token signed again. It must not do so over the token of a sign-in that
// was quicker.
func TestSignedAgainMeanwhile(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		before := newApp[data](t, mode)
		c := newClient()
		before.visit(c, increment)
		a := newApp[data](t, func(cfg *session.Config) {
			cfg.Store, cfg.Now = before.store, before.clock.Now
			mode(cfg)
			cfg.Keys = [][]byte{testKey(2), testKey(1)}
		})
		var browser client
		rec := a.during(c, look, func() { browser = *c; a.visit(&browser, signIn("ann")) })
		wantCookies(t, rec, 0)
		a.wantEvents(session.OldKey, session.OldKey, session.Regenerated, session.Gone)
		if got := a.user(&browser); got != "ann" {
			t.Errorf("the browser is signed in as %q, want ann", got)
		}
	})
}

// If the other request only extended the session, the browser gets the life that it has by now.
func TestSignedAgainAfterAChange(t *testing.T) {
	before := newApp[data](t, nil)
	c := newClient()
	before.visit(c, increment)
	a := newApp[data](t, func(cfg *session.Config) {
		cfg.Store, cfg.Now, cfg.Keys = before.store, before.clock.Now, [][]byte{testKey(2), testKey(1)}
	})
	before.clock.advance(30 * time.Minute)
	rec := a.during(c, look, func() { tab := *c; before.visit(&tab, increment) })
	if got := cookieAge(t, setCookies(rec)); got != "3600" {
		t.Errorf("Max-Age = %s, want 3600", got)
	}
	if v, _ := a.value(c); v.Views != 2 {
		t.Errorf("Views = %d, want 2", v.Views)
	}
}

// SignOutOthers ends the others, and not what ended its own session while it ran.
func TestSignOutOthersMeetsTheEnd(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, end := range map[string]func(a *app[data], other *client){
			"EndAll":        func(a *app[data], _ *client) { a.m.EndAll(a.t.Context(), "ann") },
			"SignOutOthers": func(a *app[data], other *client) { a.visit(other, signOutOthers) },
		} {
			t.Run(name, func(t *testing.T) {
				a := newApp[data](t, mode)
				c, other := newClient(), newClient()
				a.visit(c, signIn("ann"))
				a.visit(other, signIn("ann"))
				before := *c
				rec := a.during(c, signOutOthers, func() { end(a, other) })
				wantCookies(t, rec, 0)
				if rec.Code != 200 || a.user(c) != "" || a.user(&before) != "" {
					t.Errorf("answer %d, the session has %q; want 200 and nobody", rec.Code, a.user(c)+a.user(&before))
				}
				if want := map[bool]string{true: "ann"}[name == "SignOutOthers"]; a.user(other) != want {
					t.Errorf("the other session has %q, want %q", a.user(other), want)
				}
			})
		}
		t.Run("logout", func(t *testing.T) {
			a := newApp[data](t, mode)
			c, other := newClient(), newClient()
			a.visit(c, signIn("ann"))
			a.visit(other, signIn("ann"))
			a.during(c, signOutOthers, func() { tab := *c; a.visit(&tab, logout) })
			if a.user(c) != "" {
				t.Error("the session came back after its logout")
			}
			if a.user(other) != "" {
				t.Error("the other session lives on")
			}
		})
	})
}

// A sign-in that just proved who the user is may end the others whatever happened before.
func TestSignInAndSignOutOthers(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c, other := newClient(), newClient()
		a.visit(other, signIn("ann"))
		a.m.EndAll(t.Context(), "ann")
		a.visit(other, signIn("ann"))
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			signIn("ann")(w, r, s)
			signOutOthers(w, r, s)
		})
		if a.user(c) != "ann" || a.user(other) != "" {
			t.Errorf("here %q, there %q, want ann here alone", a.user(c), a.user(other))
		}
	})
}

// After a Commit has found the session ended, nobody is signed in to it, and a sign-in begins a new one.
func TestSignInAfterTheEnd(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, begin := range map[string]handler[data]{
			"sign-in": signIn("bob"),
			"destroy": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.Destroy()
				s.V.Name = "new"
			},
			"nothing": look,
		} {
			t.Run(name, func(t *testing.T) {
				a := newApp[data](t, mode)
				c := newClient()
				a.visit(c, signIn("ann"))
				old := *c
				a.during(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
					s.V.Views++
					if err := a.m.Commit(w, r); err != nil {
						t.Error(err)
					}
					if err := s.SignOutOthers(context.Background()); s.User() != "" || err == nil {
						t.Errorf("the ended session has the user %q, and SignOutOthers returns %v", s.User(), err)
					}
					begin(w, r, s)
					if err := a.m.Commit(w, r); err != nil {
						t.Error(err)
					}
				}, func() { tab := *c; a.visit(&tab, logout) })
				v, isNew := a.value(c)
				switch name {
				case "sign-in":
					if a.user(c) != "bob" || v.Views != 1 {
						t.Errorf("session = %+v of %q, want 1 view of bob", v, a.user(c))
					}
				case "destroy":
					if isNew || v.Name != "new" || v.Views != 0 {
						t.Errorf("session = %+v (new %v), want what was put into it", v, isNew)
					}
				default:
					if !isNew {
						t.Errorf("the session came back with %+v", v)
					}
				}
				if _, isNew := a.value(&old); !isNew {
					t.Error("the ended session came back")
				}
			})
		}
	})
}
