package memory_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

type options struct {
	most     int // 0: as many as Open allows
	snapshot string
	now      func() time.Time // nil: time.Now
}

func open(t testing.TB, o options) *memory.Store {
	t.Helper()
	if o.now == nil {
		o.now = time.Now
	}
	s, err := memory.New(cmp.Or(o.most, 2_000_000), o.snapshot, o.now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		store, err := memory.Open(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	})
}

// create writes a new record.
func create(t testing.TB, s *memory.Store, key, data string, expiry time.Time) error {
	t.Helper()
	made, err := s.Swap(t.Context(), session.Change{Key: key, New: []byte(data), Expiry: expiry})
	if err == nil && !made[0] {
		t.Errorf("%q exists", key)
	}
	return err
}

func TestBound(t *testing.T) {
	now := time.Now()
	s := open(t, options{most: 3, now: func() time.Time { return now }})
	ctx, soon := t.Context(), now.Add(time.Minute)
	for i := range 3 {
		if err := create(t, s, fmt.Sprint(i), "x", soon); err != nil {
			t.Fatal(err)
		}
	}
	if err := create(t, s, "3", "x", soon); !errors.Is(err, memory.ErrFull) {
		t.Errorf("a new record over the bound = %v, want ErrFull", err)
	}
	if err := s.Ping(ctx); !errors.Is(err, memory.ErrFull) {
		t.Errorf("Ping of a full store = %v, want ErrFull", err)
	}
	storetest.MustPut(t, s, "1", []byte("y"), soon) // a change of a record that exists
	if made, err := s.Swap(ctx, session.Change{Key: "1", Old: []byte("y")}); err != nil || !made[0] {
		t.Errorf("removal from a full store = %v, %v", made, err)
	}
	if err := s.Ping(ctx); err != nil {
		t.Errorf("Ping with room = %v", err)
	}
	if err := create(t, s, "3", "x", soon); err != nil {
		t.Errorf("a new record with room = %v", err)
	}
	now = now.Add(time.Hour)
	if n, err := s.Sweep(ctx, 100); n != 3 || err != nil {
		t.Errorf("Sweep = %d, %v, want 3", n, err)
	}
}

// When the store is full, expired records make room without waiting for the sweep.
func TestExpiredMakeRoom(t *testing.T) {
	now := time.Now()
	s := open(t, options{most: 1000, now: func() time.Time { return now }})
	for i := range 1000 {
		create(t, s, fmt.Sprint(i), "", now.Add(time.Minute))
	}
	now = now.Add(time.Hour)
	for i := range 1000 {
		if err := create(t, s, fmt.Sprint("new", i), "", now.Add(time.Minute)); err != nil {
			t.Fatalf("new record %d: %v", i, err)
		}
	}
}

// Attempts that are refused do not put off the next look for room, however quickly they follow one another.
func TestRoomDuringFlood(t *testing.T) {
	start := time.Now().Truncate(time.Second)
	now := start
	s := open(t, options{most: 1, now: func() time.Time { return now }})
	create(t, s, "old", "", start.Add(time.Minute))
	for ; now.Before(start.Add(time.Minute)); now = now.Add(500 * time.Millisecond) {
		if err := create(t, s, "new", "", now.Add(time.Minute)); !errors.Is(err, memory.ErrFull) {
			t.Fatalf("a record over the bound = %v, want ErrFull", err)
		}
	}
	if err := create(t, s, "new", "", now.Add(time.Minute)); err != nil {
		t.Errorf("a record a second after the last look, where the other record has expired = %v", err)
	}
}

// A clock that is set back does not put off the next look for room.
func TestRoomAfterClockSetBack(t *testing.T) {
	start := time.Now()
	now := start
	s := open(t, options{most: 1, now: func() time.Time { return now }})
	create(t, s, "old", "", start.Add(time.Hour))
	if err := create(t, s, "new", "", start.Add(time.Hour)); !errors.Is(err, memory.ErrFull) {
		t.Fatalf("a record over the bound = %v, want ErrFull", err)
	}
	now = start.Add(-time.Hour)
	storetest.MustPut(t, s, "old", nil, now.Add(time.Minute))
	storetest.MustPut(t, s, "old", []byte{}, now.Add(time.Minute))
	now = now.Add(2 * time.Minute)
	if err := create(t, s, "new", "", now.Add(time.Minute)); err != nil {
		t.Errorf("a record where the other one has expired = %v", err)
	}
}

