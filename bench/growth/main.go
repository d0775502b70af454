// Command growth measures how the costs grow: of the memory store with the
// number of sessions, of the CORS check with the number of origins, and of
// planning a regenerate with the number of the owner's files. It draws each
// curve as an SVG file and writes its report to standard output:
//
//	go run . > RESULTS.md
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// curve is one cost against one size.
type curve struct {
	file, title, x, y string
	points            []point
	claim             string
	holds             func(points []point) (bool, string)
}

type point struct{ x, y float64 }

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 7, "interleaved `rounds`, at least 6")
	flag.Parse()
	if err := run(max(*rounds, measure.MinRounds)); err != nil {
		log.Fatal(err)
	}
}

func run(rounds int) error {
	started := time.Now()
	var curves []curve
	for _, take := range []func(int) ([]curve, error){sessionCurves, originCurves, ownerCurves} {
		some, err := take(rounds)
		if err != nil {
			return err
		}
		curves = append(curves, some...)
	}
	var r measure.Report
	r.Printf("# How the costs grow\n\nWritten by `go run . > RESULTS.md` in bench/growth. %s.\n\n", measure.Machine())
	r.Printf("Figures are medians of %d rounds in which the sizes take turns, and times are CPU time. A sweep "+
		"removes expired sessions; the longest read during one is by the clock and from the round in which it "+
		"is shortest. The slowest reads, which together took a tenth of the time, are left out: there the processor was "+
		"busy with something else. The run took %v.\n",
		rounds, time.Since(started).Round(time.Second))
	var aims []measure.Aim
	for _, c := range curves {
		if err := os.WriteFile(c.file, []byte(plot(c)), 0o644); err != nil {
			return err
		}
		var rows [][]string
		for _, p := range c.points {
			rows = append(rows, []string{number(p.x), number(p.y)})
		}
		r.Printf("\n## %s\n\n![%s](%s)\n", c.title, c.title, c.file)
		r.Table([]string{c.x + ":", c.y + ":"}, rows)
		met, reached := c.holds(c.points)
		aims = append(aims, measure.Aim{Aim: c.claim, Reached: reached, Met: met})
	}
	r.Aims(aims)
	fmt.Print(r.String())
	return nil
}

// flat says that the last cost is at most the given number of times the first.
func flat(most float64) func([]point) (bool, string) {
	return func(points []point) (bool, string) {
		ratio := points[len(points)-1].y / points[0].y
		return ratio <= most, fmt.Sprintf("%.1f times", ratio)
	}
}

// below says that no cost is above the limit.
func below(limit float64, unit string) func([]point) (bool, string) {
	return func(points []point) (bool, string) {
		most := 0.0
		for _, p := range points {
			most = max(most, p.y)
		}
		return most <= limit, number(most) + " " + unit
	}
}
