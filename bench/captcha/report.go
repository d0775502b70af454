package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// writeHead says what is measured with which versions on which machine.
func writeHead(w io.Writer, train, read int) error {
	node, err := exec.Command("node", "--version").Output()
	if err != nil {
		return fmt.Errorf("node --version: %w", err)
	}
	tesseract, err := exec.Command("tesseract", "--version").CombinedOutput()
	if err != nil {
		return fmt.Errorf("tesseract --version: %w", err)
	}
	first, _, _ := strings.Cut(string(tesseract), "\n")
	fmt.Fprintf(w, `# The captcha compared with others

Made by `+"`go run . -o RESULTS.md`"+` in bench/captcha, on %s, %d CPUs, %s/%s.
%s, Node %s, %s, svg-captcha 1.4.0, dchest/captcha %s, steambap/captcha %s.
Ours and svg-captcha: 4 characters, fontSize 46, 120x30, background #F5F7FA.
`, processor(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), strings.TrimSpace(string(node)),
		first,
		moduleVersion("github.com/dchest/captcha"), moduleVersion("github.com/steambap/captcha"))
	return nil
}

var modelName = regexp.MustCompile(`model name\s*: (.*)`)

// processor names the processor as Linux does.
func processor() string {
	info, _ := os.ReadFile("/proc/cpuinfo") // elsewhere: unknown
	if m := modelName.FindSubmatch(info); m != nil {
		return string(m[1])
	}
	return "an unknown processor"
}

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "of an unknown version"
}

// aim is something to be reached, and whether it was.
type aim struct {
	text, reached string
	met           bool
}

func writeAims(w io.Writer, aims []aim) {
	fmt.Fprint(w, "\n## Aims\n\n| aim | reached | |\n|---|---|---|\n")
	for _, a := range aims {
		verdict := "met"
		if !a.met {
			verdict = "NOT met"
		}
		fmt.Fprintf(w, "| %s | %s | %s |\n", a.text, a.reached, verdict)
	}
}

// writeSpeeds measures and writes the table of speeds.
func writeSpeeds(w io.Writer) ([]aim, error) {
	all, err := speeds()
	if err != nil {
		return nil, err
	}
	ours := all[0]
	fmt.Fprintf(w, `
## Speed

CPU is user and system time of the whole process, its garbage collector and compiler included, one picture after the
other. Figures are medians of %d rounds in which the programs take turns, with about %v of CPU time each.

| 4 characters, 120x30 | CPU µs per picture | bytes, median | ours is faster by | lowest to highest round |
|---|--:|--:|--:|---|
`, rounds, share)
	for _, s := range all {
		ratios := ours.ratios(s)
		fmt.Fprintf(w, "| %s | %.1f | %d | %.1f | %.1f to %.1f |\n", s.name, measure.Median(s.micros), s.bytes,
			measure.Median(ratios), slices.Min(ratios), slices.Max(ratios))
	}
	var aims []aim
	for i, least := range []float64{15, 8, 8} {
		peer := all[i+1]
		r := measure.Median(ours.ratios(peer))
		aims = append(aims, aim{fmt.Sprintf("at least %.0f times as fast as %s", least, peer.name),
			fmt.Sprintf("%.1f times", r), r >= least})
	}
	allocs, err := allocations()
	if err != nil {
		return nil, err
	}
	return append(aims,
		aim{"at most 3000 bytes at the median", fmt.Sprint(ours.bytes), ours.bytes <= 3000},
		aim{"at most 10 allocations a picture", fmt.Sprintf("%.1f", allocs), allocs <= 10}), nil
}

// readByPeople returns the part of the results that no program can measure.
func readByPeople() []byte {
	text, err := os.ReadFile("reading.md")
	if err != nil {
		return nil
	}
	return append([]byte("\n"), text...)
}
