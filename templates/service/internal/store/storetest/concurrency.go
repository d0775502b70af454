package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func cancelledContext(t *testing.T, s session.Store) {
	key := NewKey()
	mustCommit(t, s, key, []byte("kept"), hour())
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	late, cancelLate := context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancelLate()

	for _, c := range []struct {
		name string
		ctx  context.Context
		want error
	}{
		{"cancelled", cancelled, context.Canceled},
		{"past its deadline", late, context.DeadlineExceeded},
	} {
		for name, call := range calls(s, key) {
			if err := call(c.ctx); !errors.Is(err, c.want) {
				t.Errorf("%s with a context that is %s = %v, want an error that wraps %v", name, c.name, err, c.want)
			}
		}
	}
	// Nothing was changed, and the store is as good as before.
	wantFound(t, s, key, []byte("kept"))
	mustCommit(t, s, key, []byte("and used again"), hour())
	wantFound(t, s, key, []byte("and used again"))
}

// calls are all the ways to ask s for something about key.
func calls(s session.Store, key string) map[string]func(context.Context) error {
	m := map[string]func(context.Context) error{
		"Find":   func(ctx context.Context) error { _, _, err := s.Find(ctx, key); return err },
		"Commit": func(ctx context.Context) error { return s.Commit(ctx, key, []byte("lost"), hour()) },
		"Commit with a past expiry": func(ctx context.Context) error {
			return s.Commit(ctx, key, nil, time.Now().Add(-time.Hour))
		},
		"Delete": func(ctx context.Context) error { return s.Delete(ctx, key) },
	}
	if sw, ok := s.(session.Swapper); ok {
		m["Swap"] = func(ctx context.Context) error {
			_, err := sw.Swap(ctx, key, []byte("kept"), []byte("lost"), hour())
			return err
		}
	}
	if to, ok := s.(session.Toucher); ok {
		m["Touch"] = func(ctx context.Context) error { return to.Touch(ctx, key, hour()) }
	}
	if pi, ok := s.(session.Pinger); ok {
		m["Ping"] = pi.Ping
	}
	if sw, ok := s.(Sweeper); ok {
		m["Sweep"] = func(ctx context.Context) error { _, err := sw.Sweep(ctx, 10); return err }
	}
	return m
}

func concurrentOwnKeys(t *testing.T, s session.Store) {
	const clients, rounds = 64, 8
	inParallel(t, clients, func(client int) error {
		key := NewKey()
		for round := range rounds {
			want := fmt.Sprintf("client %d, round %d", client, round)
			if err := s.Commit(t.Context(), key, []byte(want), hour()); err != nil {
				return fmt.Errorf("store: Commit: %w", err)
			}
			got, found, err := s.Find(t.Context(), key)
			if err != nil || !found || string(got) != want {
				return fmt.Errorf("store: Find after own Commit = %q, %v, %w; want %q", got, found, err, want)
			}
		}
		return s.Delete(t.Context(), key)
	})
}

func concurrentOneKey(t *testing.T, s session.Store) {
	key := NewKey()
	mustCommit(t, s, key, []byte("value 0"), hour())
	inParallel(t, 16, func(client int) error {
		for range 8 {
			if err := s.Commit(t.Context(), key, fmt.Appendf(nil, "value %d", client), hour()); err != nil {
				return fmt.Errorf("store: Commit: %w", err)
			}
			got, found, err := s.Find(t.Context(), key)
			var n int
			if _, scanErr := fmt.Sscanf(string(got), "value %d", &n); err != nil || !found || scanErr != nil {
				return fmt.Errorf("store: Find = %q, %v, %w; want a whole value", got, found, err)
			}
		}
		return nil
	})
}

// closeTwice also calls a closed store: it may fail, but must neither panic nor hang.
func closeTwice(t *testing.T, s session.Store) {
	closer, ok := s.(io.Closer)
	if !ok {
		return
	}
	mustCommit(t, s, NewKey(), []byte("x"), hour())
	inParallel(t, 4, func(int) error { return closer.Close() })
	if err := closer.Close(); err != nil {
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

func ping(t *testing.T, s session.Store) {
	if p, ok := s.(session.Pinger); ok {
		if err := p.Ping(t.Context()); err != nil {
			t.Errorf("Ping() = %v, want nil", err)
		}
	}
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
