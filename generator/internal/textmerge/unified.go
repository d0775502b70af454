package textmerge

import (
	"fmt"
	"slices"
	"strings"
)

// contextLines is how many equal lines stand around a change in a unified diff.
const contextLines = 3

// Unified returns the changes from a to b in the unified format that git and
// patch read, nil if there are none. Line endings count here: what is written
// is what is shown.
func Unified(nameA, nameB string, a, b []byte) []byte {
	la, lb := Split(a), Split(b)
	ids := Intern(slices.Collect(strings.Lines(string(a))), slices.Collect(strings.Lines(string(b))))
	changes := Diff(ids[0], ids[1])
	if len(changes) == 0 {
		return nil
	}
	var out strings.Builder
	fmt.Fprintf(&out, "--- %s\n+++ %s\n", nameA, nameB)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].ALo-changes[n-1].AHi <= 2*contextLines {
			n++
		}
		writeHunk(&out, la, lb, changes[:n])
		changes = changes[n:]
	}
	return []byte(out.String())
}

// writeHunk writes changes that are close enough to share their context.
func writeHunk(out *strings.Builder, a, b []Line, changes []Hunk) {
	first, last := changes[0], changes[len(changes)-1]
	before := min(contextLines, first.ALo)
	after := min(contextLines, len(a)-last.AHi)
	aLo, aHi := first.ALo-before, last.AHi+after
	bLo, bHi := first.BLo-before, last.BHi+after
	fmt.Fprintf(out, "@@ -%s +%s @@\n", span(aLo, aHi), span(bLo, bHi))
	at := aLo
	for _, h := range changes {
		writeLines(out, ' ', a[at:h.ALo])
		writeLines(out, '-', a[h.ALo:h.AHi])
		writeLines(out, '+', b[h.BLo:h.BHi])
		at = h.AHi
	}
	writeLines(out, ' ', a[at:aHi])
}

func writeLines(out *strings.Builder, sign byte, lines []Line) {
	for _, l := range lines {
		out.WriteByte(sign)
		out.WriteString(l.Text + l.Eol)
		if l.Eol == "" {
			out.WriteString("\n\\ No newline at end of file\n")
		}
	}
}

// span writes a range of lines as the format wants it: from 1, the count left
// out if it is one, and the line before if it is none.
func span(lo, hi int) string {
	switch hi - lo {
	case 0:
		return fmt.Sprintf("%d,0", lo)
	case 1:
		return fmt.Sprint(lo + 1)
	default:
		return fmt.Sprintf("%d,%d", lo+1, hi-lo)
	}
}

// Similarity returns how much of a is still in b, by lines that are not blank:
// 1 for all of it, 0 for nothing. Where it is less than atLeast, the result may
// be any number below that: most pairs of files need no closer look.
func Similarity(a, b []byte, atLeast float64) float64 {
	la, lb := Split(a), Split(b)
	total, common := 0, 0
	in := map[string]int{}
	for _, l := range lb {
		in[l.Text]++
	}
	for _, l := range la {
		if strings.TrimSpace(l.Text) == "" {
			continue
		}
		total++
		if in[l.Text] > 0 {
			in[l.Text]--
			common++
		}
	}
	if total == 0 {
		return 0
	}
	if share := float64(common) / float64(total); share < atLeast {
		return share // an upper bound: order is not looked at
	}
	ids := Intern(keys(la, Options{}), keys(lb, Options{}))
	gone := 0
	for _, h := range Diff(ids[0], ids[1]) {
		for _, l := range la[h.ALo:h.AHi] {
			if strings.TrimSpace(l.Text) != "" {
				gone++
			}
		}
	}
	return float64(total-gone) / float64(total)
}
