package main

import (
	"fmt"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
	"github.com/sessionseed/sessionseed/templates/service/bench/service"
)

// figures are those of each service and route, one a round.
type figures map[string]map[service.Route][]service.Figure

// report is RESULTS.md.
func report(all []*service.Service, figures figures, memory map[string][2]int64, s settings, apart bool,
	took time.Duration) (string, error) {
	versions, err := service.Versions("peers",
		[]string{"koa", "koa-session", "@koa/cors", "@koa/router", "pino", "express", "express-session"},
		[]string{"github.com/alexedwards/scs/v2"})
	if err != nil {
		return "", err
	}
	var r measure.Report
	where := "Services and load share the processors"
	if apart {
		where = "Services are kept to the first processor and the load to the others"
	}
	r.Printf(`# The service over HTTP

Written by `+"`go run . > RESULTS.md`"+` in bench/http. %s; %s.

The routes do not use the session (untouched), read it, or change it (write). %d keep-alive connections on loopback, each
with its own session of three small values, ask as fast as they are answered. %s.

- **emitted** is what `+"`sessionseed new`"+` writes, with these routes added. Its access log, CORS, captcha and
  CrossOriginProtection are on.
- **koa with the same duties** has koa-session, @koa/cors, @koa/router, the same headers and a JSON access log by pino.
- The other services have their session middleware and the routes alone.

Each figure is the median of %d rounds of %d requests to a route, in which the services take turns. CPU is that of the
service's process, user and system. "requests in koa's CPU time" is how many the service answers in the CPU time that
"%s" needs for one. Half of the requests were answered within p50, and 99 of 100 within p99. All
logs go to the null device. The services in Go run with GOMAXPROCS=1, since node never uses more than one processor;
without that the emitted one would use all. The run took %v.
`, measure.Machine(), versions, s.clients, where, s.rounds, s.requests, koaMemory, took.Round(time.Second))

	for _, route := range routes {
		var rows [][]string
		for _, one := range all {
			f := figures[one.Name][route]
			koa := figures[koaMemory][route]
			rows = append(rows, []string{one.Name,
				fmt.Sprintf("%.0f", measure.MedianOf(f, service.PerSecond)),
				fmt.Sprintf("%.1f", measure.MedianOf(f, service.CPU)),
				fmt.Sprintf("%.2f", measure.MedianOf(koa, service.CPU)/measure.MedianOf(f, service.CPU)),
				fmt.Sprintf("%.0f", measure.MedianOf(f, service.P50)),
				fmt.Sprintf("%.0f", measure.MedianOf(f, func(f service.Figure) float64 { return f.P99 })),
			})
		}
		r.Printf("\n## %s\n", route)
		r.Table([]string{"service", "requests/s:", "CPU µs per request:", "requests in koa's CPU time:", "p50 µs:",
			"p99 µs:"}, rows)
	}

	r.Printf("## Resident memory after the last round\n")
	var rows [][]string
	for _, one := range all {
		rows = append(rows, []string{one.Name, mib(memory[one.Name][0]), mib(memory[one.Name][1])})
	}
	r.Table([]string{"service", "MiB:", "at its peak, MiB:"}, rows)
	times := func(ours, koa string, r service.Route) float64 {
		return service.Ratio(figures[koa][r], figures[ours][r], service.CPU)
	}
	r.Printf("In the CPU time of one request to \"%s\", \"%s\" answers %.1f reads or %.1f writes; in that of "+
		"one to \"%s\", %.1f or %.1f.\n",
		koaDuties, emittedMemory, times(emittedMemory, koaDuties, read), times(emittedMemory, koaDuties, write),
		koaMemory, times(emittedMemory, koaMemory, read), times(emittedMemory, koaMemory, write))
	r.Aims(aims(figures, memory))
	return r.String(), nil
}

// aims compares rounds pairwise.
func aims(figures figures, memory map[string][2]int64) []measure.Aim {
	ratio := func(a, b string, r service.Route, of func(service.Figure) float64) float64 {
		return service.Ratio(figures[a][r], figures[b][r], of)
	}
	var list []measure.Aim
	for _, b := range []struct {
		r    service.Route
		aim  float64
		name string
	}{{read, 0.80, "reads"}, {write, 0.65, "writes"}} {
		for _, pair := range [][2]string{{plainBare, plainEmitted}, {emittedBare, emittedMemory}} {
			ours := ratio(pair[0], pair[1], b.r, service.CPU)
			list = append(list, measure.Aim{
				Aim: fmt.Sprintf("%s, %s: at least %.2f of the requests/s of %s", b.name, pair[1], b.aim, pair[0]),
				Reached: fmt.Sprintf("%.2f for the same CPU, %.2f by the clock (scs: %.2f and %.2f)",
					ours, ratio(pair[1], pair[0], b.r, service.PerSecond),
					ratio(plainBare, scsMemory, b.r, service.CPU), ratio(scsMemory, plainBare, b.r, service.PerSecond)),
				Met: ours >= b.aim,
			})
		}
	}
	for _, p := range [][2]string{{emittedMemory, koaDuties}, {emittedMemory, koaMemory}, {emittedCookie, koaCookie}} {
		share := float64(memory[p[0]][0]) / float64(memory[p[1]][0])
		list = append(list, measure.Aim{
			Aim:     fmt.Sprintf("%s: at most 0.2 of the memory of %s", p[0], p[1]),
			Reached: fmt.Sprintf("%.2f of it", share),
			Met:     share <= 0.2,
		})
	}
	return list
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/(1<<20)) }
