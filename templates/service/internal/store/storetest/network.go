package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Silent lets the server behind p fall silent and wants every call of s to end with its context, or quickly without
// one, and to succeed again afterwards.
func Silent(t *testing.T, s session.Store, p *Proxy) {
	t.Helper()
	key := NewKey()
	mustCommit(t, s, key, []byte("kept"), hour())
	p.Silence()
	defer p.Resume()

	all := calls(s, key)
	delete(all, "Sweep") // it may take longer
	var wg sync.WaitGroup
	for name, call := range all {
		for _, limit := range []time.Duration{200 * time.Millisecond, 0} {
			ctx, want := t.Context(), Quick
			if limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, limit)
				defer cancel()
				want = limit + 500*time.Millisecond
			}
			wg.Go(func() {
				begin := time.Now()
				err := call(ctx)
				if took := time.Since(begin); err == nil || took > want {
					t.Errorf("%s on a silent server with a context of %v = %v after %v, want an error within %v", name, limit, err, took, want)
				}
				if limit > 0 && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%s on a silent server = %v, want an error that wraps %v", name, err, context.DeadlineExceeded)
				}
			})
		}
	}
	wg.Wait()

	p.Resume()
	back := time.Now()
	other := NewKey() // what was held back may still reach the first key
	for {
		err := s.Commit(t.Context(), other, []byte("again"), hour())
		if err == nil {
			break
		}
		if time.Since(back) > 5*time.Second {
			t.Fatalf("Commit after the server has answered again for 5 s = %v", err)
		}
	}
	wantFound(t, s, other, []byte("again"))
}

// LostAnswer loses the answer to a Swap that the server behind p has carried out, and wants the store to say so with
// an error. "Not swapped" would be a lie: it happens when a driver silently repeats the command.
func LostAnswer(t *testing.T, s interface {
	session.Store
	session.Swapper
}, p *Proxy) {
	t.Helper()
	for _, c := range []struct {
		name     string
		old, new []byte
	}{
		{"create", nil, []byte("1")},
		{"replace", []byte("0"), []byte("1")},
		{"delete", []byte("0"), nil},
	} {
		// The first round warms up what the driver keeps for each connection, prepared statements for example.
		for _, lose := range []bool{false, true} {
			key := NewKey()
			if c.old != nil {
				mustCommit(t, s, key, c.old, hour())
			} else {
				wantMissing(t, s, key)
			}
			p.lose.Store(lose)
			swapped, err := s.Swap(t.Context(), key, c.old, c.new, hour())
			if !lose && (err != nil || !swapped) {
				t.Fatalf("Swap to %s = %v, %v; want true, nil", c.name, swapped, err)
			}
			if lose && err == nil {
				t.Errorf("Swap to %s whose answer was lost = %v, nil; want an error", c.name, swapped)
			}
			if p.lose.Load() {
				t.Fatal("the proxy saw no answer to lose")
			}
			if c.new == nil {
				wantMissing(t, s, key)
			} else {
				wantFound(t, s, key, c.new)
			}
		}
	}
}
