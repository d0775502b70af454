package sessiontest

import (
	"bytes"
	"context"
	"sync"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Store is a session store for tests: a map that forgets nothing by time, so that a test's own clock decides what has
// expired, and that fails on demand. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	records map[string][]byte
	fail    func(op, key string) error
	calls   int
}

var (
	_ session.Store   = (*Store)(nil)
	_ session.Swapper = (*Store)(nil)
)

// NewStore returns an empty store.
func NewStore() *Store { return &Store{records: make(map[string][]byte)} }

// FailWith has every later call return what f returns for it, unless that is nil. op is "find", "commit", "delete" or
// "swap". A nil f ends the failure. f must not call the store.
func (s *Store) FailWith(f func(op, key string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = f
}

// Calls returns how often the store was asked.
func (s *Store) Calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// Keys returns the keys of all records.
func (s *Store) Keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys := make([]string, 0, len(s.records))
	for key := range s.records {
		keys = append(keys, key)
	}
	return keys
}

// Find implements session.Store.
func (s *Store) Find(ctx context.Context, key string) ([]byte, bool, error) {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "find", key); err != nil {
		return nil, false, err
	}
	data, found := s.records[key]
	return bytes.Clone(data), found, nil
}

// Commit implements session.Store.
func (s *Store) Commit(ctx context.Context, key string, data []byte, _ time.Time) error {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "commit", key); err != nil {
		return err
	}
	s.records[key] = bytes.Clone(data)
	return nil
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "delete", key); err != nil {
		return err
	}
	delete(s.records, key)
	return nil
}

// Swap implements session.Swapper.
func (s *Store) Swap(ctx context.Context, key string, old, new []byte, _ time.Time) (bool, error) {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "swap", key); err != nil {
		return false, err
	}
	data, found := s.records[key]
	if found != (old != nil) || !bytes.Equal(data, old) {
		return false, nil
	}
	if new == nil {
		delete(s.records, key)
	} else {
		s.records[key] = bytes.Clone(new)
	}
	return true, nil
}

// enter locks the store, and leaves it locked.
func (s *Store) enter(ctx context.Context, op, key string) error {
	s.mu.Lock()
	s.calls++
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.fail != nil {
		return s.fail(op, key)
	}
	return nil
}
