package storetest

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func findUnknown(t *testing.T, s Store) {
	wantMissing(t, s, NewKey())
	if found, err := s.Find(t.Context()); err != nil || len(found) != 0 {
		t.Errorf("Find() = %q, %v; want nothing, nil", found, err)
	}
}

// findOrder asks for known, unknown and expired keys, one of them twice, in an order that is not that of the keys.
func findOrder(t *testing.T, s Store) {
	expired, empty, twice := NewKey(), NewKey(), NewKey()
	soon := time.Now().Add(100 * time.Millisecond)
	MustPut(t, s, expired, []byte("expired"), soon)
	MustPut(t, s, empty, []byte{}, hour())
	MustPut(t, s, twice, []byte("twice"), hour())
	ask := []string{twice, expired, NewKey(), empty, twice}
	want := [][]byte{[]byte("twice"), nil, nil, {}, []byte("twice")}
	for i := range 30 {
		key := NewKey()
		data := fmt.Appendf(nil, "record %d", i)
		MustPut(t, s, key, data, hour())
		ask, want = append(ask, key), append(want, data)
	}
	wantExpiry(t, s, expired, soon)
	got, err := s.Find(t.Context(), ask...)
	if err != nil || len(got) != len(ask) {
		t.Fatalf("Find(%d keys) = %d records, %v", len(ask), len(got), err)
	}
	for i := range want {
		if (got[i] == nil) != (want[i] == nil) || !bytes.Equal(got[i], want[i]) {
			t.Errorf("Find: record %d = %s, want %s", i, name(got[i]), name(want[i]))
		}
	}
	copy(got[0], "TWICE")
	if string(got[4]) != "twice" {
		t.Error("Find returned the same bytes for both entries of one key")
	}
}

// findReturned: the caller owns the bytes.
func findReturned(t *testing.T, s Store) {
	key := NewKey()
	MustPut(t, s, key, []byte("original"), hour())
	first := find(t, s, key)
	copy(first, "SCRIBBLE")
	_ = append(first[:0], "TAIL"...)
	wantFound(t, s, key, []byte("original"))

	// A returned slice stays as it was while others write: a store must not hand out memory that it uses again.
	kept := find(t, s, key)
	for range 50 {
		MustPut(t, s, NewKey(), []byte("somebody"), hour())
		MustPut(t, s, key, []byte("replaced"), hour())
	}
	if string(kept) != "original" {
		t.Errorf("bytes returned by Find changed to %q after later writes, want %q", kept, "original")
	}
}

func values(t *testing.T, s Store) {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	for title, data := range map[string][]byte{
		"text":              []byte(`{"u":"ann"}`),
		"every byte":        every,
		"only NUL":          {0},
		"bytes after a NUL": []byte("a\x00b"),
		"not UTF-8":         []byte("\xff\xfe\x80"),
		"quotes":            []byte(`'";--\`),
		"empty":             {},
		"64 KiB":            bytes.Repeat(every, 256),
	} {
		t.Run(title, func(t *testing.T) {
			key := NewKey()
			MustPut(t, s, key, data, hour())
			wantFound(t, s, key, data)
		})
	}
}

// keys: each must stand for one record only, with no folding of case, no cut, no pattern.
func keys(t *testing.T, s Store) {
	stem := NewKey()[:40]
	keys := []string{
		stem + "aaa", stem + "aaA", stem + "AAA", stem + "aab", stem + "---", stem + "___", stem + "a-_",
		strings.ToLower(stem) + "xyz", strings.ToUpper(stem) + "xyz", "user:" + stem, "user:" + stem + `*?[a]%_"'{}\`,
	}
	for i, key := range keys {
		MustPut(t, s, key, []byte{byte(i)}, hour())
	}
	found, err := s.Find(t.Context(), keys...)
	if err != nil {
		t.Fatal(err)
	}
	for i, key := range keys {
		wantFound(t, s, key, []byte{byte(i)})
		if string(found[i]) != string([]byte{byte(i)}) {
			t.Errorf("Find of all: the record of %q = %q, want %q", key, found[i], byte(i))
		}
	}
	wantMissing(t, s, stem)
	wantMissing(t, s, stem+"aaaa")
}

func farExpiry(t *testing.T, s Store) {
	for _, years := range []int{10, 100} {
		key := NewKey()
		MustPut(t, s, key, []byte("far"), time.Now().AddDate(years, 0, 0))
		wantFound(t, s, key, []byte("far"))
	}
}

func expires(t *testing.T, s Store) {
	// Fractions of a second on both sides of a full one, against stores that cut or round.
	base := time.Now().Add(150 * time.Millisecond)
	for _, d := range []time.Duration{0, 70 * time.Millisecond, 210 * time.Millisecond} {
		key, expiry := NewKey(), base.Add(d)
		MustPut(t, s, key, []byte("x"), expiry)
		wantExpiry(t, s, key, expiry)
	}
}

func sweep(t *testing.T, s Store) {
	const records, batch = 25, 10
	live := NewKey()
	MustPut(t, s, live, []byte("live"), hour())
	expiry := time.Now().Add(50 * time.Millisecond)
	for range records {
		MustPut(t, s, NewKey(), []byte("dead"), expiry)
	}
	time.Sleep(time.Until(expiry.Add(2 * clockStep)))
	for calls := 1; ; calls++ {
		n, err := s.Sweep(t.Context(), batch)
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
