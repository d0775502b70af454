package main

import (
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

// report is RESULTS.md.
func report(figures map[string][]subject.Figure, rounds int, share time.Duration, heaps map[string]float64) string {
	var r measure.Report
	r.Printf(`# Sessions compared with scs, gorilla and gin

Written by `+"`go run .`"+` in bench/session. %s.

The handlers are called directly, without HTTP. The visitor has a session of three small values.

- **ours** is the session package of the generated service: signed cookie, hashed ids, memory store.
- **scs** v%s has its memory store, and neither signed cookies nor hashed ids by default.
- **gorilla** is gorilla/sessions v%s, which keeps sessions in a signed and encrypted cookie.
- **gin** is gin-contrib/sessions v%s with its memory store; gin's routing is included. Each row of gorilla and gin
  includes a copy of the request (320 bytes), since gorilla/sessions keeps what it has read in the request.
- **bare** is the handler without sessions, and "over bare" is what a row costs more than that.
- **floor of a read** is what any read of ours has to do: an HMAC, a SHA-256, a look into a map, and the JSON.
- **untouched** requests do not use the session; **read of many** has %d visitors take turns.

Each figure is the median of %d rounds in which the rows take turns, each for %v. CPU is processor time (getrusage), not
time by the clock. Each row has a process of its own, so that none pays for the garbage collection of what others keep.
`, measure.Machine(), version("github.com/alexedwards/scs/v2"), version("github.com/gorilla/sessions"),
		version("github.com/gin-contrib/sessions"), subject.Many, rounds, share)

	cpu := func(f subject.Figure) float64 { return f.CPU }
	allocs := func(f subject.Figure) float64 { return f.Allocs }
	size := func(f subject.Figure) float64 { return f.Bytes }
	of := func(name string, one func(subject.Figure) float64) float64 {
		return measure.MedianOf(figures[name], one)
	}
	over := func(name string) float64 { return of(name, cpu) - of("bare", cpu) }
	var cells [][]string
	for _, s := range rows {
		var all []float64
		for _, f := range figures[s.name] {
			all = append(all, f.CPU)
		}
		cells = append(cells, []string{s.name, fmt.Sprintf("%.0f", of(s.name, cpu)), fmt.Sprintf("%.0f", over(s.name)),
			fmt.Sprintf("%.0f to %.0f", slices.Min(all), slices.Max(all)), fmt.Sprintf("%.1f", of(s.name, allocs)),
			fmt.Sprintf("%.0f", of(s.name, size))})
	}
	r.Table([]string{"request", "CPU ns:", "over bare:", "lowest to highest:", "allocations:", "bytes:"}, cells)

	// Of rounds pairwise: what the machine did meanwhile cancels out.
	ratio := func(route string) float64 {
		var ratios []float64
		for i, f := range figures["ours "+route] {
			ratios = append(ratios, figures["scs "+route][i].CPU/f.CPU)
		}
		return measure.Median(ratios)
	}
	aim := func(aim string, met bool, format string, args ...any) measure.Aim {
		return measure.Aim{Aim: aim, Reached: fmt.Sprintf(format, args...), Met: met}
	}
	r.Aims([]measure.Aim{
		aim("read of many: at least 5 times less CPU than scs", ratio("read of many") >= 5, "%.1f times",
			ratio("read of many")),
		aim("write: at least 6 times less CPU than scs", ratio("write") >= 6, "%.1f times", ratio("write")),
		aim("untouched: at most 300 ns and 2 allocations over bare",
			over("ours untouched") <= 300 && of("ours untouched", allocs) < 2.5,
			"%.0f ns and %.1f", over("ours untouched"), of("ours untouched", allocs)),
		aim(fmt.Sprintf("heap for each of %d sessions: at most 300 bytes", subject.Population), heaps["ours"] <= 300,
			"%.0f bytes (scs: %.0f)", heaps["ours"], heaps["scs"]),
	})
	r.Printf("\nWith one visitor alone, a read costs %.1f times less CPU than with scs.\n", ratio("read"))
	return r.String()
}

// version is that of a module in go.mod.
func version(module string) string {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Version}}", module).Output()
	if err != nil {
		return "?"
	}
	return strings.TrimPrefix(strings.TrimSpace(string(out)), "v")
}
