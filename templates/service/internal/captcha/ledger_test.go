package captcha_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"
)

// ledger is a correct one in memory, without expiry. The real ones are the session stores, which have their own tests.
type ledger struct {
	mu      sync.Mutex
	entries map[string][]byte
	broken  bool
	finds   int
	swaps   int
}

var errBroken = errors.New("ledger is down")

func (l *ledger) Find(_ context.Context, key string) ([]byte, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.finds++
	if l.broken {
		return nil, false, errBroken
	}
	data, found := l.entries[key]
	return data, found, nil
}

func (l *ledger) Swap(_ context.Context, key string, old, new []byte, _ time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.swaps++
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

// crowd is a ledger whose first n readers read at the same time: none of them goes on before all have read.
type crowd struct {
	ledger
	readers sync.WaitGroup
	waiting atomic.Int64
}

func newCrowd(n int) *crowd {
	c := new(crowd)
	c.readers.Add(n)
	c.waiting.Store(int64(n))
	return c
}

func (c *crowd) Find(ctx context.Context, key string) ([]byte, bool, error) {
	data, found, err := c.ledger.Find(ctx, key)
	if c.waiting.Add(-1) >= 0 {
		c.readers.Done()
		c.readers.Wait()
	}
	return data, found, err
}

// clock is a time that only moves when told to.
type clock struct{ now time.Time }

func newClock() *clock                   { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }
