// Command session measures this project's sessions beside those of
// github.com/alexedwards/scs v2, both with their memory stores, and writes
// RESULTS.md:
//
//	go run .
//
// Figures are CPU time (getrusage: user and system, with the garbage collector's
// share), in rounds that take turns, so that a machine which is busy with
// something else slows all of them alike. Each subject has a process of its own:
// a collector that marks what the others keep would cost the frugal ones more
// than their own garbage does.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 9, "interleaved `rounds`, at least 6")
	share := flag.Duration("share", 400*time.Millisecond, "CPU `time` that each subject gets in a round")
	out := flag.String("o", "RESULTS.md", "`file` to write")
	only := flag.String("subject", "", "be the process of one subject, which the others are measured beside")
	flag.Parse()
	var err error
	if *only != "" {
		err = serve(*only)
	} else {
		err = run(max(*rounds, measure.MinRounds), *share, *out)
	}
	if err != nil {
		log.Fatal(err)
	}
}

func run(rounds int, share time.Duration, out string) error {
	oursHeap, err := heap(fillOurs)
	if err != nil {
		return fmt.Errorf("fill our store: %w", err)
	}
	scsHeap, err := heap(fillSCS)
	if err != nil {
		return fmt.Errorf("fill the store of scs: %w", err)
	}
	figures, err := measureAll(rounds, share)
	if err != nil {
		return err
	}
	text := report(figures, rounds, share, oursHeap, scsHeap)
	fmt.Print(text)
	return os.WriteFile(out, []byte(text), 0o644)
}

// measureAll lets the subjects take turns.
func measureAll(rounds int, share time.Duration) (map[string][]figure, error) {
	var all []*process
	for _, s := range subjects() {
		p, err := start(s.name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		defer p.stop()
		all = append(all, p)
	}
	figures := make(map[string][]figure)
	err := measure.Interleave(rounds, len(all), func(_, i int) error {
		f, err := all[i].measure(share)
		if err != nil {
			return fmt.Errorf("%s: %w", all[i].name, err)
		}
		figures[all[i].name] = append(figures[all[i].name], f)
		return nil
	})
	return figures, err
}
