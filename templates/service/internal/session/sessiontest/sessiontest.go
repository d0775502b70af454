// Package sessiontest helps to test handlers that use sessions.
//
//	sessions, err := session.New[Session](cfg) // with cfg.Store = sessiontest.NewStore()
//	r := httptest.NewRequest("GET", "/me", nil)
//	r = sessiontest.With(t, r, sessions, "ann", Session{Theme: "dark"})
//	me(httptest.NewRecorder(), r) // sessions.Get(r) finds the session; so does sessions.Middleware
package sessiontest

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// With returns a copy of r that carries a saved session with this value, to which the user has signed in, or nobody if
// that is "". Its cookie is in the header, and the session is loaded, so that both a bare handler and one behind
// Middleware find it.
func With[T any](t testing.TB, r *http.Request, m *session.Manager[T], user string, v T) *http.Request {
	t.Helper()
	var loaded *http.Request
	visit := func(r *http.Request, do func(w http.ResponseWriter, s *session.Session[T]) error) []*http.Cookie {
		rec := httptest.NewRecorder()
		m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			loaded = r
			if err := do(w, m.Get(r)); err != nil {
				t.Fatalf("sessiontest: %v", err)
			}
		})).ServeHTTP(rec, r)
		return rec.Result().Cookies()
	}
	cookies := visit(httptest.NewRequest("GET", "/", nil), func(w http.ResponseWriter, s *session.Session[T]) error {
		s.V = v
		s.Save()
		if user != "" {
			if err := s.SignIn(user); err != nil {
				return err
			}
		}
		return m.Commit(w, loaded)
	})
	if len(cookies) != 1 {
		t.Fatalf("sessiontest: saving a session sends %d cookies", len(cookies))
	}
	r = r.Clone(r.Context())
	r.AddCookie(&http.Cookie{Name: cookies[0].Name, Value: cookies[0].Value})
	visit(r, func(_ http.ResponseWriter, s *session.Session[T]) error { return s.Err() })
	return loaded
}

// Store is a session store for tests: a map that forgets nothing by time, so that a test's own clock decides what has
// expired, and that fails on demand. It is safe for concurrent use.
type Store struct {
	mu      sync.Mutex
	records map[string][]byte
	fail    func(op, key string) error
	calls   int
}

var _ session.Store = (*Store)(nil)

// NewStore returns an empty store.
func NewStore() *Store { return &Store{records: make(map[string][]byte)} }

// FailWith has every later call return what f returns for one of its keys, unless that is nil. op is "find", "swap" or
// "ping". A nil f ends the failure. f must not call the store.
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
	return slices.Collect(maps.Keys(s.records))
}

// Find implements session.Store.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	defer s.mu.Unlock()
	if err := s.enter(ctx, "find", keys...); err != nil {
		return nil, err
	}
	found := make([][]byte, len(keys))
	for i, key := range keys {
		found[i] = bytes.Clone(s.records[key])
	}
	return found, nil
}

// Swap implements session.Store.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	defer s.mu.Unlock()
	var keys []string
	for _, c := range changes {
		keys = append(keys, c.Key)
	}
	if err := s.enter(ctx, "swap", keys...); err != nil {
		return nil, err
	}
	made := make([]bool, len(changes))
	for i, c := range changes {
		record := s.records[c.Key]
		if (record == nil) != (c.Old == nil) || !bytes.Equal(record, c.Old) {
			continue
		}
		if made[i] = true; c.New == nil {
			delete(s.records, c.Key)
		} else {
			s.records[c.Key] = append([]byte{}, c.New...)
		}
	}
	return made, nil
}

// Ping implements session.Store.
func (s *Store) Ping(ctx context.Context) error {
	defer s.mu.Unlock()
	return s.enter(ctx, "ping", "")
}

// enter locks the store, and leaves it locked.
func (s *Store) enter(ctx context.Context, op string, keys ...string) error {
	s.mu.Lock()
	s.calls++
	err := ctx.Err()
	for _, key := range keys {
		if err == nil && s.fail != nil {
			err = s.fail(op, key)
		}
	}
	return err
}
