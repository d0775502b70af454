package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// sessionCurves fills a memory store of each size again in every round.
func sessionCurves(rounds int) ([]curve, error) {
	sizes := []int{1_000, 10_000, 100_000, 1_000_000}
	heaps, reads, waits := make([][]float64, len(sizes)), make([][]float64, len(sizes)), make([][]float64, len(sizes))
	err := measure.Interleave(rounds, len(sizes), func(_, i int) error {
		heap, read, wait, err := fill(sizes[i])
		heaps[i], reads[i], waits[i] = append(heaps[i], heap), append(reads[i], read), append(waits[i], wait)
		return err
	})
	if err != nil {
		return nil, err
	}
	var heap, read, wait []point
	for i, n := range sizes {
		heap = append(heap, point{float64(n), measure.Median(heaps[i])})
		read = append(read, point{float64(n), measure.Median(reads[i])})
		wait = append(wait, point{float64(n), slices.Min(waits[i])})
	}
	return []curve{
		{"sessions-heap.svg", "Sessions in memory: heap of one", "sessions", "bytes", heap,
			"heap of a session at a million: at most 300 bytes", func(p []point) (bool, string) {
				last := p[len(p)-1].y
				return last <= 300, number(last) + " bytes"
			}},
		{"sessions-read.svg", "Sessions in memory: one read", "sessions", "ns CPU", read,
			"a read among a million costs at most 3 times one among a thousand (caches)", flat(3)},
		{"sessions-sweep.svg", "Sessions in memory: longest read during a sweep", "sessions", "µs", wait,
			"a sweep keeps no read waiting longer than 1 ms", below(1000, "µs")},
	}, nil
}

// values is a session of three small values.
type values struct {
	User  string `json:"user,omitempty"`
	Count int    `json:"count,omitempty"`
	Theme string `json:"theme,omitempty"`
}

// sessions is a service that opens sessions of this age and reads them.
type sessions struct{ open, read http.Handler }

func newSessions(store session.Store, maxAge time.Duration, now func() time.Time) (sessions, error) {
	c := session.Defaults()
	c.Store, c.Keys, c.MaxAge, c.Now = store, [][]byte{bytes.Repeat([]byte{1}, 32)}, maxAge, now
	m, err := session.New[values](c)
	if err != nil {
		return sessions{}, err
	}
	handler := func(h http.HandlerFunc) http.Handler { return m.Middleware(h) }
	return sessions{
		open: handler(func(_ http.ResponseWriter, r *http.Request) { m.Get(r).V = values{"ann", 1, "dark"} }),
		read: handler(func(w http.ResponseWriter, r *http.Request) {
			if m.Get(r).V.User != "ann" {
				http.Error(w, "no session", http.StatusUnauthorized)
			}
		}),
	}, nil
}

// fill makes n sessions, every fourth of them expired by the time of the sweep. wait is how many microseconds the
// longest read took meanwhile; see longest.
func fill(n int) (heap, read, wait float64, err error) {
	now := time.Now()
	clock := func() time.Time { return now }
	const looks = 20_000
	cookies := make([]byte, 0, looks*256) // in one piece, so that they are not counted as heap of the sessions
	before := live()
	store, err := memory.New(2_000_000, "", clock)
	if err != nil {
		return 0, 0, 0, err
	}
	long, err := newSessions(store, time.Hour, clock)
	if err != nil {
		return 0, 0, 0, err
	}
	short, err := newSessions(store, time.Minute, clock)
	if err != nil {
		return 0, 0, 0, err
	}
	w, anonymous := &discard{header: http.Header{}}, httptest.NewRequest("GET", "/", nil)
	kept := max(1, n/looks)
	for i := range n {
		service := long
		if i%4 == 0 {
			service = short
		}
		clear(w.header)
		service.open.ServeHTTP(w, anonymous)
		if i%kept == kept-1 && len(cookies) < looks*200 {
			cookie, _, _ := strings.Cut(w.header.Get("Set-Cookie"), ";")
			cookies = append(append(cookies, cookie...), '\n')
		}
	}
	heap = float64(live()-before) / float64(n)

	var visitors []*http.Request
	for cookie := range strings.Lines(string(cookies)) {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Cookie", strings.TrimSpace(cookie))
		visitors = append(visitors, r)
	}
	rand.Shuffle(len(visitors), func(i, j int) { visitors[i], visitors[j] = visitors[j], visitors[i] })
	cpu := measure.SelfCPU()
	for i := range looks {
		w.status = 0
		long.read.ServeHTTP(w, visitors[i%len(visitors)])
		if w.status != 0 {
			return 0, 0, 0, fmt.Errorf("read among %d: status %d", n, w.status)
		}
	}
	read = float64(measure.SelfCPU()-cpu) / looks

	now = now.Add(2 * time.Minute)
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // its pauses are not the sweep's
	swept := make(chan error)
	go func() {
		removed, err := store.Sweep(context.Background(), n)
		if err == nil && removed != (n+3)/4 {
			err = fmt.Errorf("the sweep removed %d of %d", removed, (n+3)/4)
		}
		swept <- err
	}()
	var took []time.Duration
	for i := 0; ; i++ {
		start := time.Now()
		long.read.ServeHTTP(w, visitors[i%len(visitors)])
		took = append(took, time.Since(start))
		select {
		case err := <-swept:
			return heap, read, float64(longest(took)) / float64(time.Microsecond), err
		default:
		}
	}
}

// longest is how long the longest of the reads took, but for those in which the last tenth of the time went: there the
// processor was somebody else's.
func longest(took []time.Duration) time.Duration {
	slices.Sort(took)
	var all, sum time.Duration
	for _, t := range took {
		all += t
	}
	for _, t := range took {
		if sum += t; sum >= all*9/10 {
			return t
		}
	}
	return 0
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
