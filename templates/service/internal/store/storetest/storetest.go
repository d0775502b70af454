// Package storetest is the conformance suite of the session stores. Whatever passes [Run] can be behind the
// session manager:
//
//	func TestStore(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) storetest.Store {
//			store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "sessions.db"))
//			if err != nil {
//				t.Fatal(err)
//			}
//			t.Cleanup(func() { store.Close() })
//			return store
//		})
//	}
//
// Every record has a random key, so the opened store may be empty or not, private or shared with other tests.
// The suite takes real time, about half a second, because a server's clock cannot be faked.
package storetest

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Store is what each package below internal/store offers, which main.go uses.
type Store interface {
	session.Store

	// Sweep removes at most limit expired records and returns how many; fewer than limit means that there is no more to
	// do now. A store whose server expires records by itself returns 0.
	Sweep(ctx context.Context, limit int) (int, error)

	// Close releases what the store holds. A second call does nothing.
	Close() error
}

// Run tests the store that open returns. Each subtest opens its own; open releases it with t.Cleanup. Two stores
// opened by one test may share their records or not.
func Run(t *testing.T, open func(t *testing.T) Store) {
	t.Helper()
	subtests := []struct {
		name string
		test func(t *testing.T, s Store)
	}{
		{"Find/unknown keys", findUnknown},
		{"Find/order", findOrder},
		{"Find/returned bytes", findReturned},
		{"Records/values", values},
		{"Records/keys", keys},
		{"Records/far expiry", farExpiry},
		{"Records/expire in time", expires},
		{"Swap", swapTable},
		{"Swap/several", swapSeveral},
		{"Swap/one key twice", swapTwice},
		{"Swap/expiry", swapExpiry},
		{"Swap/passed bytes", swapPassed},
		{"Concurrency/own keys", concurrentOwnKeys},
		{"Concurrency/counter", concurrentCounter},
		{"Concurrency/create", concurrentCreate},
		{"Concurrency/consume", concurrentConsume},
		{"Concurrency/opposite order", concurrentOpposite},
		{"Context", cancelledContext},
		{"Close", closeTwice},
		{"Ping", ping},
		{"Sweep", sweep},
	}
	for _, st := range subtests {
		t.Run(st.name, func(t *testing.T) {
			t.Parallel()
			st.test(t, open(t))
		})
	}
}

// NewKey returns a random key of the form that the session manager uses: 43 characters of the base64url alphabet,
// as many as a SHA-256 sum has.
func NewKey() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Put writes a record whatever there was before.
func Put(ctx context.Context, s session.Store, key string, data []byte, expiry time.Time) error {
	for {
		found, err := s.Find(ctx, key)
		if err != nil {
			return fmt.Errorf("store: Find: %w", err)
		}
		made, err := s.Swap(ctx, session.Change{Key: key, Old: found[0], New: data, Expiry: expiry})
		if err != nil {
			return fmt.Errorf("store: Swap: %w", err)
		}
		if made[0] {
			return nil
		}
	}
}

// MustPut is Put, and fails the test at an error.
func MustPut(t testing.TB, s session.Store, key string, data []byte, expiry time.Time) {
	t.Helper()
	if err := Put(t.Context(), s, key, data, expiry); err != nil {
		t.Fatalf("write %q, %d bytes, until %v: %v", key, len(data), expiry, err)
	}
}

// WantAll ends the test at the first of the keys, as [KillWriter] returns them, whose record is not whole.
func WantAll(t *testing.T, store session.Store, keys []string) {
	t.Helper()
	for _, key := range keys {
		wantFound(t, store, key, []byte(key))
	}
}

func wantFound(t *testing.T, s session.Store, key string, want []byte) {
	t.Helper()
	if got := find(t, s, key); got == nil || string(got) != string(want) {
		t.Fatalf("Find(%q) = %s, want %s", key, name(got), name(want))
	}
}

func wantMissing(t *testing.T, s session.Store, key string) {
	t.Helper()
	if got := find(t, s, key); got != nil {
		t.Fatalf("Find(%q) = %s, want nil", key, name(got))
	}
}

func find(t *testing.T, s session.Store, key string) []byte {
	t.Helper()
	found, err := s.Find(t.Context(), key)
	if err != nil || len(found) != 1 {
		t.Fatalf("Find(%q) = %d records, %v; want one entry, nil", key, len(found), err)
	}
	return found[0]
}

// wantExpiry waits until the record is gone: never before its expiry, at most about a second after it.
func wantExpiry(t *testing.T, s session.Store, key string, expiry time.Time) {
	t.Helper()
	for {
		before := time.Now()
		found := find(t, s, key) != nil
		switch {
		case !found && time.Now().Before(expiry.Add(-clockStep)):
			t.Fatalf("record %q is gone %v before its expiry", key, time.Until(expiry))
		case !found:
			return
		case before.After(expiry.Add(1100 * time.Millisecond)):
			t.Fatalf("record %q is still found %v after its expiry", key, before.Sub(expiry))
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// clockStep is by how much the clocks of this process and of the store's server may differ on one machine: servers
// round to milliseconds.
const clockStep = 5 * time.Millisecond

// hour is far enough for every record that should live as long as the test.
func hour() time.Time { return time.Now().Add(time.Hour) }

// name is how a record is shown.
func name(b []byte) string {
	if b == nil {
		return "nil"
	}
	return fmt.Sprintf("%.80q", b)
}
