package storetest

import (
	"crypto/rand"
	"encoding/base64"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// NewKey returns a random key of the form that the session manager uses: 43 characters of the base64url alphabet,
// as many as a SHA-256 sum has.
func NewKey() string {
	var b [32]byte
	rand.Read(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func mustCommit(t *testing.T, s session.Store, key string, data []byte, expiry time.Time) {
	t.Helper()
	if err := s.Commit(t.Context(), key, data, expiry); err != nil {
		t.Fatalf("Commit(%q, %d bytes, %v) = %v", key, len(data), expiry, err)
	}
}

func wantFound(t *testing.T, s session.Store, key string, want []byte) {
	t.Helper()
	got, found, err := s.Find(t.Context(), key)
	if err != nil || !found || string(got) != string(want) {
		t.Fatalf("Find(%q) = %q, %v, %v; want %q, true, nil", key, short(got), found, err, short(want))
	}
}

func wantMissing(t *testing.T, s session.Store, key string) {
	t.Helper()
	got, found, err := s.Find(t.Context(), key)
	if err != nil || found || got != nil {
		t.Fatalf("Find(%q) = %q, %v, %v; want nil, false, nil", key, short(got), found, err)
	}
}

// wantExpiry waits until the record is gone: never before its expiry, at most about a second after it.
func wantExpiry(t *testing.T, s session.Store, key string, expiry time.Time) {
	t.Helper()
	for {
		before := time.Now()
		_, found, err := s.Find(t.Context(), key)
		switch {
		case err != nil:
			t.Fatalf("Find(%q) = %v", key, err)
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

func short(b []byte) []byte { return b[:min(len(b), 80)] }
