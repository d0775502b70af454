package textmerge

import (
	"bytes"
	"slices"
)

// Side says what to do where both sides changed the same lines.
type Side int

const (
	// Markers leaves the choice open: diff3 markers around both versions.
	Markers Side = iota
	// Ours takes the owner's lines.
	Ours
	// Theirs takes the newly generated lines.
	Theirs
)

// Options tune a merge. The zero value compares lines as they are, line
// endings apart, and marks conflicts with the default labels.
type Options struct {
	// IgnoreBlanks compares lines of Go without regard to runs of blanks
	// outside of literals and comments, which is what gofmt changes on its
	// own. Package merge sets it for Go source.
	IgnoreBlanks bool
	// Resolve settles conflicts. They are reported in any case.
	Resolve Side
	// LinesOnly leaves the structure of a file alone. It is for a merge whose
	// result was clean, but does not compile.
	LinesOnly bool
	// LabelOurs, LabelBase and LabelTheirs are behind the markers. The
	// defaults are "yours", "last generated" and "new".
	LabelOurs, LabelBase, LabelTheirs string
}

// Conflict is one place where both sides changed the same or touching lines.
type Conflict struct {
	Line               int    // first line of the place in the owner's file, from 1
	Ours, Base, Theirs []byte // the lines of each side, any may be empty
	// Element names the elements around the place, as "type T, field A". It is
	// empty where the file could only be merged by lines.
	Element string
}

// Result is the outcome of a merge.
type Result struct {
	// Data is the merged text; with conflicts, what Options.Resolve asked for.
	Data []byte
	// Conflicts is empty exactly if the merge is clean.
	Conflicts []Conflict
	// Structural says that lines alone would not have given this result: what
	// is clean should be compiled, and merged with Options.LinesOnly if it does
	// not.
	Structural bool
}

// Merge joins the changes from base to ours and from base to theirs. Changes
// that overlap or touch are a conflict, unless they are equal.
//
// Line endings follow ours: a new line gets the ending that most of ours have.
// Whether the last line ends in a newline is up to the side that changed that,
// ours first; a result with markers always does.
func Merge(base, ours, theirs []byte, o Options) Result {
	switch {
	case bytes.Equal(base, theirs), bytes.Equal(ours, theirs):
		return Result{Data: bytes.Clone(ours)}
	case bytes.Equal(base, ours):
		return Result{Data: bytes.Clone(theirs)}
	}
	return merge3(Split(base), Split(ours), Split(theirs), o)
}

// Merger holds one merge while the result grows.
type Merger struct {
	Base, Ours, Theirs []Line
	O                  Options
	Eol                string
	Out                []Line
	Conflicts          []Conflict
}

func merge3(base, ours, theirs []Line, o Options) Result {
	m := Merger{Base: base, Ours: ours, Theirs: theirs, O: o, Eol: Ending(ours)}
	if len(ours) == 0 {
		m.Eol = Ending(theirs)
	}
	ids := Intern(keys(base, o), keys(ours, o), keys(theirs, o))
	m.Walk(ids, Diff(ids[0], ids[1]), Diff(ids[0], ids[2]))

	final := terminated(ours)
	if final == terminated(base) {
		final = terminated(theirs)
	}
	if n := len(m.Conflicts); n > 0 && o.Resolve == Markers {
		final = true // the last line may be a marker
	}
	terminate(m.Out, m.Eol, final)
	return Result{Data: Join(m.Out), Conflicts: m.Conflicts}
}

// keys returns what the lines are compared by. Line endings never count.
func keys(lines []Line, o Options) []string {
	if o.IgnoreBlanks {
		return goKeys(lines)
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.Text
	}
	return out
}

