package merge

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
	// own. File sets it for Go source.
	IgnoreBlanks bool
	// Resolve settles conflicts. They are reported in any case.
	Resolve Side
	// LabelOurs, LabelBase and LabelTheirs stand behind the markers. The
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
}

// Merge joins the changes from base to ours and from base to theirs. Changes
// that overlap or touch are a conflict, unless they are equal.
//
// Line endings follow ours: a new line gets the ending that most of ours have,
// and the last line has a newline if ours or theirs changed that, else as it
// was.
func Merge(base, ours, theirs []byte, o Options) Result {
	switch {
	case bytes.Equal(base, theirs), bytes.Equal(ours, theirs):
		return Result{Data: bytes.Clone(ours)}
	case bytes.Equal(base, ours):
		return Result{Data: bytes.Clone(theirs)}
	}
	return merge3(split(base), split(ours), split(theirs), o)
}

// merger holds one merge while the result grows.
type merger struct {
	base, ours, theirs []line
	o                  Options
	eol                string
	out                []line
	conflicts          []Conflict
}

func merge3(base, ours, theirs []line, o Options) Result {
	m := merger{base: base, ours: ours, theirs: theirs, o: o, eol: ending(ours)}
	if len(ours) == 0 {
		m.eol = ending(theirs)
	}
	ids := intern(keys(base, o), keys(ours, o), keys(theirs, o))
	m.walk(ids, diff(ids[0], ids[1]), diff(ids[0], ids[2]))

	final := terminated(ours)
	if final == terminated(base) {
		final = terminated(theirs)
	}
	if n := len(m.conflicts); n > 0 && o.Resolve == Markers {
		final = true // the last line may be a marker
	}
	terminate(m.out, m.eol, final)
	return Result{Data: join(m.out), Conflicts: m.conflicts}
}

// keys returns what the lines are compared by. Line endings never count.
func keys(lines []line, o Options) []string {
	if o.IgnoreBlanks {
		return goKeys(lines)
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		out[i] = l.text
	}
	return out
}

// walk goes down base and, at each place that a side changed, gathers the
// changes of both sides that overlap or touch.
func (m *merger) walk(ids [][]int, ours, theirs []hunk) {
	at, atOurs, atTheirs := 0, 0, 0 // everything before is merged
	for len(ours) > 0 || len(theirs) > 0 {
		lo := len(m.base)
		if len(ours) > 0 {
			lo = ours[0].aLo
		}
		if len(theirs) > 0 {
			lo = min(lo, theirs[0].aLo)
		}
		m.stable(at, atOurs, atTheirs, lo-at)
		atOurs, atTheirs, at = atOurs+lo-at, atTheirs+lo-at, lo

		hi := lo
		growOurs, growTheirs := 0, 0 // by how many lines a side grew
		nOurs, nTheirs := 0, 0
		for {
			if nOurs < len(ours) && ours[nOurs].aLo <= hi {
				h := ours[nOurs]
				hi = max(hi, h.aHi)
				growOurs += (h.bHi - h.bLo) - (h.aHi - h.aLo)
				nOurs++
			} else if nTheirs < len(theirs) && theirs[nTheirs].aLo <= hi {
				h := theirs[nTheirs]
				hi = max(hi, h.aHi)
				growTheirs += (h.bHi - h.bLo) - (h.aHi - h.aLo)
				nTheirs++
			} else {
				break
			}
		}
		endOurs, endTheirs := atOurs+hi-lo+growOurs, atTheirs+hi-lo+growTheirs
		switch {
		case nTheirs == 0, slices.Equal(ids[1][atOurs:endOurs], ids[2][atTheirs:endTheirs]):
			m.out = append(m.out, m.ours[atOurs:endOurs]...)
		case nOurs == 0:
			m.take(m.theirs[atTheirs:endTheirs])
		default:
			m.conflict(at, hi, atOurs, endOurs, atTheirs, endTheirs)
		}
		ours, theirs = ours[nOurs:], theirs[nTheirs:]
		at, atOurs, atTheirs = hi, endOurs, endTheirs
	}
	m.stable(at, atOurs, atTheirs, len(m.base)-at)
}

// stable emits n lines that compare equal in all three. Where their blanks
// differ, the side that changed them wins, and ours if both did.
func (m *merger) stable(base, ours, theirs, n int) {
	for i := range n {
		l := m.ours[ours+i]
		if l.text == m.base[base+i].text {
			l.text = m.theirs[theirs+i].text
		}
		m.out = append(m.out, l)
	}
}

// take emits lines of theirs in the owner's line ending.
func (m *merger) take(lines []line) {
	for _, l := range lines {
		m.out = append(m.out, line{l.text, m.eol})
	}
}

// conflict records a conflict and emits what was asked for.
func (m *merger) conflict(base, endBase, ours, endOurs, theirs, endTheirs int) {
	b, o, t := m.base[base:endBase], m.ours[ours:endOurs], m.theirs[theirs:endTheirs]
	m.conflicts = append(m.conflicts, Conflict{Line: ours + 1, Ours: join(o), Base: join(b), Theirs: join(t)})
	switch m.o.Resolve {
	case Ours:
		m.out = append(m.out, o...)
	case Theirs:
		m.take(t)
	default:
		mark := func(text string) { m.out = append(m.out, line{text, m.eol}) }
		mark("<<<<<<< " + label(m.o.LabelOurs, "yours"))
		m.out = append(m.out, o...)
		mark("||||||| " + label(m.o.LabelBase, "last generated"))
		m.take(b)
		mark("=======")
		m.take(t)
		mark(">>>>>>> " + label(m.o.LabelTheirs, "new"))
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
	for _, l := range split(text) {
		switch {
		case len(l.text) >= 8 && l.text[:8] == "<<<<<<< ":
			open = true
		case open && len(l.text) >= 8 && l.text[:8] == ">>>>>>> ":
			return true
		}
	}
	return false
}
