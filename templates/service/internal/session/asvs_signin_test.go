package session_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// 7.2.2: each session gets a new token: no constant, and nothing that follows from the user.
func TestASVS_7_2_2(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		seen := make(map[string]bool)
		for range 100 {
			c := newClient()
			a.visit(c, signIn("ann"))
			if c.value == "" || seen[c.value] {
				t.Fatalf("a session has the token %q, as one before it: %v", c.value, seen[c.value])
			}
			seen[c.value] = true
		}
	})
}

// 7.4.5: an administrator can end the sessions of one user, and those of all users by taking the keys out of service.
func TestASVS_7_4_5(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		ann, bob := newClient(), newClient()
		a.visit(ann, signIn("ann"))
		a.visit(bob, signIn("bob"))
		if err := a.m.EndAll(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		if a.user(ann) != "" || a.user(bob) != "bob" {
			t.Errorf("after the end of ann's sessions: ann is %q, bob is %q", a.user(ann), a.user(bob))
		}
		for name, key := range map[string]byte{"the same key": 1, "another key": 2} {
			restarted := newApp[data](t, func(c *session.Config) {
				c.Store, c.Now, c.Keys = a.store, a.clock.Now, [][]byte{testKey(key)}
				if _, ok := a.cfg.Store.(session.Carrier); ok {
					c.Store = a.cfg.Store
				}
			})
			if got, want := restarted.user(bob), map[byte]string{1: "bob"}[key]; got != want {
				t.Errorf("with %s: bob is %q, want %q", name, got, want)
			}
		}
	})
}

// 7.5.3: before a highly sensitive operation the user proves who they are. Neither activity, nor a new id, nor a
// sign-in on another device takes its place.
func TestASVS_7_5_3(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) { mode(c); c.Rolling = true })
		transfers := 0
		guarded := a.m.RequireFresh(
			5*time.Minute,
			http.HandlerFunc(func(http.ResponseWriter, *http.Request) { transfers++ }),
		)
		here, there := newClient(), newClient()
		a.visit(here, signIn("ann"))
		a.serve(here, guarded.ServeHTTP)
		a.clock.advance(5*time.Minute + time.Millisecond)
		a.visit(here, increment)
		a.visit(here, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() })
		a.visit(there, signIn("ann"))
		if rec := a.serve(here, guarded.ServeHTTP); rec.Code != 401 || transfers != 1 {
			t.Errorf("with a sign-in of 5 min and 1 ms ago: %d, %d transfers", rec.Code, transfers)
		}
		a.visit(here, signIn("ann"))
		if rec := a.serve(here, guarded.ServeHTTP); rec.Code != 200 || transfers != 2 {
			t.Errorf("after a new sign-in: %d, %d transfers", rec.Code, transfers)
		}
	})
}
