package session_test

import (
	"context"
	"encoding/binary"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Destroy ends the session whatever becomes of the answer: a logout that fails halfway must not leave the user logged
// in.
func TestDestroyWhateverTheStatus(t *testing.T) {
	bothModes(t, func(t *testing.T, mode func(*session.Config)) {
		for name, answer := range map[string]handler[data]{
			"500 before": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.Destroy()
				w.WriteHeader(500)
			},
			"500, then the end": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				w.WriteHeader(500)
				s.Destroy()
			},
			"200, then the end": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				w.WriteHeader(200)
				s.Destroy()
			},
			"panic": func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.Destroy()
				panic("bug")
			},
			"panic after the headers": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				w.WriteHeader(200)
				s.Destroy()
				panic("bug")
			},
			"something new in it": func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
				s.Destroy()
				s.V.Views = 1
				w.WriteHeader(503)
			},
		} {
			a := newApp[data](t, mode)
			c := newClient()
			a.visit(c, signIn("ann"))
			before := *c
			func() {
				defer func() { recover() }()
				a.visit(c, answer)
			}()
			if v, isNew := a.value(&before); !isNew {
				t.Errorf("%s: the session goes on with %+v", name, v)
			}
			if v, isNew := a.value(c); !isNew {
				t.Errorf("%s: the browser has a session with %+v", name, v)
			}
		}
	})
}

// How often the store is asked: what counts where it is behind a network.
func TestStoreCalls(t *testing.T) {
	a := newApp[data](t, nil)
	c := newClient()
	calls := func(name string, want int, h handler[data]) {
		t.Helper()
		before := a.store.Calls()
		a.visit(c, h)
		if got := a.store.Calls() - before; got != want {
			t.Errorf("%s: %d calls of the store, want %d", name, got, want)
		}
	}
	calls("a new visitor", 1, increment)
	calls("a login with a session", 3, signIn("ann"))
	calls("a read", 1, look)
	calls("a change", 2, increment)
	calls("another login", 3, signIn("ann"))
	calls("a logout", 2, logout)
	calls("nothing", 0, look)
	calls("a login without a session", 2, signIn("ann"))
	if err := a.m.EndAll(t.Context(), "ann"); err != nil {
		t.Fatal(err)
	}
	calls("a session that was ended", 1, look)
	before := a.store.Calls()
	a.serve(c, func(http.ResponseWriter, *http.Request) {})
	if got := a.store.Calls() - before; got != 0 {
		t.Errorf("a route without a session: %d calls of the store", got)
	}
}

// The tag in a token only says what to fetch along: pointed elsewhere, taken out or made up, it opens nothing, and
// costs nobody the session.
func TestTagOfTheUser(t *testing.T) {
	a := newApp[data](t, func(cfg *session.Config) { cfg.Signed = false })
	ann, bob := newClient(), newClient()
	a.visit(ann, signIn("ann"))
	a.visit(bob, signIn("bob"))
	id, _, _ := strings.Cut(ann.value, "~")
	_, tagOfBob, _ := strings.Cut(bob.value, "~")
	for _, ended := range []bool{false, true} {
		if ended {
			if err := a.m.EndAll(t.Context(), "ann"); err != nil {
				t.Fatal(err)
			}
		}
		for name, token := range map[string]string{
			"its own": ann.value, "none": id, "another user's": id + "~" + tagOfBob,
			"nobody's": id + "~" + strings.Repeat("A", 43),
		} {
			if got := a.user(&client{name: "id", value: token}); (got == "ann") == ended {
				t.Errorf("%s tag, ended %v: signed in as %q", name, ended, got)
			}
		}
	}
	for _, tag := range []string{"~", "~x", "~" + tagOfBob + "~" + tagOfBob} {
		if _, isNew := a.value(&client{name: "id", value: id + tag}); !isNew {
			t.Errorf("a token with the tag %q was taken", tag)
		}
	}
}

