package session_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// 7.2.2 and 7.2.4: each sign-in makes a new token, and the one before it is worth nothing.
func TestASVS_7_2_4(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, increment)
		planted := c.value
		a.visit(c, signIn("ann"))
		first := c.value
		a.visit(c, signIn("ann")) // again, to prove who they are
		if planted == first || first == c.value {
			t.Error("a sign-in kept the token")
		}
		for name, old := range map[string]string{"before the sign-in": planted, "of the first sign-in": first} {
			if _, isNew := a.value(&client{name: "id", value: old}); !isNew {
				t.Errorf("the token from %s still works", name)
			}
		}
		if v, _ := a.value(c); v.Views != 1 || a.user(c) != "ann" {
			t.Errorf("the session has %+v of %q: its data should stay", v, a.user(c))
		}
	})
}

// 7.4.1: a logout ends the session at the backend; its token cannot be replayed. (With sessions in the
// cookie it cannot at the instance that saw the logout.)
func TestASVS_7_4_1(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		stolen := *c
		a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() })
		if c.value != "" {
			t.Error("the browser was not asked to drop the cookie")
		}
		if a.user(&stolen) != "" {
			t.Error("the token works after the logout")
		}
	})
}

// 7.4.2 and 7.4.5: all sessions of one user can be ended at once.
func TestASVS_7_4_2(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		ann1, ann2, bob, guest := newClient(), newClient(), newClient(), newClient()
		a.visit(ann1, signIn("ann"))
		a.visit(ann2, signIn("ann"))
		a.visit(bob, signIn("bob"))
		a.visit(guest, increment)
		if err := a.m.EndAll(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		a.kinds()
		if a.user(ann1) != "" || a.user(ann2) != "" {
			t.Error("a session of ann lives on")
		}
		a.wantEvents(session.Ended, session.Ended)
		if a.user(bob) != "bob" {
			t.Error("bob's session ended too")
		}
		if _, isNew := a.value(guest); isNew {
			t.Error("the guest's session ended too")
		}
		a.visit(ann1, signIn("ann"))
		if a.user(ann1) != "ann" {
			t.Error("ann cannot sign in again")
		}
		if err := a.m.EndAll(t.Context(), ""); err == nil {
			t.Error("EndAll accepted an empty user")
		}
	})
}

// 7.4.3: after a change of password the user's other sessions end, and this one goes on with a new id.
func TestASVS_7_4_3(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		here, there := newClient(), newClient()
		a.visit(here, signIn("ann"))
		a.visit(there, signIn("ann"))
		before := *here
		a.visit(here, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Name = "kept"
			if err := s.SignOutOthers(context.Background()); err != nil {
				t.Error(err)
			}
		})
		if v, _ := a.value(here); a.user(here) != "ann" || v.Name != "kept" || here.value == before.value {
			t.Errorf("this session: user %q, %+v, same token %v", a.user(here), v, here.value == before.value)
		}
		if a.user(there) != "" || a.user(&before) != "" {
			t.Error("another session, or the old token, lives on")
		}
		a.visit(newClient(), func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			if err := s.SignOutOthers(context.Background()); err == nil {
				t.Error("SignOutOthers took a session without a user")
			}
		})
	})
}

// 7.5.1 and 7.5.3: sensitive routes ask for a recent sign-in.
func TestASVS_7_5_1(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	guarded := a.m.RequireFresh(
		10*time.Minute,
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }),
	)
	if rec := a.serve(c, guarded.ServeHTTP); rec.Code != 401 {
		t.Errorf("a stranger got %d", rec.Code)
	}
	a.visit(c, signIn("ann"))
	for _, step := range []struct {
		after time.Duration
		want  int
	}{{0, 204}, {10 * time.Minute, 204}, {time.Millisecond, 401}} {
		a.clock.advance(step.after)
		if rec := a.serve(c, guarded.ServeHTTP); rec.Code != step.want {
			t.Errorf("after %v more: %d, want %d", step.after, rec.Code, step.want)
		}
	}
	a.visit(c, signIn("ann"))
	if rec := a.serve(c, guarded.ServeHTTP); rec.Code != 204 {
		t.Errorf("after a new sign-in: %d", rec.Code)
	}
	a.visit(c, look)
	a.store.FailWith(down)
	if rec := a.serve(c, guarded.ServeHTTP); rec.Code != 503 {
		t.Errorf("with the store down: %d", rec.Code)
	}
}

// 5.2 of NIST SP 800-63B-4: a new sign-in restarts both limits.
func TestNIST_5_2(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, func(c *session.Config) { mode(c); c.MaxAge, c.AbsoluteMaxAge = time.Hour, time.Hour })
		c := newClient()
		a.visit(c, signIn("ann"))
		a.clock.advance(50 * time.Minute)
		a.visit(c, signIn("ann"))
		a.clock.advance(time.Hour)
		if a.user(c) != "ann" {
			t.Error("the limits did not restart")
		}
		a.clock.advance(time.Millisecond)
		if a.user(c) != "" {
			t.Error("the session outlived its limits")
		}
	})
}
