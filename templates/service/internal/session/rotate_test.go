package session_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const rotateEvery = 10 * time.Minute

func rotating(cfg *session.Config) { cfg.RotateEvery = rotateEvery }

// The session management cheat sheet's renewal timeout: the id changes at intervals, and the old one dies a moment later.
func TestCS_5(t *testing.T) {
	a := newApp[data](t, rotating)
	c := newClient()
	a.visit(c, func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		s.V = data{Name: "x", Cart: []string{"a"}}
		signIn("ann")(w, r, s)
	})
	a.clock.advance(rotateEvery - time.Millisecond)
	wantCookies(t, a.visit(c, look), 0)
	a.clock.advance(time.Millisecond)
	old := *c
	rec := a.visit(c, look)
	// A visit that changes nothing extends nothing: the limit is still that of the sign-in, ten minutes ago.
	if got := cookieAge(t, setCookies(rec)); got != "3000" || c.value == old.value {
		t.Fatalf("cookie age = %s, want 3000 with a new token", got)
	}
	if v, _ := a.value(c); v.Name != "x" || len(v.Cart) != 1 || a.user(c) != "ann" {
		t.Errorf("session = %+v of %q", v, a.user(c))
	}
	wantCookies(t, a.visit(c, look), 0)

	a.clock.advance(time.Minute)
	again := old
	if rec := a.visit(&again, look); cookieAge(t, setCookies(rec)) != "2940" || again.value != c.value {
		t.Errorf("in the last millisecond of its grace the old id got %q, want the new one", setCookies(rec))
	}
	a.clock.advance(time.Millisecond)
	a.kinds()
	if a.user(&old) != "" || a.user(c) != "ann" {
		t.Errorf("after the grace: the old id has %q, the new one %q", a.user(&old), a.user(c))
	}
	a.wantEvents(session.Missed)
}

// Both limits hold however often the id changes.
func TestRotationKeepsLimits(t *testing.T) {
	a := newApp[data](t, func(cfg *session.Config) { rotating(cfg); cfg.Rolling = true })
	c := newClient()
	a.visit(c, increment)
	tokens := map[string]bool{}
	for range 24 * 6 {
		tokens[c.value] = true
		a.clock.advance(rotateEvery)
		a.visit(c, look)
	}
	if len(tokens) != 24*6 {
		t.Errorf("%d tokens in a day, want %d", len(tokens), 24*6)
	}
	a.clock.advance(time.Millisecond)
	if _, isNew := a.value(c); !isNew {
		t.Error("the session outlived AbsoluteMaxAge")
	}

	a = newApp[data](t, rotating)
	c = newClient()
	a.visit(c, increment)
	for range 6 {
		a.clock.advance(rotateEvery)
		a.visit(c, look)
	}
	a.clock.advance(time.Millisecond)
	if _, isNew := a.value(c); !isNew {
		t.Error("visits that changed nothing kept the session alive over MaxAge")
	}
}

// A session of the time before RotateEvery was set gets its new id when it is old enough.
func TestRotationOfOlderSessions(t *testing.T) {
	before := newApp[data](t, nil)
	a := newApp[data](t, func(cfg *session.Config) { rotating(cfg); cfg.Store, cfg.Now = before.store, before.clock.Now })
	c := newClient()
	before.visit(c, increment)
	before.clock.advance(rotateEvery - time.Millisecond)
	wantCookies(t, a.visit(c, look), 0)
	before.clock.advance(time.Millisecond)
	// Meanwhile an instance without the setting is at work on the session: it follows, and the age of the new id stays.
	quick := *c
	before.during(c, increment, func() { wantCookies(t, a.visit(&quick, look), 1) })
	if v, _ := a.value(c); v.Views != 2 || c.value != quick.value {
		t.Errorf("session = %+v, the same token %v", v, c.value == quick.value)
	}
	wantCookies(t, a.visit(c, look), 0)
}

// The id does not change after the headers, when the browser cannot be told.
func TestNoLateRotation(t *testing.T) {
	a := newApp[data](t, rotating)
	c := newClient()
	a.visit(c, increment)
	a.visit(c, func(w http.ResponseWriter, _ *http.Request, s *session.Session[data]) {
		w.(http.Flusher).Flush()
		a.clock.advance(rotateEvery)
		s.V.Views++
	})
	old := *c
	a.clock.advance(2 * time.Minute)
	wantCookies(t, a.visit(c, look), 1)
	if v, _ := a.value(c); v.Views != 2 || c.value == old.value {
		t.Errorf("session = %+v, new token %v", v, c.value != old.value)
	}
}

