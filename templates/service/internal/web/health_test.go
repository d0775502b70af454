package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// failingStore is a store whose server can be switched off.
type failingStore struct {
	session.Store
	down atomic.Bool
}

var errDown = errors.New("dial tcp 10.0.0.7:6379: connection refused")

func (f *failingStore) Find(ctx context.Context, key string) ([]byte, bool, error) {
	if f.down.Load() {
		return nil, false, errDown
	}
	return f.Store.Find(ctx, key)
}

func (f *failingStore) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	if f.down.Load() {
		return errDown
	}
	return f.Store.Commit(ctx, key, data, expiry)
}

func (f *failingStore) Ping(context.Context) error {
	if f.down.Load() {
		return errDown
	}
	return nil
}

// TestStoreDown: what needs no session goes on, the rest says 503 and not 401:
// the user is still logged in.
func TestStoreDown(t *testing.T) {
	store := &failingStore{Store: sessiontest.NewStore()}
	s := startWith(t, store, nil)
	b := s.browser(frontEnd)
	b.login()
	b.do("GET", "/readyz", nil).want(t, "GET /readyz", http.StatusOK, "")

	store.down.Store(true)
	b.do("GET", "/healthz", nil).want(t, "GET /healthz", http.StatusOK, "")
	b.do("GET", "/nowhere", nil).want(t, "GET /nowhere", http.StatusNotFound, "not_found")
	for _, path := range []string{"/readyz", "/me"} {
		answer := b.do("GET", path, nil)
		answer.want(t, "GET "+path, http.StatusServiceUnavailable, "unavailable")
		if strings.Contains(answer.body, "10.0.0.7") {
			t.Errorf("GET %s: the answer names internals: %s", path, answer.body)
		}
		if answer.header.Get("Access-Control-Allow-Origin") != frontEnd {
			t.Errorf("GET %s: the answer lacks the CORS headers", path)
		}
	}
	if !strings.Contains(s.log.String(), "10.0.0.7") {
		t.Error("the log does not name the cause")
	}

	store.down.Store(false)
	b.do("GET", "/me", nil).want(t, "GET /me when the store is back", http.StatusOK, "")
}
