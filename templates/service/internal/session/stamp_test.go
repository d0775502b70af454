package session_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

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

// Of instances that share no stamps each knows the ends that it has seen. Whoever signs in at another one afterwards
// is signed in at all of them.
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
		t.Errorf(
			"after a new sign-in at the second instance: %q at the first, %q at the second",
			one.user(c),
			two.user(c),
		)
	}
	if got := one.user(old); got != "" {
		t.Errorf("a session from before the end has %q", got)
	}
	one.visit(c, signOutOthers)
	if one.user(c) != "ann" || two.user(c) != "ann" {
		t.Errorf("after SignOutOthers at the first instance: %q there, %q at the second", one.user(c), two.user(c))
	}
}
