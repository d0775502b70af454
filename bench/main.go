// Command bench runs the parts of the benchmark one after the other and gathers
// their reports in RESULTS.md:
//
//	go run .              all parts
//	go run . http cors    these parts; the others keep their last report
//
// Each part is a program of its own in the directory of its name, where its own
// RESULTS.md is, too. Run there alone, session writes that file, and the others
// print it. A part that fails is named at the end, and the others still run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// part is one program. commands run in its directory; the standard output of
// the last one is its report, unless it writes RESULTS.md itself.
type part struct {
	name     string
	commands [][]string
	writes   bool
}

var parts = []part{
	{"session", [][]string{{"go", "run", "."}}, true},
	{"http", [][]string{{"go", "run", "."}}, false},
	{"network", [][]string{{"go", "run", "."}}, false},
	{"captcha", [][]string{{"npm", "ci"}, {"go", "run", "."}}, false},
	{"cors", [][]string{{"go", "run", "."}}, false},
	{"generate", [][]string{{"go", "run", "."}}, false},
	{"growth", [][]string{{"go", "run", "."}}, false},
	{"load", [][]string{{"go", "run", "."}}, false},
}

func main() {
	log.SetFlags(0)
	gather := flag.Bool("gather", false, "run nothing, gather the reports that are there")
	flag.Parse()
	names := flag.Args()
	for _, name := range names {
		if !slices.ContainsFunc(parts, func(p part) bool { return p.name == name }) {
			log.Fatalf("no part %q; there are session, http, network, captcha, cors, generate, growth and load", name)
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var failures []error
	started := time.Now()
	for _, p := range parts {
		if *gather || len(names) > 0 && !slices.Contains(names, p.name) {
			continue
		}
		from := time.Now()
		err := p.run(ctx)
		log.Printf("%s: %s", p.name, time.Since(from).Round(time.Second))
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", p.name, err))
		}
	}
	text, err := gathered(os.ReadFile, time.Since(started))
	if err == nil {
		err = os.WriteFile("RESULTS.md", []byte(text), 0o644)
	}
	if err := errors.Join(append(failures, err)...); err != nil {
		log.Fatal(err)
	}
}

// picture is a link to a file beside a part's report.
var picture = regexp.MustCompile(`\]\(([\w-]+\.(?:svg|png))\)`)

// outside is a link that leads out of bench.
var outside = regexp.MustCompile(`\]\(\.\./\.\./`)

func (p part) run(ctx context.Context) error {
	for i, argv := range p.commands {
		cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
		cmd.Dir, cmd.Stderr = p.name, os.Stderr
		out, err := cmd.Output()
		if last := i == len(p.commands)-1; last && !p.writes && len(out) > 0 { // load reports what it fails for
			if err := os.WriteFile(filepath.Join(p.name, "RESULTS.md"), out, 0o644); err != nil {
				return err
			}
		}
		if err != nil {
			return fmt.Errorf("%s: %w", strings.Join(argv, " "), err)
		}
	}
	return nil
}

// gathered is RESULTS.md: the aims of all parts, WHY.md, then their reports, one heading
// deeper and with links that lead into their directories.
func gathered(read func(name string) ([]byte, error), took time.Duration) (string, error) {
	var r measure.Report
	r.Printf("# Benchmarks\n\nWritten by `go run .` in bench. %s.\n", measure.Machine())
	if took > time.Minute {
		r.Printf("The run took %v.\n", took.Round(time.Second))
	}
	r.Printf(`
Most parts below compare something that sessionseed generates, or sessionseed itself, with other programs that do the
same ("peers"). All programs of a part are measured in one run, in rounds that take turns, and figures are medians.
growth and load have no peers: they measure what sessionseed generates at several sizes, and under load. The ratios
within a table count, not the numbers of one machine. CPU is processor time and not time by the clock, so that other
work on the machine matters less.

The merge is measured apart: [merge/RESULTS.md](merge/RESULTS.md).

## Aims

| part | aim | reached | |
|---|---|---|---|
`)
	var rest strings.Builder
	why, err := read("WHY.md")
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&rest, "\n%s", why)
	for _, p := range parts {
		text, err := read(filepath.Join(p.name, "RESULTS.md"))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		rest.WriteString("\n")
		inAims, inCode := false, false
		for line := range strings.Lines(string(text)) {
			switch {
			case strings.HasPrefix(line, "```"):
				inCode = !inCode
			case strings.TrimSpace(line) == measure.AimsHead:
				inAims = true
			case !strings.HasPrefix(line, "|"):
				inAims = false
			case inAims && !strings.HasPrefix(line, "|-"):
				r.Printf("| [%s](%s/RESULTS.md) %s", p.name, p.name, line)
			}
			if !inCode && strings.HasPrefix(line, "#") {
				line = "#" + line
			}
			line = picture.ReplaceAllString(line, "]("+p.name+"/$1)")
			rest.WriteString(outside.ReplaceAllString(line, "](../"))
		}
	}
	return r.String() + rest.String(), nil
}
