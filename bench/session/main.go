// Command session measures this project's sessions beside those of
// github.com/alexedwards/scs v2 and others, with their stores in memory (that
// of gorilla/sessions is the cookie), and writes RESULTS.md:
//
//	go run .
//
// Figures are CPU time (getrusage: user and system, with the garbage collector's
// share), in rounds that take turns, so that a machine which is busy with
// something else slows all of them alike. Each row has a process of its own.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 9, "interleaved `rounds`, at least 6")
	share := flag.Duration("share", 400*time.Millisecond, "CPU `time` that each row gets in a round")
	out := flag.String("o", "RESULTS.md", "`file` to write")
	flag.Parse()
	if err := run(max(*rounds, measure.MinRounds), *share, *out); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int, share time.Duration, out string) error {
	dir, err := os.MkdirTemp("", "bench-session-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := build(dir); err != nil {
		return fmt.Errorf("build: %w", err)
	}
	heaps := map[string]float64{}
	for _, library := range []string{"ours", "scs"} {
		if heaps[library], err = heap(dir, library); err != nil {
			return fmt.Errorf("heap of %s: %w", library, err)
		}
	}
	figures, err := measureAll(dir, rounds, share)
	if err != nil {
		return err
	}
	text := report(figures, rounds, share, heaps)
	fmt.Print(text)
	return os.WriteFile(out, []byte(text), 0o644)
}

// measureAll lets the rows take turns.
func measureAll(dir string, rounds int, share time.Duration) (map[string][]subject.Figure, error) {
	var all []*process
	for _, r := range rows {
		p, err := start(dir, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.name, err)
		}
		defer p.stop()
		all = append(all, p)
	}
	figures := make(map[string][]subject.Figure)
	err := measure.Interleave(rounds, len(all), func(_, i int) error {
		f, err := all[i].measure(share)
		if err != nil {
			return fmt.Errorf("%s: %w", rows[i].name, err)
		}
		figures[rows[i].name] = append(figures[rows[i].name], f)
		return nil
	})
	return figures, err
}