// Walk goes down base and, at each place that a side changed, gathers the
// changes of both sides that overlap or touch.
func (m *Merger) Walk(ids [][]int, ours, theirs []Hunk) {
	at, atOurs, atTheirs := 0, 0, 0 // everything before is merged
	for len(ours) > 0 || len(theirs) > 0 {
		lo := len(m.Base)
		if len(ours) > 0 {
			lo = ours[0].ALo
		}
		if len(theirs) > 0 {
			lo = min(lo, theirs[0].ALo)
		}
		m.stable(at, atOurs, atTheirs, lo-at)
		atOurs, atTheirs, at = atOurs+lo-at, atTheirs+lo-at, lo

		hi := lo
		growOurs, growTheirs := 0, 0 // by how many lines a side grew
		nOurs, nTheirs := 0, 0
		for {
			if nOurs < len(ours) && ours[nOurs].ALo <= hi {
				h := ours[nOurs]
				hi = max(hi, h.AHi)
				growOurs += (h.BHi - h.BLo) - (h.AHi - h.ALo)
				nOurs++
			} else if nTheirs < len(theirs) && theirs[nTheirs].ALo <= hi {
				h := theirs[nTheirs]
				hi = max(hi, h.AHi)
				growTheirs += (h.BHi - h.BLo) - (h.AHi - h.ALo)
				nTheirs++
			} else {
				break
			}
		}
		endOurs, endTheirs := atOurs+hi-lo+growOurs, atTheirs+hi-lo+growTheirs
		switch {
		case nTheirs == 0, slices.Equal(ids[1][atOurs:endOurs], ids[2][atTheirs:endTheirs]):
			m.Out = append(m.Out, m.Ours[atOurs:endOurs]...)
		case nOurs == 0:
			m.take(m.Theirs[atTheirs:endTheirs])
		default:
			m.Conflict(at, hi, atOurs, endOurs, atTheirs, endTheirs)
		}
		ours, theirs = ours[nOurs:], theirs[nTheirs:]
		at, atOurs, atTheirs = hi, endOurs, endTheirs
	}
	m.stable(at, atOurs, atTheirs, len(m.Base)-at)
}

// stable emits n lines that compare equal in all three. Where their blanks
// differ, the side that changed them wins, and ours if both did.
func (m *Merger) stable(base, ours, theirs, n int) {
	for i := range n {
		l := m.Ours[ours+i]
		if l.Text == m.Base[base+i].Text {
			l.Text = m.Theirs[theirs+i].Text
		}
		m.Out = append(m.Out, l)
	}
}

// take emits lines of theirs in the owner's line ending.
func (m *Merger) take(lines []Line) {
	for _, l := range lines {
		m.Out = append(m.Out, Line{l.Text, m.Eol})
	}
}

// Conflict records a conflict and emits what was asked for.
func (m *Merger) Conflict(base, endBase, ours, endOurs, theirs, endTheirs int) {
	b, o, t := m.Base[base:endBase], m.Ours[ours:endOurs], m.Theirs[theirs:endTheirs]
	m.Conflicts = append(m.Conflicts, Conflict{Line: ours + 1, Ours: Join(o), Base: Join(b), Theirs: Join(t)})
	switch m.O.Resolve {
	case Ours:
		m.Out = append(m.Out, o...)
	case Theirs:
		m.take(t)
	default:
		mark := func(text string) { m.Out = append(m.Out, Line{text, m.Eol}) }
		mark("<<<<<<< " + label(m.O.LabelOurs, "yours"))
		m.Out = append(m.Out, o...)
		mark("||||||| " + label(m.O.LabelBase, "last generated"))
		m.take(b)
		mark("=======")
		m.take(t)
		mark(">>>>>>> " + label(m.O.LabelTheirs, "new"))
	}
}

func label(set, standard string) string {
	if set != "" {
		return set
	}
	return standard
}

// HasMarkers reports whether text still holds an unresolved conflict: a line
// that opens one and, below it, a line that closes one.
func HasMarkers(text []byte) bool {
	open := false
	for _, l := range Split(text) {
		switch {
		case len(l.Text) >= 8 && l.Text[:8] == "<<<<<<< ":
			open = true
		case open && len(l.Text) >= 8 && l.Text[:8] == ">>>>>>> ":
			return true
		}
	}
	return false
}
