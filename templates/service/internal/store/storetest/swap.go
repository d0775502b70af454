package storetest

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

func swapTable(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	type value []byte // nil: no record
	past := func() time.Time { return time.Now().Add(-time.Hour) }
	cases := []struct {
		name             string
		have             value
		old, new         []byte
		expiry           func() time.Time
		wantSwapped      bool
		want             value
		anySwappedAnswer bool
	}{
		{name: "create", old: nil, new: []byte("n"), wantSwapped: true, want: value("n")},
		{name: "create, exists", have: value("h"), old: nil, new: []byte("n"), want: value("h")},
		{name: "create, exists and is empty", have: value{}, old: nil, new: []byte("n"), want: value{}},
		{name: "create empty", old: nil, new: []byte{}, wantSwapped: true, want: value{}},
		{name: "create binary", old: nil, new: []byte("\x00\xff"), wantSwapped: true, want: value("\x00\xff")},
		{name: "create with a past expiry", old: nil, new: []byte("n"), expiry: past, anySwappedAnswer: true},
		{name: "replace", have: value("h"), old: []byte("h"), new: []byte("n"), wantSwapped: true, want: value("n")},
		{name: "replace binary", have: value("\x00\xff"), old: []byte("\x00\xff"), new: []byte("\xfe"), wantSwapped: true, want: value("\xfe")},
		{name: "replace with the same", have: value("h"), old: []byte("h"), new: []byte("h"), wantSwapped: true, want: value("h")},
		{name: "replace empty", have: value{}, old: []byte{}, new: []byte("n"), wantSwapped: true, want: value("n")},
		{name: "replace by empty", have: value("h"), old: []byte("h"), new: []byte{}, wantSwapped: true, want: value{}},
		{name: "replace, differs", have: value("h"), old: []byte("x"), new: []byte("n"), want: value("h")},
		{name: "replace, differs in case", have: value("h"), old: []byte("H"), new: []byte("n"), want: value("h")},
		{name: "replace, differs after a NUL", have: value("h\x00a"), old: []byte("h\x00b"), new: []byte("n"), want: value("h\x00a")},
		{name: "replace, old is a prefix", have: value("hh"), old: []byte("h"), new: []byte("n"), want: value("hh")},
		{name: "replace, old is longer", have: value("h"), old: []byte("hh"), new: []byte("n"), want: value("h")},
		{name: "replace, old is empty", have: value("h"), old: []byte{}, new: []byte("n"), want: value("h")},
		{name: "replace, no record", old: []byte("h"), new: []byte("n")},
		{name: "replace empty, no record", old: []byte{}, new: []byte("n")},
		{name: "replace with a past expiry", have: value("h"), old: []byte("h"), new: []byte("n"), expiry: past, wantSwapped: true},
		{name: "replace with a past expiry, differs", have: value("h"), old: []byte("x"), new: []byte("n"), expiry: past, want: value("h")},
		{name: "delete", have: value("h"), old: []byte("h"), new: nil, wantSwapped: true},
		{name: "delete empty", have: value{}, old: []byte{}, new: nil, wantSwapped: true},
		{name: "delete, zero expiry", have: value("h"), old: []byte("h"), new: nil, expiry: func() time.Time { return time.Time{} }, wantSwapped: true},
		{name: "delete, differs", have: value("h"), old: []byte("x"), new: nil, want: value("h")},
		{name: "delete, no record", old: []byte("h"), new: nil},
		{name: "nothing for nothing, no record", old: nil, new: nil, anySwappedAnswer: true},
		{name: "nothing for nothing, exists", have: value("h"), old: nil, new: nil, want: value("h")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			key := NewKey()
			if c.have != nil {
				mustCommit(t, s, key, c.have, hour())
			}
			if c.expiry == nil {
				c.expiry = hour
			}
			swapped, err := sw.Swap(t.Context(), key, c.old, c.new, c.expiry())
			if err != nil || swapped != c.wantSwapped && !c.anySwappedAnswer {
				t.Errorf("Swap(old %s, new %s) on %s = %v, %v; want %v, nil", name(c.old), name(c.new), name(c.have), swapped, err, c.wantSwapped)
			}
			if c.want == nil {
				wantMissing(t, s, key)
			} else {
				wantFound(t, s, key, c.want)
			}
		})
	}
}

