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
	requests := flag.Int("requests", 100_000, "`requests` in each round")
	out := flag.String("o", "RESULTS.md", "`file` to write")
	flag.Parse()
	if err := run(max(*rounds, 6), *requests, *out); err != nil {
		log.Fatal(err)
	}
}

func run(rounds, requests int, out string) error {
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
	text := report(measure(all, rounds, requests), rounds, requests, oursHeap, scsHeap)
	fmt.Print(text)
	return os.WriteFile(out, []byte(text), 0o644)
}

// figure is what one round of one subject cost for each request.
type figure struct{ cpu, allocs, bytes float64 }

// measure lets the subjects take turns, each round beginning with another.
func measure(all []subject, rounds, requests int) map[string][]figure {
	for _, s := range all {
		s.round(requests / 10) // warm up
	}
	figures := make(map[string][]figure)
	for i := range rounds {
		for j := range all {
			s := all[(i+j)%len(all)]
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := cpuTime()
			s.round(requests)
			cpu := cpuTime() - start
			runtime.ReadMemStats(&after)
			n := float64(requests)
			figures[s.name] = append(figures[s.name], figure{
				cpu:    float64(cpu) / n,
				allocs: float64(after.Mallocs-before.Mallocs) / n,
				bytes:  float64(after.TotalAlloc-before.TotalAlloc) / n,
			})
		}
	}
	return figures
}

// cpuTime is the CPU time that this process has used.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // never fails for RUSAGE_SELF
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
