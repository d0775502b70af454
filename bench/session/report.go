package main

import (
	"fmt"
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// report is RESULTS.md.
func report(figures map[string][]figure, rounds int, share time.Duration, oursHeap, scsHeap float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, `# Sessions beside scs, gorilla and gin

Written by `+"`go run .`"+` in bench/session. %s on %s/%s, %d CPUs.

Each figure is the median of %d interleaved rounds in which each subject gets %v: CPU time of the process by getrusage, not time on
the clock. The visitor has a session of three small values in the library's own memory store. Ours has a signed cookie and
hashed ids; scs v2.9.0 has neither by default. gorilla/sessions v%s keeps sessions in a signed and encrypted cookie, gin-contrib/sessions
v%s is measured with its memory store, gin's routing included. "floor of a read" is an HMAC, a SHA-256, a look into a map and the JSON.
"over bare" is without what the handler costs by itself. "read of many" has %d visitors take turns: our core has decoded the session of
a visitor who comes again soon already, and there it has not.

| request | CPU ns | over bare | lowest to highest | allocations | bytes |
|---|--:|--:|--:|--:|--:|
`, runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), rounds, share, version("github.com/gorilla/sessions"), version("github.com/gin-contrib/sessions"), visitors)

	cpu := func(f figure) float64 { return f.cpu }
	bare := median(figures["bare"], cpu)
	over := func(name string) float64 { return median(figures[name], cpu) - bare }
	for _, name := range []string{"bare", "ours untouched", "scs untouched", "gorilla untouched", "gin untouched", "floor of a read",
		"ours read", "ours read of many", "scs read", "scs read of many", "gorilla read", "gin read", "ours write", "scs write", "gorilla write", "gin write"} {
		f := figures[name]
		low, high := math.Inf(1), 0.0
		for _, one := range f {
			low, high = min(low, one.cpu), max(high, one.cpu)
		}
		fmt.Fprintf(&b, "| %s | %.0f | %.0f | %.0f to %.0f | %.1f | %.0f |\n", name, median(f, cpu), over(name), low, high,
			median(f, func(f figure) float64 { return f.allocs }), median(f, func(f figure) float64 { return f.bytes }))
	}

	read := median(figures["ours read"], func(f figure) float64 { return f.allocs })
	readBytes := median(figures["ours read"], func(f figure) float64 { return f.bytes })
	untouchedAllocs := median(figures["ours untouched"], func(f figure) float64 { return f.allocs })
	ratio := func(r string) float64 {
		return median(figures["scs "+r], cpu) / median(figures["ours "+r], cpu)
	}
	fmt.Fprint(&b, "\n| aim | reached | |\n|---|---|---|\n")
	row := func(aim string, met bool, format string, args ...any) {
		verdict := "met"
		if !met {
			verdict = "NOT met"
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", aim, fmt.Sprintf(format, args...), verdict)
	}
	row("read: at least 8 times less CPU than scs", ratio("read") >= 8, "%.1f times", ratio("read"))
	row("read: at most 12 allocations and 1.2 KB", read < 12.5 && readBytes <= 1229, "%.1f and %.0f bytes", read, readBytes)
	row("write: at least 7 times less CPU than scs", ratio("write") >= 7, "%.1f times", ratio("write"))
	row("untouched: at most 300 ns and 2 allocations over bare", over("ours untouched") <= 300 && untouchedAllocs < 2.5, "%.0f ns and %.1f", over("ours untouched"), untouchedAllocs)
	row(fmt.Sprintf("heap for each of %d sessions: at most 220 bytes", population), oursHeap <= 220, "%.0f bytes (scs: %.0f)", oursHeap, scsHeap)
	fmt.Fprintf(&b, "\nOf %d visitors who take turns, a read costs %.1f times less than with scs.\n", visitors, ratio("read of many"))
	return b.String()
}

// version is that of a module in this program.
func version(module string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == module {
				return strings.TrimPrefix(m.Version, "v")
			}
		}
	}
	return "?"
}

func median(figures []figure, of func(figure) float64) float64 {
	var values []float64
	for _, f := range figures {
		values = append(values, of(f))
	}
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}
