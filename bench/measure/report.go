package measure

import (
	"fmt"
	"strings"
)

// Report collects the RESULTS.md of one part.
type Report struct{ text strings.Builder }

// Printf adds text as it is.
func (r *Report) Printf(format string, args ...any) { fmt.Fprintf(&r.text, format, args...) }

// Table adds a table. Columns whose head ends in ":" are aligned to the right.
func (r *Report) Table(head []string, rows [][]string) {
	line := func(cells []string) { r.Printf("| %s |\n", strings.Join(cells, " | ")) }
	names, rule := make([]string, len(head)), make([]string, len(head))
	for i, h := range head {
		names[i], rule[i] = h, "---"
		if name, right := strings.CutSuffix(h, ":"); right {
			names[i], rule[i] = name, "--:"
		}
	}
	r.Printf("\n")
	line(names)
	line(rule)
	for _, row := range rows {
		line(row)
	}
	r.Printf("\n")
}

// Aim is what a part was to reach. The command over all parts finds the table
// by its head.
type Aim struct {
	Aim, Reached string
	Met          bool
}

// AimsHead begins the table of aims.
const AimsHead = "| aim | reached | |"

// Aims adds the table of aims.
func (r *Report) Aims(aims []Aim) {
	r.Printf("\n%s\n|---|---|---|\n", AimsHead)
	for _, a := range aims {
		verdict := "met"
		if !a.Met {
			verdict = "NOT met"
		}
		r.Printf("| %s | %s | %s |\n", a.Aim, a.Reached, verdict)
	}
}

func (r *Report) String() string { return r.text.String() }
