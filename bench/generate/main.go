// Command generate measures "sessionseed new" beside other generators: the time
// until the project is written, and until its service answers the first
// request. It writes its report to standard output:
//
//	go run . > RESULTS.md
//
// It runs on Linux and needs node, npm, script (util-linux) and the network: for
// the peers, not for ours.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 6, "interleaved `rounds` with warm caches, at least 6")
	cold := flag.Int("cold", 1, "`rounds` with empty caches")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, max(*rounds, measure.MinRounds), *cold); err != nil {
		log.Fatal(err)
	}
}

// figure is what one run of one generator took, in seconds. It has no first
// answer if what was generated does not serve.
type figure struct {
	made, madeCPU   float64 // until the files are there
	ready, readyCPU float64 // until it can be built or started: after npm install
	answer, allCPU  float64 // until the first answer; CPU without the service's own
	files           float64
}

func run(ctx context.Context, rounds, cold int) error {
	started := time.Now()
	dir, err := os.MkdirTemp("", "bench-generate-")
	if err != nil {
		return err
	}
	// Nothing is removed before the end: ext4 looks at every inode that was given
	// back within the last seconds before it makes a file, and whoever comes after
	// thousands of removed npm packages would pay for them.
	defer os.RemoveAll(dir)
	all, err := generators(ctx, dir)
	if err != nil {
		return err
	}

	// One round that does not count fills the caches: the standard library and the
	// peers' modules are compiled, the npm packages are there.
	warm := newCaches(filepath.Join(dir, "warm"))
	for i, g := range all {
		if _, err := g.measure(ctx, filepath.Join(dir, "fill"), fmt.Sprintf("fill%d", i), warm); err != nil {
			return err
		}
	}
	figures := map[string][]figure{}
	err = measure.Interleave(rounds, len(all), func(round, i int) error {
		f, err := all[i].measure(ctx, filepath.Join(dir, "round"), fmt.Sprintf("r%dx%d", round, i), warm)
		figures[all[i].name] = append(figures[all[i].name], f)
		return err
	})
	if err != nil {
		return err
	}
	colds := map[string][]figure{}
	err = measure.Interleave(cold, len(all), func(round, i int) error {
		name := fmt.Sprintf("c%dx%d", round, i)
		empty := newCaches(filepath.Join(dir, name+"-caches"))
		f, err := all[i].measure(ctx, filepath.Join(dir, "cold"), name, empty)
		colds[all[i].name] = append(colds[all[i].name], f)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Print(report(all, figures, colds, rounds, cold, time.Since(started)))
	return nil
}
