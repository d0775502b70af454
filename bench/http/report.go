package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// report is RESULTS.md.
func report(all []*service, figures map[string]map[route][]figure, memory map[string][2]int64, s settings, apart bool, took time.Duration) (string, error) {
	versions, err := versions()
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

%d keep-alive connections on loopback, each with its own session of three small values, ask as fast as they are answered. %s.
Each figure is the median of %d interleaved rounds of %d requests to a route; CPU is that of the service's process, user and system. The emitted
service is what `+"`sessionseed new`"+` writes, with four routes added: access log, CORS, captcha and CrossOriginProtection are in. "koa with the
same duties" has koa-session, @koa/cors, @koa/router, the same headers and a JSON access log by pino; the other peers have their session
middleware and the routes alone. All logs go to the null device. A pinned service has one processor; unlike node, the emitted one would use
all that there are. The run took %v.
`, measure.Machine(), versions, s.clients, where, s.rounds, s.requests, took.Round(time.Second))

	for _, route := range routes {
		var rows [][]string
		for _, one := range all {
			f := figures[one.name][route]
			koa := figures[koaMemory][route]
			rows = append(rows, []string{one.name,
				fmt.Sprintf("%.0f", measure.MedianOf(f, perSecond)),
				fmt.Sprintf("%.1f", measure.MedianOf(f, cpu)),
				fmt.Sprintf("%.2f", measure.MedianOf(koa, cpu)/measure.MedianOf(f, cpu)),
				fmt.Sprintf("%.0f", measure.MedianOf(f, func(f figure) float64 { return f.p50 })),
				fmt.Sprintf("%.0f", measure.MedianOf(f, func(f figure) float64 { return f.p99 })),
			})
		}
		r.Printf("\n## %s %s\n", route.method, route.path)
		r.Table([]string{"service", "requests/s:", "CPU us a request:", "requests for koa's CPU of one:", "p50 us:", "p99 us:"}, rows)
	}

	r.Printf("## Resident memory after the last round\n")
	var rows [][]string
	for _, one := range all {
		rows = append(rows, []string{one.name, mib(memory[one.name][0]), mib(memory[one.name][1])})
	}
	r.Table([]string{"service", "MiB:", "at its peak, MiB:"}, rows)
	r.Aims(aims(figures, memory))
	return r.String(), nil
}

func perSecond(f figure) float64 { return f.perSecond }
func cpu(f figure) float64       { return f.cpu }

// aims compares rounds pairwise: what the machine did meanwhile cancels out.
func aims(figures map[string]map[route][]figure, memory map[string][2]int64) []measure.Aim {
	ratio := func(a, b string, r route, of func(figure) float64) float64 {
		var ratios []float64
		for i, f := range figures[a][r] {
			ratios = append(ratios, of(f)/of(figures[b][r][i]))
		}
		return measure.Median(ratios)
	}
	read, write := routes[1], routes[2]
	var list []measure.Aim
	for _, p := range []struct{ ours, koa string }{{emittedMemory, koaDuties}, {emittedMemory, koaMemory}, {emittedCookie, koaCookie}} {
		for _, r := range []route{read, write} {
			perCPU := ratio(p.koa, p.ours, r, cpu)
			list = append(list, measure.Aim{
				Aim:     fmt.Sprintf("%s %s: at least 4 times the requests of %s", p.ours, r.path, p.koa),
				Reached: fmt.Sprintf("%.1f times for the same CPU, %.1f times by the clock", perCPU, ratio(p.ours, p.koa, r, perSecond)),
				Met:     perCPU >= 4,
			})
		}
		share := float64(memory[p.ours][0]) / float64(memory[p.koa][0])
		list = append(list, measure.Aim{Aim: fmt.Sprintf("%s: at most half the memory of %s", p.ours, p.koa), Reached: fmt.Sprintf("%.2f of it", share), Met: share <= 0.5})
	}
	for _, b := range []struct {
		r    route
		aim  float64
		name string
	}{{read, 0.80, "reads"}, {write, 0.65, "writes"}} {
		for _, pair := range [][2]string{{plainBare, plainEmitted}, {emittedBare, emittedMemory}} {
			ours := ratio(pair[0], pair[1], b.r, cpu)
			list = append(list, measure.Aim{
				Aim: fmt.Sprintf("%s, %s: at least %.2f of the requests/s of %s", b.name, pair[1], b.aim, pair[0]),
				Reached: fmt.Sprintf("%.2f for the same CPU, %.2f by the clock (scs: %.2f and %.2f)", ours, ratio(pair[1], pair[0], b.r, perSecond),
					ratio(plainBare, scsMemory, b.r, cpu), ratio(scsMemory, plainBare, b.r, perSecond)),
				Met: ours >= b.aim,
			})
		}
	}
	return list
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f", float64(bytes)/(1<<20)) }

// versions names node and the peers.
func versions() (string, error) {
	node, err := exec.Command("node", "--version").Output()
	if err != nil {
		return "", err
	}
	names := []string{"node " + strings.TrimSpace(string(node))}
	for _, name := range []string{"koa", "koa-session", "@koa/cors", "@koa/router", "pino", "express", "express-session"} {
		data, err := os.ReadFile(filepath.Join("peers", "node_modules", name, "package.json"))
		if err != nil {
			return "", err
		}
		var p struct{ Version string }
		if err := json.Unmarshal(data, &p); err != nil {
			return "", err
		}
		names = append(names, name+" "+p.Version)
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/alexedwards/scs/v2" {
				names = append(names, "scs "+m.Version)
			}
		}
	}
	return strings.Join(names, ", "), nil
}
