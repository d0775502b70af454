package storetest

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Quick is how long a call may take while the store's server is away: the three seconds that stores promise, and two
// more for a machine that is busy with other tests. A driver's own limits are far beyond.
const Quick = 5 * time.Second

// Restart stops and starts the store's server while eight clients write and read. It wants every call to end quickly,
// errors while the server is away, success soon after it is back without any help, and each confirmed record found.
// The server must keep its data over stop and start.
func Restart(t *testing.T, s Store, stop, start func() error) {
	t.Helper()
	w := workload{store: s}
	ctx, end := context.WithCancel(t.Context())
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() { w.run(ctx) })
	}
	defer clients.Wait()
	defer end()

	w.waitFor(t, "writes before the stop", &w.writes, 200)
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	w.waitFor(t, "errors while the server is away", &w.errors, 20)
	if err := start(); err != nil {
		t.Fatal(err)
	}
	w.waitFor(t, "writes after the start", &w.writes, 200)
	end()
	clients.Wait()

	if slowest := time.Duration(w.slowest.Load()); slowest > Quick {
		t.Errorf("the slowest call took %v, want at most %v", slowest, Quick)
	}
	for _, fault := range w.faults {
		t.Error(fault)
	}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) { // the last node of a Cluster
		if _, err := s.Find(t.Context(), w.confirmed...); err == nil || time.Now().After(deadline) {
			break
		}
	}
	WantAll(t, s, w.confirmed)
	t.Logf("%d writes, %d errors such as %q, slowest call %v",
		len(w.confirmed), w.errors.Load(), w.example, time.Duration(w.slowest.Load()))
}

// workload is what the clients of Restart have done and seen.
type workload struct {
	store                   session.Store
	writes, errors, slowest atomic.Int64

	mu        sync.Mutex
	confirmed []string // keys of the records that the store has confirmed
	faults    []string
	example   string // one error
}

// run writes records and reads back the last confirmed one, until ctx ends.
func (w *workload) run(ctx context.Context) {
	last := ""
	for ctx.Err() == nil {
		key := NewKey()
		create := session.Change{Key: key, New: []byte(key), Expiry: hour()}
		err := w.timed(func() error { _, err := w.store.Swap(context.WithoutCancel(ctx), create); return err })
		if err == nil {
			w.writes.Add(1)
			w.mu.Lock()
			w.confirmed = append(w.confirmed, key)
			w.mu.Unlock()
			last = key
		}
		if last == "" {
			continue
		}
		w.timed(func() error {
			found, err := w.store.Find(context.WithoutCancel(ctx), last)
			if err == nil && string(found[0]) != last {
				w.mu.Lock()
				w.faults = append(w.faults, fmt.Sprintf("Find(%q) = %q, nil after a confirmed write", last, found))
				w.mu.Unlock()
			}
			return err
		})
	}
}

func (w *workload) timed(call func() error) error {
	begin := time.Now()
	err := call()
	raise(&w.slowest, int64(time.Since(begin)))
	if err != nil {
		w.errors.Add(1)
		w.mu.Lock()
		w.example = err.Error()
		w.mu.Unlock()
		time.Sleep(5 * time.Millisecond) // do not spend the whole processor on refused connections
	}
	return err
}

// waitFor waits until the counter has grown by n.
func (w *workload) waitFor(t *testing.T, what string, counter *atomic.Int64, n int64) {
	t.Helper()
	if missing := waitUntil(counter, counter.Load()+n); missing > 0 {
		w.mu.Lock()
		defer w.mu.Unlock()
		t.Fatalf("%s: %d too few after 15 s; last error: %s", what, missing, w.example)
	}
}

// waitUntil waits, at most 15 seconds, until the counter has reached want, and returns how much is missing.
func waitUntil(counter *atomic.Int64, want int64) int64 {
	for deadline := time.Now().Add(15 * time.Second); counter.Load() < want && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	return max(0, want-counter.Load())
}

// raise sets most to n if n is more.
func raise(most *atomic.Int64, n int64) {
	for {
		old := most.Load()
		if n <= old || most.CompareAndSwap(old, n) {
			return
		}
	}
}
