package storetest

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func findUnknown(t *testing.T, s session.Store) {
	wantMissing(t, s, NewKey())
}

func commitValues(t *testing.T, s session.Store) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	values := []struct {
		name string
		data []byte
	}{
		{"text", []byte(`{"u":"ann"}`)},
		{"every byte", every},
		{"only NUL", []byte{0}},
		{"bytes after a NUL", []byte("a\x00b")},
		{"not UTF-8", []byte("\xff\xfe\x80")},
		{"quotes", []byte(`'";--\`)},
		{"empty", []byte{}},
		{"nil, kept as empty", nil},
		{"64 KiB", bytes.Repeat(every, 256)},
	}
	for _, v := range values {
		t.Run(v.name, func(t *testing.T) {
			key := NewKey()
			mustCommit(t, s, key, v.data, hour())
			wantFound(t, s, key, v.data)
		})
	}
}

func commitKeys(t *testing.T, s session.Store) {
	// Each key must stand for one record only: no folding of case, no cut, no pattern.
	stem := NewKey()[:40]
	keys := []string{
		stem + "aaa", stem + "aaA", stem + "AAA", stem + "aab", stem + "---", stem + "___", stem + "a-_",
		strings.ToLower(stem) + "xyz", strings.ToUpper(stem) + "xyz",
	}
	for i, key := range keys {
		mustCommit(t, s, key, []byte{byte(i)}, hour())
	}
	for i, key := range keys {
		wantFound(t, s, key, []byte{byte(i)})
	}
	wantMissing(t, s, stem)
	wantMissing(t, s, stem+"aaaa")
}

func commitOverwrite(t *testing.T, s session.Store) {
	key := NewKey()
	mustCommit(t, s, key, []byte("first"), hour())
	mustCommit(t, s, key, []byte("second, longer"), hour())
	wantFound(t, s, key, []byte("second, longer"))

	// The newer expiry counts, whether it is earlier or later.
	soon := time.Now().Add(200 * time.Millisecond)
	mustCommit(t, s, key, []byte("3"), soon)
	later := NewKey()
	mustCommit(t, s, later, []byte("4"), soon)
	mustCommit(t, s, later, []byte("4"), hour())
	wantExpiry(t, s, key, soon)
	wantFound(t, s, later, []byte("4"))
}

func commitPastExpiry(t *testing.T, s session.Store) {
	past := []struct {
		name   string
		expiry func() time.Time
	}{
		{"an hour ago", func() time.Time { return time.Now().Add(-time.Hour) }},
		{"a millisecond ago", func() time.Time { return time.Now().Add(-time.Millisecond) }},
		{"1970", func() time.Time { return time.Unix(0, 0) }},
		{"before 1970", func() time.Time { return time.Unix(-1000, 0) }},
		{"zero time", func() time.Time { return time.Time{} }},
	}
	for _, p := range past {
		t.Run(p.name, func(t *testing.T) {
			key := NewKey()
			mustCommit(t, s, key, []byte("new"), p.expiry())
			wantMissing(t, s, key)

			mustCommit(t, s, key, []byte("live"), hour())
			mustCommit(t, s, key, []byte("ended"), p.expiry())
			wantMissing(t, s, key)
		})
	}
}

func commitFarExpiry(t *testing.T, s session.Store) {
	for _, years := range []int{10, 100} {
		key := NewKey()
		mustCommit(t, s, key, []byte("far"), time.Now().AddDate(years, 0, 0))
		wantFound(t, s, key, []byte("far"))
	}
}

func commitExpires(t *testing.T, s session.Store) {
	// Fractions of a second on both sides of a full one, against stores that cut or round.
	base := time.Now().Add(150 * time.Millisecond)
	for _, d := range []time.Duration{0, 70 * time.Millisecond, 210 * time.Millisecond} {
		key, expiry := NewKey(), base.Add(d)
		mustCommit(t, s, key, []byte("x"), expiry)
		wantExpiry(t, s, key, expiry)
	}
}

func commitAfterExpiry(t *testing.T, s session.Store) {
	key, expiry := NewKey(), time.Now().Add(100*time.Millisecond)
	mustCommit(t, s, key, []byte("old"), expiry)
	wantExpiry(t, s, key, expiry)
	mustCommit(t, s, key, []byte("new"), hour())
	wantFound(t, s, key, []byte("new"))
}

func deleteRecord(t *testing.T, s session.Store) {
	key, other := NewKey(), NewKey()
	mustCommit(t, s, key, []byte("x"), hour())
	mustCommit(t, s, other, []byte("y"), hour())
	for _, state := range []string{"known", "already deleted"} {
		if err := s.Delete(t.Context(), key); err != nil {
			t.Fatalf("Delete(%s key) = %v, want nil", state, err)
		}
		wantMissing(t, s, key)
	}
	if err := s.Delete(t.Context(), NewKey()); err != nil {
		t.Errorf("Delete(unknown key) = %v, want nil", err)
	}
	wantFound(t, s, other, []byte("y"))
}

func aliasingPassed(t *testing.T, s session.Store) {
	key, data := NewKey(), []byte("original")
	mustCommit(t, s, key, data, hour())
	copy(data, "SCRIBBLE")
	wantFound(t, s, key, []byte("original"))
}

func aliasingReturned(t *testing.T, s session.Store) {
	key := NewKey()
	mustCommit(t, s, key, []byte("original"), hour())
	first, _, err := s.Find(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	copy(first, "SCRIBBLE")
	_ = append(first[:0], "TAIL"...)
	wantFound(t, s, key, []byte("original"))

	// A returned slice stays as it was while others write: a store must not hand out memory that it uses again.
	kept, _, err := s.Find(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	for range 50 {
		mustCommit(t, s, NewKey(), []byte("somebody"), hour())
		mustCommit(t, s, key, []byte("replaced"), hour())
	}
	if string(kept) != "original" {
		t.Errorf("bytes returned by Find changed to %q after later commits, want %q", kept, "original")
	}
}
