package storetest

import (
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func touch(t *testing.T, s session.Store) {
	to, ok := s.(session.Toucher)
	if !ok {
		return
	}
	data := []byte("untouched \x00 data")
	longer, shorter, past, unknown := NewKey(), NewKey(), NewKey(), NewKey()
	soon := time.Now().Add(200 * time.Millisecond)
	mustCommit(t, s, longer, data, soon)
	mustCommit(t, s, shorter, data, hour())
	mustCommit(t, s, past, data, hour())

	for _, c := range []struct {
		name, key string
		expiry    time.Time
	}{
		{"longer", longer, hour()},
		{"shorter", shorter, soon},
		{"into the past", past, time.Now().Add(-time.Hour)},
		{"unknown key", unknown, hour()},
	} {
		if err := to.Touch(t.Context(), c.key, c.expiry); err != nil {
			t.Errorf("Touch(%s) = %v, want nil", c.name, err)
		}
	}
	wantMissing(t, s, past)
	wantMissing(t, s, unknown)
	wantExpiry(t, s, shorter, soon)
	wantFound(t, s, longer, data)
}

// touchExpired: what has expired stays dead.
func touchExpired(t *testing.T, s session.Store) {
	to, ok := s.(session.Toucher)
	if !ok {
		return
	}
	key, expiry := NewKey(), time.Now().Add(100*time.Millisecond)
	mustCommit(t, s, key, []byte("x"), expiry)
	wantExpiry(t, s, key, expiry)
	if err := to.Touch(t.Context(), key, hour()); err != nil {
		t.Errorf("Touch(expired key) = %v, want nil", err)
	}
	wantMissing(t, s, key)
}

func sweep(t *testing.T, s session.Store) {
	sw, ok := s.(Sweeper)
	if !ok {
		return
	}
	const records, batch = 25, 10
	live := NewKey()
	mustCommit(t, s, live, []byte("live"), hour())
	expiry := time.Now().Add(50 * time.Millisecond)
	for range records {
		mustCommit(t, s, NewKey(), []byte("dead"), expiry)
	}
	time.Sleep(time.Until(expiry.Add(2 * clockStep)))
	for calls := 1; ; calls++ {
		n, err := sw.Sweep(t.Context(), batch)
		if err != nil || n < 0 || n > batch {
			t.Fatalf("Sweep(%d) = %d, %v; want 0 to %d, nil", batch, n, err, batch)
		}
		if n < batch {
			break
		}
		if calls == 10000 {
			t.Fatalf("Sweep(%d) still removes full batches after %d calls", batch, calls)
		}
	}
	wantFound(t, s, live, []byte("live"))
}
