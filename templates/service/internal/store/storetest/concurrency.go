package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func concurrentOwnKeys(t *testing.T, s Store) {
	const clients, rounds = 64, 8
	inParallel(t, clients, func(client int) error {
		key := NewKey()
		for round := range rounds {
			want := fmt.Sprintf("client %d, round %d", client, round)
			if err := Put(t.Context(), s, key, []byte(want), hour()); err != nil {
				return err
			}
			if got, err := s.Find(t.Context(), key); err != nil || string(got[0]) != want {
				return fmt.Errorf("store: Find after own write = %q, %s; want %q", got, fmt.Sprint(err), want)
			}
		}
		return nil
	})
}

func concurrentCounter(t *testing.T, s Store) {
	const clients, rounds = 32, 8
	key := NewKey()
	inParallel(t, clients, func(int) error { return Count(t.Context(), s, key, rounds) })
	wantFound(t, s, key, []byte(strconv.Itoa(clients*rounds)))
}

// Count adds one to the decimal number under key, n times. However many callers in however many processes do so at
// once, the number grows by the sum of their n.
func Count(ctx context.Context, s session.Store, key string, n int) error {
	for done := 0; done < n; {
		old, err := s.Find(ctx, key)
		if err != nil {
			return fmt.Errorf("store: Find: %w", err)
		}
		value := 0
		if old[0] != nil {
			if value, err = strconv.Atoi(string(old[0])); err != nil {
				return err
			}
		}
		next := strconv.AppendInt(nil, int64(value+1), 10)
		made, err := s.Swap(ctx, session.Change{Key: key, Old: old[0], New: next, Expiry: hour()})
		if err != nil {
			return fmt.Errorf("store: Swap: %w", err)
		}
		if made[0] {
			done++
		}
	}
	return nil
}

func concurrentCreate(t *testing.T, s Store) {
	key := NewKey()
	var winner atomic.Int64
	winner.Store(-1)
	inParallel(t, 32, func(client int) error {
		made, err := s.Swap(t.Context(), session.Change{Key: key, New: []byte(strconv.Itoa(client)), Expiry: hour()})
		if err == nil && made[0] && !winner.CompareAndSwap(-1, int64(client)) {
			return errors.New("created the record a second time")
		}
		return err
	})
	wantFound(t, s, key, strconv.AppendInt(nil, winner.Load(), 10))
}

func concurrentConsume(t *testing.T, s Store) {
	key := NewKey()
	MustPut(t, s, key, []byte("one use"), hour())
	var uses atomic.Int64
	inParallel(t, 32, func(int) error {
		made, err := s.Swap(t.Context(), session.Change{Key: key, Old: []byte("one use")})
		if err == nil && made[0] {
			uses.Add(1)
		}
		return err
	})
	if uses.Load() != 1 {
		t.Errorf("%d of 32 parallel swaps deleted the record, want exactly 1", uses.Load())
	}
	wantMissing(t, s, key)
}

// concurrentOpposite: callers who change the same records in different orders do not block each other for good.
func concurrentOpposite(t *testing.T, s Store) {
	first, second := NewKey(), NewKey()
	inParallel(t, 16, func(client int) error {
		for range 8 {
			a, b := first, second
			if client%2 == 1 {
				a, b = b, a
			}
			old, err := s.Find(t.Context(), a, b)
			if err != nil {
				return err
			}
			_, err = s.Swap(t.Context(),
				session.Change{Key: a, Old: old[0], New: []byte(NewKey()), Expiry: hour()},
				session.Change{Key: b, Old: old[1], New: []byte(NewKey()), Expiry: hour()})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func cancelledContext(t *testing.T, s Store) {
	key := NewKey()
	MustPut(t, s, key, []byte("kept"), hour())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()
	for want, ctx := range map[error]context.Context{context.Canceled: cancelled, context.DeadlineExceeded: late} {
		for name, call := range calls(s, key) {
			if err := call(ctx); !errors.Is(err, want) {
				t.Errorf("%s with an ended context = %v, want an error that wraps %v", name, err, want)
			}
		}
	}
	// Nothing was changed, and the store is as good as before.
	wantFound(t, s, key, []byte("kept"))
	MustPut(t, s, key, []byte("and used again"), hour())
	wantFound(t, s, key, []byte("and used again"))
}

// calls are all the ways to ask s for something about key, whose record is "kept".
func calls(s Store, key string) map[string]func(context.Context) error {
	swap := func(changes ...session.Change) func(context.Context) error {
		return func(ctx context.Context) error { _, err := s.Swap(ctx, changes...); return err }
	}
	change := session.Change{Key: key, Old: []byte("kept"), New: []byte("lost"), Expiry: hour()}
	removal := session.Change{Key: key, Old: []byte("kept")}
	return map[string]func(context.Context) error{
		"Find":             func(ctx context.Context) error { _, err := s.Find(ctx, key); return err },
		"Find of two":      func(ctx context.Context) error { _, err := s.Find(ctx, key, NewKey()); return err },
		"Swap":             swap(change),
		"Swap of two":      swap(session.Change{Key: NewKey(), New: []byte("new"), Expiry: hour()}, change),
		"Swap to remove":   swap(removal),
		"Swap for nothing": swap(session.Change{Key: NewKey()}),
		"Ping":             s.Ping,
		"Sweep":            func(ctx context.Context) error { _, err := s.Sweep(ctx, 10); return err },
	}
}

// closeTwice also calls a closed store: it may fail, but must neither panic nor hang.
func closeTwice(t *testing.T, s Store) {
	MustPut(t, s, NewKey(), []byte("x"), hour())
	inParallel(t, 4, func(int) error { return s.Close() })
	if err := s.Close(); err != nil {
		t.Errorf("second Close() = %v, want nil", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for _, call := range calls(s, NewKey()) {
			call(t.Context())
		}
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("calls after Close() hang")
	}
}

// ping works, also for several callers at once.
func ping(t *testing.T, s Store) {
	inParallel(t, 8, func(int) error { return s.Ping(t.Context()) })
}

// inParallel runs n calls at the same time and reports each error.
func inParallel(t *testing.T, n int, call func(i int) error) {
	t.Helper()
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if err := call(i); err != nil {
				t.Errorf("goroutine %d: %v", i, err)
			}
		})
	}
	close(start)
	wg.Wait()
}