// Tokens from before there were tags are read in two steps and get one at the next save. Stamps were random numbers
// then, and every user had one.
func TestTokensOfEarlierVersions(t *testing.T) {
	a := newApp[data](t, func(cfg *session.Config) { cfg.Signed = false })
	c := newClient()
	a.visit(c, signIn("ann"))
	a.m.EndAll(t.Context(), "ann")
	_, stamps := a.records()
	const random = 1<<63 + 12345
	a.put(stamps[0], binary.BigEndian.AppendUint64(nil, random))
	a.visit(c, signIn("ann")) // takes up the random stamp
	c.value, _, _ = strings.Cut(c.value, "~")

	before := a.store.Calls()
	if got := a.user(c); got != "ann" || a.store.Calls() != before+2 {
		t.Errorf("without a tag: user %q in %d calls", got, a.store.Calls()-before)
	}
	a.visit(c, increment)
	if !strings.Contains(c.value, "~") {
		t.Error("a save gave the token no tag")
	}
	old := *c
	if err := a.m.EndAll(t.Context(), "ann"); err != nil || a.user(c) != "" {
		t.Errorf("EndAll = %v, and the session of the random stamp has %q", err, a.user(c))
	}
	if a.visit(c, signIn("ann")); a.user(c) != "ann" || a.user(&old) != "" {
		t.Errorf("after another sign-in: %q here, %q in the old session", a.user(c), a.user(&old))
	}
}

// A visitor who left only something short-lived is kept at the server as long as that, whatever the cookie says.
// Anything else in the session, or a sign-in, lifts that.
func TestVisitor(t *testing.T) {
	brief := func(cfg *session.Config) {
		cfg.Visitor = func(v any) time.Duration {
			if d := v.(*data); d.Name == "" && d.Cart == nil {
				return 5 * time.Minute
			}
			return 0
		}
	}
	for name, tt := range map[string]struct {
		then handler[data]
		want time.Duration
	}{
		"nothing else": {look, 5 * time.Minute},
		"more of it":   {increment, 5 * time.Minute},
		"a cart": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.V.Cart = []string{"tea"}
		},
			time.Hour},
		"a sign-in": {signIn("ann"), time.Hour},
		"remember me": {func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
			s.SetMaxAge(2 * time.Hour)
		}, 5 * time.Minute},
	} {
		bothModes(t, func(t *testing.T, mode func(*session.Config)) {
			a := newApp[data](t, func(cfg *session.Config) { mode(cfg); brief(cfg) })
			c := newClient()
			if got := cookieAge(t, setCookies(a.visit(c, increment))); got != "3600" {
				t.Errorf("%s: the cookie's Max-Age = %s, want 3600", name, got)
			}
			a.visit(c, tt.then)
			a.clock.advance(tt.want)
			if _, isNew := a.value(c); isNew {
				t.Errorf("%s: the session was over before %v", name, tt.want)
			}
			a.clock.advance(time.Millisecond)
			if _, isNew := a.value(c); !isNew {
				t.Errorf("%s: the session lives on after %v", name, tt.want)
			}
		})
	}
}

// An age over the absolute limit is cut, and MaxAge says so.
func TestSetMaxAgeOverTheLimit(t *testing.T) {
	a := newApp[data](t, nil)
	a.visit(newClient(), func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		s.SetMaxAge(1000 * time.Hour)
		if got := s.MaxAge(); got != 24*time.Hour {
			t.Errorf("MaxAge = %v, want the absolute limit of 24h", got)
		}
	})
}

// A store that cannot be read during SignOutOthers ends nothing, and says so.
func TestSignOutOthersFails(t *testing.T) {
	a := newApp[data](t, nil)
	c, other := newClient(), newClient()
	a.visit(c, signIn("ann"))
	a.visit(other, signIn("ann"))
	a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		a.store.FailWith(down)
		if err := s.SignOutOthers(context.Background()); session.Status(err) != 503 {
			t.Errorf("SignOutOthers = %v", err)
		}
		a.store.FailWith(nil)
	})
	if a.user(c) != "ann" || a.user(other) != "ann" {
		t.Errorf("here %q, there %q, want ann in both", a.user(c), a.user(other))
	}
}
