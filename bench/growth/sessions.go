package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// recordBytes is the length of a session of three small values as the session
// package stores it.
const recordBytes = 64

// sessionCurves fills a memory store of each size anew in every round.
func sessionCurves(rounds int) ([]curve, error) {
	sizes := []int{1_000, 10_000, 100_000, 1_000_000}
	var heaps, reads [4][]float64
	var locks [4][]time.Duration // the least of all rounds for each lock
	err := measure.Interleave(rounds, len(sizes), func(_, i int) error {
		heap, read, held, err := fill(sizes[i])
		heaps[i], reads[i] = append(heaps[i], heap), append(reads[i], read)
		if locks[i] == nil {
			locks[i] = held
		}
		for j, h := range held {
			locks[i][j] = min(locks[i][j], h)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var heap, read, hold []point
	for i, n := range sizes {
		heap = append(heap, point{float64(n), measure.Median(heaps[i])})
		read = append(read, point{float64(n), measure.Median(reads[i])})
		hold = append(hold, point{float64(n), float64(slices.Max(locks[i])) / float64(time.Microsecond)})
	}
	return []curve{
		{"sessions-heap.svg", "Memory store: heap of one session", "sessions", "bytes", heap,
			"heap of a session at a million: at most 220 bytes", func(p []point) (bool, string) {
				last := p[len(p)-1].y
				return last <= 220, number(last) + " bytes"
			}},
		{"sessions-read.svg", "Memory store: one read", "sessions", "ns CPU", read, "a read among a million costs at most 6 times one among a thousand (caches)", flat(6)},
		{"sessions-sweep.svg", "Memory store: longest lock of a sweep", "sessions", "µs", hold, "a sweep holds no lock longer than 1 ms", below(1000, "µs")},
	}, nil
}

// clock is the store's clock. A sweep asks it once for each shard, with the lock
// held, so the time between two questions is that of one lock and what is
// around it.
type clock struct {
	now    time.Time
	timing bool
	last   time.Time
	held   []time.Duration
}

func (c *clock) ask() time.Time {
	if c.timing {
		at := time.Now()
		if !c.last.IsZero() {
			c.held = append(c.held, at.Sub(c.last))
		}
		c.last = at
	}
	return c.now
}

// fill makes n sessions, every fourth of them expired by the time of the sweep.
func fill(n int) (heap, read float64, held []time.Duration, err error) {
	c := &clock{now: time.Now()}
	before := live()
	store, err := memory.New(memory.Options{Now: c.ask})
	if err != nil {
		return 0, 0, nil, err
	}
	ctx, data := context.Background(), make([]byte, recordBytes)
	for i := range n {
		life := time.Hour
		if i%4 == 0 {
			life = time.Minute
		}
		if err := store.Commit(ctx, key(i), data, c.now.Add(life)); err != nil {
			return 0, 0, nil, err
		}
	}
	heap = float64(live()-before) / float64(n)

	const looks = 20_000
	var keys [looks]string
	for i := range keys {
		keys[i] = key(rand.IntN(n))
	}
	cpu := measure.SelfCPU()
	for _, k := range keys {
		if _, found, err := store.Find(ctx, k); err != nil || !found {
			return 0, 0, nil, fmt.Errorf("read %q: found %t, %w", k, found, err)
		}
	}
	read = float64(measure.SelfCPU()-cpu) / looks

	c.now, c.timing = c.now.Add(2*time.Minute), true
	if removed, err := store.Sweep(ctx, n); err != nil || removed != (n+3)/4 {
		return 0, 0, nil, fmt.Errorf("sweep removed %d of %d: %w", removed, (n+3)/4, err)
	}
	return heap, read, c.held, nil
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// key has the form of the session package's keys.
func key(i int) string {
	sum := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(i)))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
