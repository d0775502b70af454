package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// report is RESULTS.md.
func report(figures map[string][]figure, rounds int, share, took time.Duration) string {
	var r measure.Report
	r.Printf(`# CORS compared with jub0bs/cors, rs/cors and gorilla/handlers

Written by `+"`go run . > RESULTS.md`"+` in bench/cors. %s; %s.

All libraries have one policy: three origins, five methods, two headers, credentials. The handler behind it does nothing.
A stranger is a page whose origin is not listed. Hostile requests have a header of 30 KiB.

Figures are CPU time in ns (getrusage), allocations and bytes, all per request: medians of %d rounds of %v each, in which
the libraries take turns. The run took %v.
`, measure.Machine(), versions(), rounds, share, took.Round(time.Second))

	head := []string{"request"}
	for _, l := range libraries {
		head = append(head, l.name+", ns:", "allocs:", "bytes:")
	}
	var rows [][]string
	var aims []measure.Aim
	for _, k := range kinds() {
		row := []string{k.name}
		var mine, best float64
		var name string
		for _, l := range libraries {
			f := figures[subject{library: l.name, kind: k}.name()]
			cpu := measure.MedianOf(f, func(f figure) float64 { return f.cpu })
			row = append(row, fmt.Sprintf("%.0f", cpu),
				fmt.Sprintf("%.0f", measure.MedianOf(f, func(f figure) float64 { return f.allocs })),
				fmt.Sprintf("%.0f", measure.MedianOf(f, func(f figure) float64 { return f.bytes })))
			switch {
			case l.name == "ours":
				mine = cpu
			case !tellsCaches(l.wrap, k):
				row[len(row)-3] += " *"
			case best == 0 || cpu < best:
				best, name = cpu, l.name
			}
		}
		rows = append(rows, row)
		aims = append(aims, measure.Aim{Aim: k.name + ": no more CPU than the best peer",
			Reached: fmt.Sprintf("%.2f of that of %s", mine/best, name), Met: mine <= best})
	}
	r.Table(head, rows)
	r.Printf(`\* The answer lacks "Vary: Origin", without which a cache can hand one front end the answer for another;
such a figure is left out of the comparison.

A stranger's preflight costs more here because the answer says in words which origin is missing from the list. It is what
a developer looks at, and the request goes no further.
`)
	r.Aims(aims)
	return r.String()
}

// tellsCaches reports whether a library's answer to this request says that it
// depends on Origin.
func tellsCaches(wrap func(http.Handler) (http.Handler, error), k kind) bool {
	h, err := wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	if err != nil {
		return false
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, k.request)
	return strings.Contains(strings.Join(rec.Header()["Vary"], ","), "Origin")
}

// versions names the peers.
func versions() string {
	var list []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if slices.Contains([]string{"github.com/jub0bs/cors", "github.com/rs/cors", "github.com/gorilla/handlers"},
				m.Path) {
				list = append(list, strings.TrimPrefix(m.Path, "github.com/")+" "+m.Version)
			}
		}
	}
	return strings.Join(list, ", ")
}
