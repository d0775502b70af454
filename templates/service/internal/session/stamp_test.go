package session_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// hooked calls before ahead of each write.
type hooked struct {
	*sessiontest.Store
	before func(op, key string)
}

func (h *hooked) call(op, key string) {
	if h.before != nil {
		h.before(op, key)
	}
}

func (h *hooked) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	h.call("commit", key)
	return h.Store.Commit(ctx, key, data, expiry)
}

func (h *hooked) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (bool, error) {
	h.call("swap", key)
	return h.Store.Swap(ctx, key, old, new, expiry)
}

// EndAll is not undone by a sign-in that extends the stamp at the same moment, on a store without Swap either.
func TestEndAllOnPlainStore(t *testing.T) {
	h := &hooked{Store: sessiontest.NewStore()}
	a := newApp[data](t, func(cfg *session.Config) { cfg.Store = struct{ session.Store }{h} })
	a.store = h.Store
	thief := newClient()
	a.visit(thief, signIn("ann"))
	_, _, stamps := a.records()
	ended := make(chan error, 1)
	h.before = func(_, key string) {
		if key != stamps[0] {
			return
		}
		h.before = nil
		go func() { ended <- a.m.EndAll(t.Context(), "ann") }()
		time.Sleep(20 * time.Millisecond) // for EndAll to be done, or to wait for the sign-in
	}
	a.visit(newClient(), signIn("ann"))
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if got := a.user(thief); got != "" {
		t.Errorf("after EndAll a session of before has the user %q", got)
	}
}

// SignOutOthers is about the user who asked, whoever signs in afterwards in the same request.
func TestSignOutOthersThenSignIn(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		ann, bob, c := newClient(), newClient(), newClient()
		a.visit(ann, signIn("ann"))
		a.visit(bob, signIn("bob"))
		a.visit(c, signIn("ann"))
		a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			signOutOthers(w, r, s)
			signIn("bob")(w, r, s)
		})
		if a.user(ann) != "" || a.user(bob) != "bob" || a.user(c) != "bob" {
			t.Errorf("ann's other session has %q, bob's other one %q, this one %q", a.user(ann), a.user(bob), a.user(c))
		}
	})
}

// A sign-in in the same request counts, even if SignOutOthers came too late to end anything.
func TestSignOutOthersTooLateThenSignIn(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		a := newApp[data](t, mode)
		c := newClient()
		a.visit(c, signIn("ann"))
		a.during(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
			signOutOthers(w, r, s)
			signIn("ann")(w, r, s)
		}, func() { a.m.EndAll(t.Context(), "ann") })
		if got := a.user(c); got != "ann" {
			t.Errorf("the user is %q", got)
		}
	})
}

// What another request changes while SignOutOthers is under way is kept, and so is the session.
func TestSignOutOthersMeetsAChange(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	a.visit(c, signIn("ann"))
	a.during(c, signOutOthers, func() { tab := *c; a.visit(&tab, increment) })
	if v, _ := a.value(c); v.Views != 1 || a.user(c) != "ann" {
		t.Errorf("session = %+v of %q, want 1 view of ann", v, a.user(c))
	}
}

// A limit that was lowered holds from the next sign-in on, which ends others and not itself.
func TestLowerLimit(t *testing.T) {
	before := newApp[data](t, atMost(3))
	a := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxSessions = before.store, before.clock.Now, 2 })
	phone, desk, car := newClient(), newClient(), newClient()
	before.visit(phone, signInFrom("phone"))
	before.visit(desk, signInFrom("desk"))
	before.visit(car, signInFrom("car"))
	a.visit(phone, signInFrom("phone"))
	wantNames(t, a, "car", "phone")
	if got := a.user(desk); got != "" {
		t.Errorf("the oldest other session has the user %q", got)
	}
}

// Of instances that share no stamps each knows the ends that it has seen. Who signs in at another one afterwards is signed in at all.
func TestSealedSignInElsewhere(t *testing.T) {
	one := newApp[data](t, sealed)
	two := newApp[data](t, func(cfg *session.Config) { sealed(cfg); cfg.Now = one.clock.Now })
	old, c := newClient(), newClient()
	two.visit(old, signIn("ann"))
	one.clock.advance(time.Millisecond)
	if err := one.m.EndAll(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	two.visit(c, signIn("ann"))
	if got := one.user(c); got != "" {
		t.Errorf("a sign-in of the same millisecond has %q: it may have been before the end", got)
	}
	one.clock.advance(time.Millisecond)
	two.visit(c, signIn("ann"))
	if one.user(c) != "ann" || two.user(c) != "ann" {
		t.Errorf("after a new sign-in at the second instance: %q at the first, %q at the second", one.user(c), two.user(c))
	}
	if got := one.user(old); got != "" {
		t.Errorf("a session from before the end has %q", got)
	}
	one.visit(c, signOutOthers)
	if one.user(c) != "ann" || two.user(c) != "ann" {
		t.Errorf("after SignOutOthers at the first instance: %q there, %q at the second", one.user(c), two.user(c))
	}
}

// A rotation that is still to be noted in the list does not take a sign-in for one too many.
func TestListMeetsSignIn(t *testing.T) {
	h := &hooked{Store: sessiontest.NewStore()}
	a := newApp[data](t, func(cfg *session.Config) { rotating(cfg); cfg.MaxSessions, cfg.Store = 1, h })
	a.store = h.Store
	c := newClient()
	a.visit(c, signInFrom("before"))
	_, _, stamps := a.records()
	a.clock.advance(rotateEvery)
	tab := *c
	h.before = func(op, key string) {
		if op == "swap" && key == stamps[0] {
			h.before = nil
			a.visit(&tab, signInFrom("after"))
		}
	}
	a.visit(c, look)
	if got := a.user(&tab); got != "ann" {
		t.Errorf("the sign-in has the user %q", got)
	}
	wantNames(t, a, "after")
}
