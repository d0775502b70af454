// Command cors measures the service's CORS middleware beside jub0bs/cors,
// rs/cors and gorilla/handlers, and writes its report to standard output:
//
//	go run . > RESULTS.md
//
// Its tests compare decisions in place of time: thousands of random
// configurations and requests are given to ours and to jub0bs/cors, and every
// difference must be one of those listed there, each with its reason.
package main

import (
	"flag"
	"fmt"
	"log"
	"runtime"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 9, "interleaved `rounds`, at least 6")
	share := flag.Duration("share", 60*time.Millisecond, "CPU `time` for each request of each library in a round")
	flag.Parse()
	if err := run(max(*rounds, measure.MinRounds), *share); err != nil {
		log.Fatal(err)
	}
}

// figure is what one request cost in one round.
type figure struct{ cpu, allocs, bytes float64 } // cpu in ns

func run(rounds int, share time.Duration) error {
	started := time.Now()
	all, err := subjects()
	if err != nil {
		return err
	}
	figures := map[string][]figure{}
	err = measure.Interleave(rounds, len(all), func(_, i int) error {
		figures[all[i].name()] = append(figures[all[i].name()], all[i].measure(share))
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Print(report(figures, rounds, share, time.Since(started)))
	return nil
}

// measure answers requests for the given CPU time.
func (s subject) measure(share time.Duration) figure {
	const batch = 200
	s.answer(batch) // warm up
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu, n := measure.SelfCPU(), time.Duration(0), 0.0
	for cpu < share {
		s.answer(batch)
		n += batch
		cpu = measure.SelfCPU() - start
	}
	runtime.ReadMemStats(&after)
	return figure{float64(cpu) / n, float64(after.Mallocs-before.Mallocs) / n,
		float64(after.TotalAlloc-before.TotalAlloc) / n}
}