// A sweep goes through all records, while others add and remove some.
func TestSweepBesideWriters(t *testing.T) {
	var offset atomic.Int64
	start := time.Now()
	s := open(t, options{now: func() time.Time { return start.Add(time.Duration(offset.Load())) }})
	const records = 20_000
	for i := range records {
		create(t, s, fmt.Sprint("old", i), "", start.Add(time.Minute))
	}
	offset.Store(int64(time.Hour))
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			for i := range records / 4 {
				key := fmt.Sprint("new ", n, " ", i)
				create(t, s, key, "x", start.Add(2*time.Hour))
				if i%2 == 0 {
					s.Swap(t.Context(), session.Change{Key: key, Old: []byte("x")})
				}
			}
		})
	}
	removed := 0
	for n := 1000; n == 1000; {
		var err error
		if n, err = s.Sweep(t.Context(), 1000); err != nil {
			t.Fatal(err)
		}
		removed += n
	}
	wg.Wait()
	offset.Store(int64(3 * time.Hour))
	left, err := s.Sweep(t.Context(), records)
	if removed != records || left != records/2 || err != nil {
		t.Errorf("the sweeps removed %d and left %d, %v, want %d and %d", removed, left, err, records, records/2)
	}
}

// A session of three small values must cost at most 220 bytes of heap. The test takes fewer sessions than a million,
// to be quick; see BenchmarkMillion for those.
func TestBytesPerRecord(t *testing.T) {
	const records = 200_000
	s := open(t, options{most: records})
	if got := fill(t, s, records); got > 220 {
		t.Errorf("%d bytes a record, want at most 220", got)
	}
}

// fill writes records like those of the session manager and returns the bytes of heap that each costs.
func fill(t testing.TB, s *memory.Store, records int) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	data := "\x01\x00123456123456" + `{"user":"u-123456","count":42,"theme":"dark-blue"}`
	expiry := time.Now().Add(time.Hour)
	key := make([]byte, 43)
	for i := range records {
		copy(key, bytes.Repeat([]byte("A"), 43))
		copy(key, fmt.Appendf(nil, "%x", uint64(i)*0x9E3779B97F4A7C15))
		if err := create(t, s, string(key), data, expiry); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(s)
	return (after.HeapAlloc - before.HeapAlloc) / uint64(records)
}

// BenchmarkMillion reports the bytes of a million sessions, and the longest time that a sweep of them kept another
// caller waiting, before they expire and after.
func BenchmarkMillion(b *testing.B) {
	const records = 1_000_000
	for b.Loop() {
		now := time.Now()
		var offset atomic.Int64
		s := open(b, options{now: func() time.Time { return now.Add(time.Duration(offset.Load())) }})
		b.ReportMetric(float64(fill(b, s, records)), "B/session")
		start := time.Now()
		worst := longestWait(b, s, func() {
			if n, err := s.Sweep(b.Context(), records); n != 0 || err != nil {
				b.Fatal(n, err)
			}
		})
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "idle-sweep-ms")
		b.ReportMetric(float64(worst.Microseconds()), "idle-wait-us")
		offset.Store(int64(2 * time.Hour)) // everything has expired
		start = time.Now()
		worst = longestWait(b, s, func() {
			if n, err := s.Sweep(b.Context(), records); n != records || err != nil {
				b.Fatal(n, err)
			}
		})
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "sweep-ms")
		b.ReportMetric(float64(worst.Microseconds()), "sweep-wait-us")
	}
}

// longestWait is the longest time that a Find took while f ran.
func longestWait(b *testing.B, s *memory.Store, f func()) (worst time.Duration) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	for {
		select {
		case <-done:
			return worst
		default:
			start := time.Now()
			s.Find(b.Context(), "none")
			worst = max(worst, time.Since(start))
			time.Sleep(50 * time.Microsecond)
		}
	}
}

func BenchmarkStore(b *testing.B) {
	s := open(b, options{})
	key, data, expiry := strings.Repeat("A", 43), bytes.Repeat([]byte("x"), 70), time.Now().Add(time.Hour)
	storetest.MustPut(b, s, key, data, expiry)
	b.Run("Find", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Find(b.Context(), key)
		}
	})
	b.Run("Swap", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Swap(b.Context(), session.Change{Key: key, Old: data, New: data, Expiry: expiry})
		}
	})
}
