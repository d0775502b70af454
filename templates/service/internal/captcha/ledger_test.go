package captcha_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"
)

// ledger is a correct one in memory, without expiry. The real ones are the session stores, which have their own tests.
type ledger struct {
	mu      sync.Mutex
	entries map[string][]byte
	broken  bool
}

var errBroken = errors.New("ledger is down")

func (l *ledger) Find(_ context.Context, key string) ([]byte, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.broken {
		return nil, false, errBroken
	}
	data, found := l.entries[key]
	return data, found, nil
}

func (l *ledger) Swap(_ context.Context, key string, old, new []byte, _ time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
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

// clock is a time that only moves when told to.
type clock struct{ now time.Time }

func newClock() *clock                   { return &clock{time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }
func (c *clock) Now() time.Time          { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }
