package session_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// plainSCS has the shape of scs's memstore, postgresstore and so on. Like some of them it hands out its own bytes, and keeps a
// record whose expiry is past for ever.
type plainSCS struct {
	mu      sync.Mutex
	records map[string][]byte
}

func (s *plainSCS) Find(key string) ([]byte, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.records[key]
	return b, ok, nil
}

func (s *plainSCS) Commit(key string, b []byte, _ time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records[key] = b
	return nil
}

func (s *plainSCS) Delete(key string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.records, key)
	return nil
}

// contextSCS has the shape of scs's pgxstore and goredisstore, whose plain methods panic.
type contextSCS struct{ plain plainSCS }

func (*contextSCS) Find(string) ([]byte, bool, error)      { panic("missing context arg") }
func (*contextSCS) Commit(string, []byte, time.Time) error { panic("missing context arg") }
func (*contextSCS) Delete(string) error                    { panic("missing context arg") }
func (s *contextSCS) FindCtx(_ context.Context, key string) ([]byte, bool, error) {
	return s.plain.Find(key)
}
func (s *contextSCS) CommitCtx(_ context.Context, key string, b []byte, expiry time.Time) error {
	return s.plain.Commit(key, b, expiry)
}
func (s *contextSCS) DeleteCtx(_ context.Context, key string) error { return s.plain.Delete(key) }

func TestAdapt(t *testing.T) {
	stores := map[string]any{
		"plain":   &plainSCS{records: make(map[string][]byte)},
		"context": &contextSCS{plainSCS{records: make(map[string][]byte)}},
	}
	for name, store := range stores {
		t.Run(name, func(t *testing.T) {
			adapted, err := session.Adapt(store)
			if err != nil {
				t.Fatal(err)
			}
			a := newApp[data](t, func(c *session.Config) { c.Store, c.Now = adapted, time.Now })
			c := newClient()
			a.visit(c, increment)
			a.visit(c, signIn("ann"))
			a.during(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.V.Name = "n" },
				func() { tab := *c; a.visit(&tab, increment) })
			if v, _ := a.value(c); v.Views != 2 || v.Name != "n" || a.user(c) != "ann" {
				t.Errorf("session = %+v of %q", v, a.user(c))
			}
			old := *c
			a.visit(c, func(_ http.ResponseWriter, _ *http.Request, s *session.Session[data]) { s.Destroy() })
			if a.user(&old) != "" {
				t.Error("the session survived its logout")
			}

			ctx := t.Context()
			mine := []byte("abc")
			if err := adapted.Commit(ctx, "key", mine, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			copy(mine, "yyy")
			b, _, _ := adapted.Find(ctx, "key")
			copy(b, "zzz")
			if b, found, err := adapted.Find(ctx, "key"); string(b) != "abc" || !found || err != nil {
				t.Errorf("Find = %q, %v, %v", b, found, err)
			}
			if err := adapted.Commit(ctx, "key", []byte("abc"), time.Now().Add(-time.Second)); err != nil {
				t.Fatal(err)
			}
			if _, found, _ := adapted.Find(ctx, "key"); found {
				t.Error("a commit with an expiry in the past left the record")
			}
		})
	}
	if same, err := session.Adapt(plainStore{}); err != nil || same != (plainStore{}) {
		t.Errorf("Adapt(a Store) = %v, %v", same, err)
	}
	if _, err := session.Adapt(42); err == nil || !strings.Contains(err.Error(), "int") {
		t.Errorf("Adapt(42) = %v", err)
	}
}
