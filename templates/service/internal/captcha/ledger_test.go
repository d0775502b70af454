package captcha_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ledger is a correct one in memory, without expiry. The real ones are the session stores, which
// sessionseed tests.
type ledger struct {
	mu      sync.Mutex
	entries map[string][]byte
	calls   int
	broken  bool
}

var errBroken = errors.New("ledger is down")

func (l *ledger) Find(_ context.Context, key string) ([]byte, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if l.broken {
		return nil, false, errBroken
	}
	data, found := l.entries[key]
	return data, found, nil
}

func (l *ledger) Swap(_ context.Context, key string, old, new []byte, _ time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls++
	if l.broken {
		return false, errBroken
	}
	data, found := l.entries[key]
	if found != (old != nil) || !bytes.Equal(data, old) {
		return false, nil
	}
	if l.entries == nil {
		l.entries = map[string][]byte{}
	}
	l.entries[key] = new
	return true, nil
}

// crowd is a ledger whose first visitors come at the same time: of the first calls that expect no entry, and of the
// first that read, none goes on before all have come so far.
type crowd struct {
	ledger
	begin, found gate
}

func newCrowd(begin, found int) *crowd { return &crowd{begin: newGate(begin), found: newGate(found)} }

type gate struct {
	missing *atomic.Int64
	open    chan struct{}
}

func newGate(n int) gate {
	g := gate{new(atomic.Int64), make(chan struct{})}
	g.missing.Store(int64(n))
	return g
}

func (g gate) pass() {
	if g.missing.Add(-1) == 0 {
		close(g.open)
	}
	select {
	case <-g.open:
	case <-time.After(5 * time.Second): // fewer came: let the test say what that means
	}
}

func (c *crowd) Find(ctx context.Context, key string) ([]byte, bool, error) {
	defer c.found.pass()
	return c.ledger.Find(ctx, key)
}

func (c *crowd) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (bool, error) {
	if old == nil {
		c.begin.pass()
	}
	return c.ledger.Swap(ctx, key, old, new, expiry)
}

// clock is a time that only moves when set.
type clock struct{ now time.Time }

func newClock() *clock                   { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }
