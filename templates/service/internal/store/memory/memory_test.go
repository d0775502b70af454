package memory_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func open(t testing.TB, o memory.Options) *memory.Store {
	t.Helper()
	s, err := memory.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) session.Store {
		store, err := memory.Open(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	})
}

func TestBound(t *testing.T) {
	now := time.Now()
	s := open(t, memory.Options{MaxRecords: 3, Now: func() time.Time { return now }})
	ctx := t.Context()
	for i := range 3 {
		if err := s.Commit(ctx, fmt.Sprint(i), []byte("x"), now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Commit(ctx, "3", nil, now.Add(time.Minute)); !errors.Is(err, memory.ErrFull) {
		t.Errorf("Commit over the bound = %v, want ErrFull", err)
	}
	if swapped, err := s.Swap(ctx, "4", nil, []byte("x"), now.Add(time.Minute)); swapped || !errors.Is(err, memory.ErrFull) {
		t.Errorf("Swap over the bound = %v, %v, want ErrFull", swapped, err)
	}
	if err := s.Commit(ctx, "1", []byte("y"), now.Add(time.Minute)); err != nil {
		t.Errorf("a change of a record that exists = %v", err)
	}
	if err := s.Delete(ctx, "1"); err != nil {
		t.Error(err)
	}
	if err := s.Commit(ctx, "3", nil, now.Add(time.Minute)); err != nil {
		t.Errorf("Commit with room = %v", err)
	}
	now = now.Add(time.Hour)
	if n, err := s.Sweep(ctx, 100); n != 3 || err != nil || s.Len() != 0 {
		t.Errorf("Sweep = %d, %v, and %d are left", n, err, s.Len())
	}
	if _, err := memory.New(memory.Options{MaxRecords: -1}); err == nil {
		t.Error("New took a negative bound")
	}
}

// When the store is full, expired records make room without waiting for the sweep.
func TestExpiredMakeRoom(t *testing.T) {
	now := time.Now()
	s := open(t, memory.Options{MaxRecords: 1000, Now: func() time.Time { return now }})
	for i := range 1000 {
		s.Commit(t.Context(), fmt.Sprint(i), nil, now.Add(time.Minute))
	}
	now = now.Add(time.Hour)
	for i := range 1000 {
		if err := s.Commit(t.Context(), fmt.Sprint("new", i), nil, now.Add(time.Minute)); err != nil {
			t.Fatalf("new record %d: %v", i, err)
		}
	}
}

// Attempts that are refused do not put it off either, however quickly they follow one another.
func TestRoomDuringFlood(t *testing.T) {
	start := time.Now().Truncate(time.Second)
	now := start
	s := open(t, memory.Options{MaxRecords: 1, Now: func() time.Time { return now }})
	s.Commit(t.Context(), "old", nil, start.Add(time.Minute))
	for ; now.Before(start.Add(time.Minute)); now = now.Add(500 * time.Millisecond) {
		if err := s.Commit(t.Context(), "new", nil, now.Add(time.Minute)); !errors.Is(err, memory.ErrFull) {
			t.Fatalf("Commit over the bound = %v, want ErrFull", err)
		}
	}
	if err := s.Commit(t.Context(), "new", nil, now.Add(time.Minute)); err != nil {
		t.Errorf("Commit a second after the last look, where the other record has expired = %v", err)
	}
}

// A clock that is set back does not put off the next look for room.
func TestRoomAfterClockSetBack(t *testing.T) {
	start := time.Now()
	now := start
	s := open(t, memory.Options{MaxRecords: 1, Now: func() time.Time { return now }})
	s.Commit(t.Context(), "old", nil, start.Add(time.Hour))
	if err := s.Commit(t.Context(), "new", nil, start.Add(time.Hour)); !errors.Is(err, memory.ErrFull) {
		t.Fatalf("Commit over the bound = %v, want ErrFull", err)
	}
	now = start.Add(-time.Hour)
	s.Commit(t.Context(), "old", nil, now.Add(time.Minute))
	now = now.Add(2 * time.Minute)
	if err := s.Commit(t.Context(), "new", nil, now.Add(time.Minute)); err != nil {
		t.Errorf("Commit where the other record has expired = %v", err)
	}
}

// The count must not drift, or the bound would close or open by and by.
func TestCount(t *testing.T) {
	s := open(t, memory.Options{})
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for i := range 300 {
				key := fmt.Sprint((i + n) % 50)
				expiry := time.Now().Add(time.Duration(i%3-1) * time.Minute)
				switch i % 5 {
				case 0:
					s.Delete(t.Context(), key)
				case 1:
					s.Swap(t.Context(), key, nil, []byte("x"), expiry)
				case 2:
					s.Touch(t.Context(), key, expiry)
				case 3:
					s.Sweep(t.Context(), 2)
				default:
					s.Commit(t.Context(), key, []byte("x"), expiry)
				}
			}
		})
	}
	wg.Wait()
	live := 0
	for i := range 50 {
		if _, found, _ := s.Find(t.Context(), fmt.Sprint(i)); found {
			live++
		}
	}
	if s.Len() != live {
		t.Errorf("Len = %d, but %d records can be found", s.Len(), live)
	}
}

func TestSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, memory.Options{Snapshot: path})
	want := map[string]string{"a": "", "b": "\x00\xff", strings.Repeat("k", 43): strings.Repeat("v", 10_000)}
	for key, value := range want {
		s.Commit(t.Context(), key, []byte(value), time.Now().Add(time.Hour))
	}
	soon := time.Now().Add(20 * time.Millisecond)
	s.Commit(t.Context(), "expires meanwhile", nil, soon)
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("snapshot: %v, %v", info, err)
	}
	time.Sleep(time.Until(soon.Add(time.Millisecond)))

	s = open(t, memory.Options{Snapshot: path})
	for key, value := range want {
		if got, found, err := s.Find(t.Context(), key); string(got) != value || !found || err != nil {
			t.Errorf("Find(%.5q) = %.10q, %v, %v", key, got, found, err)
		}
	}
	if s.Len() != len(want) {
		t.Errorf("Len = %d, want %d", s.Len(), len(want))
	}
	// A crash now must not bring back what has ended since: the file is gone.
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the snapshot is still there: %v", err)
	}
	if left, _ := filepath.Glob(path + "*"); len(left) != 0 {
		t.Errorf("files left: %q", left)
	}
}

func TestDamagedSnapshot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions")
	s := open(t, memory.Options{Snapshot: path})
	s.Commit(t.Context(), "a", []byte("data"), time.Now().Add(time.Hour))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(good)
	flipped[20] ^= 1
	for name, data := range map[string][]byte{"empty": {}, "other": []byte("PNG"), "cut": good[:len(good)-1], "flipped": flipped} {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := memory.New(memory.Options{Snapshot: path}); err == nil || !strings.Contains(err.Error(), "remove the file") {
			t.Errorf("%s: New = %v, want an error with a remedy", name, err)
		}
		if got, _ := os.ReadFile(path); !bytes.Equal(got, data) {
			t.Errorf("%s: the file was changed", name)
		}
	}
}

// A snapshot that cannot be written stops the start: at the stop it would cost all sessions.
func TestSnapshotRefused(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct{ url, want string }{
		"no such directory": {filepath.Join(dir, "no", "sessions.snapshot"), "make the directory"},
		"below a file":      {filepath.Join(file, "sessions.snapshot"), "name another file"},
		"a directory":       {dir, "directory"},
		"redis":             {"redis://:geheim@127.0.0.1:6379/0", "another store"},
		"unix":              {"unix:///run/redis.sock?password=geheim", "another store"},
		"postgres":          {"postgres://ann:geheim@127.0.0.1/db", "another store"},
		"without slashes":   {"redis:geheim@127.0.0.1", "another store"},
		"keywords":          {"host=/run/postgresql password=geheim dbname=db", "another store"},
		"file URL":          {"file:geheim.db?mode=ro", "another store"},
		"no file":           {":memory:", "another store"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			_, err := memory.Open(t.Context(), test.url)
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "geheim") {
				t.Errorf("Open(%q) = %v, want an error with %q and without the password", test.url, err, test.want)
			}
			if left, _ := os.ReadDir("."); len(left) != 0 {
				t.Errorf("Open(%q) made %v", test.url, left)
			}
		})
	}
}

func TestSnapshotDirectoryReadOnly(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sessions.snapshot")
	if err := open(t, memory.Options{Snapshot: path}).Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.Chmod(dir, 0o700) })
	probe, err := os.CreateTemp(dir, "probe")
	if err == nil { // root, or a system where the mode of a directory says nothing
		probe.Close()
		os.Remove(probe.Name())
	}
	if _, openErr := memory.Open(t.Context(), path); (openErr == nil) != (err == nil) {
		t.Errorf("Open = %v where a new file = %v", openErr, err)
	}
}

// Names that only look a little like URLs are paths.
func TestSnapshotPaths(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("a=b", 0o700); err != nil {
		t.Fatal(err)
	}
	names := []string{"sessions.snapshot", "./sessions=1", "./a=b/sessions", filepath.Join(t.TempDir(), "sessions=1")}
	if runtime.GOOS != "windows" {
		names = append(names, "./sessions:1", `C:\sessions`, "C:sessions")
	}
	for _, name := range names {
		s, err := memory.Open(t.Context(), name)
		if err != nil {
			t.Errorf("Open(%q) = %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close of %q = %v", name, err)
		}
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
	}
}

// A session of three small values must cost at most 220 bytes of heap. The test takes fewer sessions than a million, to be quick;
// see BenchmarkMillion for those.
func TestBytesPerRecord(t *testing.T) {
	const records = 200_000
	s := open(t, memory.Options{MaxRecords: records})
	if got := fill(t, s, records); got > 220 {
		t.Errorf("%d bytes a record, want at most 220", got)
	}
}

// fill commits records like those of the session manager and returns the bytes of heap that each costs.
func fill(t testing.TB, s *memory.Store, records int) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	data := []byte("\x01\x00123456123456" + `{"user":"u-123456","count":42,"theme":"dark-blue"}`)
	expiry := time.Now().Add(time.Hour)
	key := make([]byte, 43)
	for i := range records {
		copy(key, bytes.Repeat([]byte("A"), 43))
		copy(key, fmt.Appendf(nil, "%x", uint64(i)*0x9E3779B97F4A7C15))
		if err := s.Commit(t.Context(), string(key), data, expiry); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(s)
	return (after.HeapAlloc - before.HeapAlloc) / uint64(records)
}

// BenchmarkMillion reports the bytes of a million sessions, and the longest time that a sweep of them keeps another caller waiting.
func BenchmarkMillion(b *testing.B) {
	const records = 1_000_000
	for b.Loop() {
		now := time.Now()
		var offset time.Duration
		s := open(b, memory.Options{Now: func() time.Time { return now.Add(offset) }})
		b.ReportMetric(float64(fill(b, s, records)), "B/session")
		offset = 2 * time.Hour // everything has expired
		var worst, total time.Duration
		for s.Len() > 0 {
			start := time.Now()
			if _, err := s.Sweep(b.Context(), 1); err != nil { // at most one lock with something to remove
				b.Fatal(err)
			}
			took := time.Since(start)
			worst, total = max(worst, took), total+took
			if s.Len() < records-2000 {
				break
			}
		}
		b.ReportMetric(float64(worst.Microseconds()), "worst-step-us")
		start := time.Now()
		if n, err := s.Sweep(b.Context(), records); err != nil || s.Len() != 0 {
			b.Fatal(n, err)
		}
		b.ReportMetric(float64(time.Since(start).Milliseconds()), "sweep-ms")
	}
}

func BenchmarkStore(b *testing.B) {
	s := open(b, memory.Options{})
	key, data, expiry := strings.Repeat("A", 43), bytes.Repeat([]byte("x"), 70), time.Now().Add(time.Hour)
	b.Run("Commit", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Commit(b.Context(), key, data, expiry)
		}
	})
	b.Run("Find", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Find(b.Context(), key)
		}
	})
	b.Run("Swap", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			s.Swap(b.Context(), key, data, data, expiry)
		}
	})
}
