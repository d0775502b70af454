// Command session measures this project's sessions beside those of
// github.com/alexedwards/scs v2, both with their memory stores, and writes
// RESULTS.md:
//
//	go run .
//
// Figures are CPU time of the process (getrusage: user and system, with the
// garbage collector's share), in rounds that take turns, so that a machine which
// is busy with something else slows all of them alike.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 9, "interleaved `rounds`, at least 6")
	share := flag.Duration("share", 400*time.Millisecond, "CPU `time` that each subject gets in a round")
	out := flag.String("o", "RESULTS.md", "`file` to write")
	flag.Parse()
	if err := run(max(*rounds, 6), *share, *out); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int, share time.Duration, out string) error {
	// Memory first, while nothing else is on the heap.
	oursHeap, err := heap(fillOurs)
	if err != nil {
		return fmt.Errorf("fill our store: %w", err)
	}
	scsHeap, err := heap(fillSCS)
	if err != nil {
		return fmt.Errorf("fill the store of scs: %w", err)
	}
	all, err := subjects()
	if err != nil {
		return err
	}
	text := report(measure(all, rounds, share), rounds, share, oursHeap, scsHeap)
	fmt.Print(text)
	return os.WriteFile(out, []byte(text), 0o644)
}

// figure is what one round of one subject cost for each request.
type figure struct{ cpu, allocs, bytes float64 }

// batch is how many requests are answered between two looks at the clock.
const batch = 5000

// measure lets the subjects take turns, each round beginning with another.
func measure(all []subject, rounds int, share time.Duration) map[string][]figure {
	for _, s := range all {
		s.round(batch) // warm up
	}
	figures := make(map[string][]figure)
	for i := range rounds {
		for j := range all {
			s := all[(i+j)%len(all)]
			figures[s.name] = append(figures[s.name], s.measure(share))
		}
	}
	return figures
}

// measure answers requests for the given CPU time.
func (s subject) measure(share time.Duration) figure {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu, n := cpuTime(), time.Duration(0), 0.0
	for cpu < share {
		s.round(batch)
		n += batch
		cpu = cpuTime() - start
	}
	runtime.ReadMemStats(&after)
	return figure{
		cpu:    float64(cpu) / n,
		allocs: float64(after.Mallocs-before.Mallocs) / n,
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
	}
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // never fails for RUSAGE_SELF
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
