package session_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// forgetful is a store that forgets by the test's clock, to the millisecond, and finds fault with an expiry in the
// past.
type forgetful struct {
	t     *testing.T
	clock *clock

	mu      sync.Mutex
	records map[string]forgettable
}

type forgettable struct {
	data   []byte
	expiry time.Time
}

func (f *forgetful) live(key string) []byte {
	if r := f.records[key]; r.expiry.After(f.clock.Now()) {
		return bytes.Clone(r.data)
	}
	return nil
}

func (f *forgetful) Find(_ context.Context, keys ...string) (records [][]byte, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, key := range keys {
		records = append(records, f.live(key))
	}
	return records, nil
}

func (f *forgetful) Swap(_ context.Context, changes ...session.Change) (made []bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range changes {
		if c.New != nil && !c.Expiry.After(f.clock.Now()) {
			f.t.Errorf("a record was to expire %v ago", f.clock.Now().Sub(c.Expiry))
		}
		now := f.live(c.Key)
		same := (now == nil) == (c.Old == nil) && bytes.Equal(now, c.Old)
		if made = append(made, same); same {
			f.records[c.Key] = forgettable{bytes.Clone(c.New), c.Expiry}
		}
	}
	return made, nil
}

func (*forgetful) Ping(context.Context) error { return nil }

// A store may forget when the record expires, and sessions last to the last millisecond all the same: the records, the
// stamps that sign-ins share, and the marks of cookie-held sessions.
func TestStoreThatForgets(t *testing.T) {
	t.Run("a session", func(t *testing.T) {
		clock := newClock()
		f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
		a := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxAge = f, clock.Now, 24*time.Hour })
		first, second := newClient(), newClient()
		a.visit(first, signIn("ann"))
		clock.advance(20 * time.Hour)
		a.visit(second, signIn("ann"))
		clock.advance(4*time.Hour + time.Millisecond)
		if got := a.user(first); got != "" {
			t.Errorf("the first session outlived its limits, for %q", got)
		}
		clock.advance(20*time.Hour - time.Millisecond)
		if got := a.user(second); got != "ann" {
			t.Errorf("in its last millisecond the second session has %q, want ann", got)
		}
		clock.advance(time.Millisecond)
		if got := a.user(second); got != "" {
			t.Errorf("the second session outlived its limits, for %q", got)
		}
	})
	t.Run("an end of all", func(t *testing.T) {
		clock := newClock()
		f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
		a := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxAge = f, clock.Now, 24*time.Hour })
		c := newClient()
		a.visit(c, signIn("ann"))
		if err := a.m.EndAll(t.Context(), "ann"); err != nil {
			t.Fatal(err)
		}
		for range 48 {
			if got := a.user(c); got != "" {
				t.Fatalf("an ended session works again for %q", got)
			}
			clock.advance(30*time.Minute + time.Millisecond)
		}
	})
	t.Run("a logout", func(t *testing.T) {
		clock := newClock()
		f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
		a := newApp[data](
			t,
			func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.Rolling = f, clock.Now, true; sealed(cfg) },
		)
		c := newClient()
		a.visit(c, signIn("ann"))
		copied := *c
		a.visit(c, logout)
		for range 47 { // until the copy is over by itself
			clock.advance(30 * time.Minute)
			if got := a.user(&copied); got != "" {
				t.Fatalf("a copied cookie works again for %q", got)
			}
		}
	})
}
