package main

import (
	"fmt"
	"math"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// report is RESULTS.md.
func report(all []generator, warm, cold map[string][]figure, rounds, colds int, took time.Duration) string {
	var r measure.Report
	r.Printf(`# From nothing to the first answer

Written by `+"`go run . > RESULTS.md`"+` in bench/generate. %s.

How long generators take, and their projects until they answer. Seconds are medians of %d rounds in which the generators
take turns. A CPU column is the user and system time of the commands of the column before it.

- **files, s**: until the project is written.
- **can start, s**: also what has to be installed first.
- **first answer, s**: also building, starting and one request. The standard library is compiled; modules and npm packages
  are in the caches. Each round's project has a new name, so its own packages are compiled.
- **cold, s**: the first answer when all caches are empty; %d round(s).

The run took %v.
`, measure.Machine(), rounds, colds, took.Round(time.Second))

	seconds := func(v float64) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f", v)
	}
	var rows [][]string
	for _, g := range all {
		f := warm[g.name]
		answer, coldAnswer := measure.MedianOf(f, answer), measure.MedianOf(cold[g.name], answer)
		rows = append(rows, []string{g.name + " " + g.version,
			fmt.Sprintf("%.0f", measure.MedianOf(f, func(f figure) float64 { return f.files })),
			seconds(measure.MedianOf(f, made)),
			seconds(measure.MedianOf(f, func(f figure) float64 { return f.madeCPU })),
			seconds(measure.MedianOf(f, ready)), seconds(measure.MedianOf(f, readyCPU)),
			seconds(answer), seconds(measure.MedianOf(f, allCPU)), seconds(coldAnswer), g.note})
	}
	r.Table([]string{"generator", "files:", "files, s:", "CPU s:", "can start, s:", "CPU s:", "first answer, s:",
		"CPU s:", "cold, s:", "what it writes"}, rows)

	fastest, name := math.Inf(1), ""
	for _, g := range all {
		if t := measure.MedianOf(warm[g.name], ready); g.start != nil && g.name != ours && t < fastest {
			fastest, name = t, g.name
		}
	}
	times := func(name string, of func(figure) float64) float64 {
		return measure.MedianOf(warm[name], of) / measure.MedianOf(warm[ours], of)
	}
	r.Printf("Of the other generators that write a service, %s is the fastest until it can start. The files of "+
		"express-generator alone, "+
		"which cannot start, take %.1f times as long as ours, and %.1f times the CPU time.\n",
		name, times(express, made), times(express, func(f figure) float64 { return f.madeCPU }))
	first := func(name string) (clock, cpu float64) {
		return measure.MedianOf(warm[name], answer), measure.MedianOf(warm[name], allCPU)
	}
	clock, cpu := first(ours)
	helloClock, helloCPU := first(goBlueprint)
	r.Aims([]measure.Aim{
		{Aim: "new: at least 4 times faster than the fastest that yields a service",
			Reached: fmt.Sprintf("%.1f times, %.1f times less CPU (%s)", times(name, ready), times(name, readyCPU),
				name),
			Met: times(name, ready) >= 4},
		{Aim: "from new to the first answer within 1.2 s, warm",
			Reached: fmt.Sprintf("%.2f s by the clock, %.2f s CPU (%s, a hello world: %.2f and %.2f)",
				clock, cpu, goBlueprint, helloClock, helloCPU),
			Met: clock <= 1.2},
	})
	return r.String()
}

func made(f figure) float64     { return f.made }
func ready(f figure) float64    { return f.ready }
func answer(f figure) float64   { return f.answer }
func readyCPU(f figure) float64 { return f.readyCPU }
func allCPU(f figure) float64   { return f.allCPU }