func name(b []byte) string {
	if b == nil {
		return "nil"
	}
	return strconv.Quote(string(b))
}

func swapAliasing(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	key, first, second := NewKey(), []byte("first"), []byte("second")
	mustSwap(t, sw, key, nil, first, hour())
	copy(first, "zzzzz")
	wantFound(t, s, key, []byte("first"))
	mustSwap(t, sw, key, []byte("first"), second, hour())
	copy(second, "zzzzzz")
	wantFound(t, s, key, []byte("second"))
}

// swapExpired: an expired record is as good as absent, and the new expiry counts.
func swapExpired(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	replace, create := NewKey(), NewKey()
	soon := time.Now().Add(150 * time.Millisecond)
	mustCommit(t, s, replace, []byte("old"), hour())
	mustSwap(t, sw, replace, []byte("old"), []byte("short"), soon)
	mustSwap(t, sw, create, nil, []byte("short"), soon)
	wantExpiry(t, s, replace, soon)
	wantExpiry(t, s, create, soon)

	for name, new := range map[string][]byte{"replace": []byte("new"), "delete": nil} {
		if swapped, err := sw.Swap(t.Context(), replace, []byte("short"), new, hour()); err != nil || swapped {
			t.Errorf("Swap to %s an expired record = %v, %v; want false, nil", name, swapped, err)
		}
		wantMissing(t, s, replace)
	}
	mustSwap(t, sw, create, nil, []byte("new"), hour())
	wantFound(t, s, create, []byte("new"))
}

func swapCounter(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	const clients, rounds = 32, 8
	key := NewKey()
	inParallel(t, clients, func(int) error { return Count(t.Context(), s, sw, key, rounds) })
	wantFound(t, s, key, []byte(strconv.Itoa(clients*rounds)))
}

// Count adds one to the decimal number under key, n times, by Find and Swap alone. However many callers in however
// many processes do so at once, the number grows by the sum of their n.
func Count(ctx context.Context, s session.Store, sw session.Swapper, key string, n int) error {
	for done := 0; done < n; {
		old, found, err := s.Find(ctx, key)
		if err != nil {
			return fmt.Errorf("store: Find: %w", err)
		}
		value := 0
		if found {
			if value, err = strconv.Atoi(string(old)); err != nil {
				return err
			}
		} else {
			old = nil
		}
		swapped, err := sw.Swap(ctx, key, old, strconv.AppendInt(nil, int64(value+1), 10), hour())
		if err != nil {
			return fmt.Errorf("store: Swap: %w", err)
		}
		if swapped {
			done++
		}
	}
	return nil
}

func swapCreate(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	key := NewKey()
	var winner atomic.Int64
	winner.Store(-1)
	inParallel(t, 32, func(client int) error {
		swapped, err := sw.Swap(t.Context(), key, nil, []byte(strconv.Itoa(client)), hour())
		if swapped && !winner.CompareAndSwap(-1, int64(client)) {
			return fmt.Errorf("created the record a second time")
		}
		return err
	})
	wantFound(t, s, key, strconv.AppendInt(nil, winner.Load(), 10))
}

func swapConsume(t *testing.T, s session.Store) {
	sw, ok := s.(session.Swapper)
	if !ok {
		return
	}
	key := NewKey()
	mustCommit(t, s, key, []byte("one use"), hour())
	var uses atomic.Int64
	inParallel(t, 32, func(int) error {
		swapped, err := sw.Swap(t.Context(), key, []byte("one use"), nil, time.Time{})
		if swapped {
			uses.Add(1)
		}
		return err
	})
	if uses.Load() != 1 {
		t.Errorf("%d of 32 parallel swaps deleted the record, want exactly 1", uses.Load())
	}
	wantMissing(t, s, key)
}

func mustSwap(t *testing.T, sw session.Swapper, key string, old, new []byte, expiry time.Time) {
	t.Helper()
	if swapped, err := sw.Swap(t.Context(), key, old, new, expiry); err != nil || !swapped {
		t.Fatalf("Swap(%q, %s, %s) = %v, %v; want true, nil", key, name(old), name(new), swapped, err)
	}
}