// Nor does it in an upgrade to WebSocket, whose answer the handler writes by itself, perhaps without the cookie.
func TestNoRotationInUpgrade(t *testing.T) {
	a := newApp[data](t, rotating)
	c := newClient()
	a.visit(c, increment)
	a.clock.advance(rotateEvery)
	wantCookies(t, a.visit(c, func(w http.ResponseWriter, _ *http.Request, _ *session.Session[data]) {
		w.WriteHeader(http.StatusSwitchingProtocols)
	}), 0)
	a.clock.advance(2 * time.Minute)
	wantCookies(t, a.visit(c, look), 1)
	if v, isNew := a.value(c); isNew || v.Views != 1 {
		t.Errorf("session = %+v, new %v", v, isNew)
	}
}

// Whatever the requests do which are on their way with the old id while another one replaces it, they act on the same session.
func TestRotationMeetsOthers(t *testing.T) {
	regenerate := func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Regenerate() }
	late := func(w http.ResponseWriter, r *http.Request, s *session.Session[data]) {
		w.(http.Flusher).Flush()
		increment(w, r, s)
	}
	tests := map[string]struct {
		slow  handler[data]
		views int
		same  bool // both answers name one token
	}{
		"looks":       {look, 1, true},
		"changes":     {increment, 2, true},
		"late":        {late, 2, true},
		"regenerates": {regenerate, 1, false},
		"signs in":    {signIn("ann"), 1, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			a := newApp[data](t, rotating)
			elsewhere := newApp[data](t, func(cfg *session.Config) { rotating(cfg); cfg.Store, cfg.Now = a.store, a.clock.Now })
			c := newClient()
			a.visit(c, increment)
			a.clock.advance(rotateEvery)
			old, quick := *c, *c
			a.during(c, tt.slow, func() { elsewhere.visit(&quick, look) })
			if quick.value == old.value || c.value == old.value || (c.value == quick.value) != tt.same {
				t.Errorf("new tokens: %v and %v, the same: %v", quick.value != old.value, c.value != old.value, c.value == quick.value)
			}
			if v, isNew := a.value(c); isNew || v.Views != tt.views {
				t.Errorf("session = %+v (new %v), want %d views", v, isNew, tt.views)
			}
			wantCookies(t, a.visit(c, look), 0)
			if sessions, _, _ := a.records(); len(sessions) != 1 {
				t.Errorf("%d records of one session", len(sessions))
			}
		})
	}
}

// A logout and a sign-in with the old id, in its last minute, end the session under the new one.
func TestRotationAndTheEnd(t *testing.T) {
	for name, end := range map[string]handler[data]{
		"logout":  func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() },
		"sign-in": signIn("bob"),
	} {
		for _, when := range []string{"after", "during"} {
			t.Run(name+" "+when, func(t *testing.T) {
				a := newApp[data](t, rotating)
				c := newClient()
				a.visit(c, signIn("ann"))
				a.clock.advance(rotateEvery)
				old, rotated := *c, *c
				rotate := func() { a.visit(&rotated, look) }
				if when == "after" {
					rotate()
					a.visit(c, end)
				} else {
					a.during(c, end, rotate)
				}
				if name == "logout" && c.value != "" {
					t.Error("the browser keeps a token")
				}
				if got := a.user(&old) + a.user(&rotated); got != "" {
					t.Errorf("a former id still has %q", got)
				}
			})
		}
	}
}

// Who reads the store learns neither the old id nor the new one, and a forged record leads nowhere.
func TestRotationRecord(t *testing.T) {
	a := newApp[data](t, rotating)
	c := newClient()
	a.visit(c, signIn("ann"))
	a.clock.advance(rotateEvery)
	old := *c
	a.visit(c, look)
	id, _, _ := strings.Cut(c.value, ".")
	oldID, _, _ := strings.Cut(old.value, ".")
	for _, k := range a.store.Keys() {
		record, _, _ := a.store.Find(t.Context(), k)
		if bytes.Contains(record, []byte(id)) || bytes.Contains(record, []byte(oldID)) {
			t.Error("an id is in the store")
		}
	}
	_, moved, stamps := a.records()
	if len(moved) != 1 || len(stamps) != 1 {
		t.Fatalf("records: %q of ids that were replaced, %q of stamps, want one each", moved, stamps)
	}
	forward := moved[0]
	record, _, _ := a.store.Find(t.Context(), forward)
	for i := range record {
		forged := bytes.Clone(record)
		forged[i] ^= 1
		a.store.Commit(t.Context(), forward, forged, time.Time{})
		if a.user(&old) != "" {
			t.Errorf("with byte %d of the record altered the old id still has a session", i)
		}
	}
}
