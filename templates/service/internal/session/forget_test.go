package session_test

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// forgetful is a store that forgets by the test's clock, to the millisecond, and finds fault with an expiry in the past. With the
// word that a record is not there any more it hands out what was there, as a store may.
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

func (f *forgetful) live(key string) ([]byte, bool) {
	r, found := f.records[key]
	return bytes.Clone(r.data), found && r.expiry.After(f.clock.Now())
}

func (f *forgetful) Find(_ context.Context, key string) ([]byte, bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	data, found := f.live(key)
	return data, found, nil
}

func (f *forgetful) Commit(_ context.Context, key string, data []byte, expiry time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !expiry.After(f.clock.Now()) {
		f.t.Errorf("a record was to expire %v ago", f.clock.Now().Sub(expiry))
	}
	f.records[key] = forgettable{bytes.Clone(data), expiry}
	return nil
}

func (f *forgetful) Delete(_ context.Context, key string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.records, key)
	return nil
}

// touching is one that can also move an expiry without the data.
type touching struct{ *forgetful }

func (f touching) Touch(_ context.Context, key string, expiry time.Time) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if r, found := f.records[key]; found {
		f.records[key] = forgettable{r.data, expiry}
	}
	return nil
}

// A store may forget as soon as it was told, and sessions last to their last millisecond all the same: the records, the stamps that
// sign-ins share, and the marks of cookie-held sessions.
func TestStoreThatForgets(t *testing.T) {
	for name, can := range map[string]func(f *forgetful) session.Store{
		"plain": func(f *forgetful) session.Store { return f }, "touching": func(f *forgetful) session.Store { return touching{f} },
	} {
		t.Run(name, func(t *testing.T) {
			clock := newClock()
			f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
			a := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxAge = can(f), clock.Now, 24*time.Hour })
			first, second := newClient(), newClient()
			a.visit(first, signIn("ann"))
			clock.advance(20 * time.Hour)
			a.visit(second, signIn("ann")) // the stamp has to last as long as this one now
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
	}
	t.Run("another day", func(t *testing.T) {
		clock := newClock()
		f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
		a := newApp[data](t, func(cfg *session.Config) { cfg.Store, cfg.Now, cfg.MaxSessions = f, clock.Now, 3 })
		for range 3 {
			c := newClient()
			a.visit(c, signInFrom("here"))
			if got := a.user(c); got != "ann" {
				t.Errorf("the user is %q, want ann", got)
			}
			wantNames(t, a, "here")
			clock.advance(48 * time.Hour)
			if got := a.user(c); got != "" {
				t.Errorf("two days later the user is %q", got)
			}
			wantNames(t, a)
		}
	})
	t.Run("a logout", func(t *testing.T) {
		clock := newClock()
		f := &forgetful{t: t, clock: clock, records: map[string]forgettable{}}
		a := newApp[data](t, func(cfg *session.Config) { sealed(cfg); cfg.Stamps, cfg.Now, cfg.Rolling = f, clock.Now, true })
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
