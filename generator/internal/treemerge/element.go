package treemerge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// Language is what the merge of trees has to know of a kind of file.
type Language struct {
	// Parse takes a file apart behind an offset, nil if that cannot be done.
	Parse func(src []byte, from int) *Node
	// Valid reports whether text is an element of a kind, "file" for all of it.
	Valid func(kind string, text []byte) bool
	Words func(text []byte) (tokens []string, starts []int)
}

// structural merges trees. What it cannot settle it marks, element by element.
type structural struct {
	Language
	o textmerge.Options
	// neverLines is for a merge in which lines duplicated something.
	neverLines bool

	conflicts []textmerge.Conflict
	names     []string // the elements around the one that is merged
	line      int      // where the innermost of them begins in the owner's file
}

// lines merges by lines what has several.
func (m *structural) lines(b, o, t *Node) ([]byte, bool) {
	if m.neverLines || bytes.Count(b.Text, []byte(textmerge.Lf)) < 2 {
		return nil, false
	}
	r := textmerge.Merge(b.Text, o.Text, t.Text, m.o)
	return r.Data, len(r.Conflicts) == 0 && m.Valid(b.Kind, r.Data)
}

// tokens merges an element word by word. Blanks go with the word behind them.
func (m *structural) tokens(b, o, t *Node) ([]byte, bool) {
	if b.Kind == "text" { // what is between two lists is one thing
		return nil, false
	}
	w := textmerge.Merger{O: m.o}
	sides := []*[]textmerge.Line{&w.Base, &w.Ours, &w.Theirs}
	var keys [3][]string
	for i, n := range []*Node{b, o, t} {
		tokens, starts := m.Words(n.Text)
		at := 0
		for j := range tokens {
			end := len(n.Text)
			if j+1 < len(tokens) {
				end = starts[j] + len(bytes.TrimRight(n.Text[starts[j]:starts[j+1]], " \t\r\n"))
			}
			*sides[i] = append(*sides[i], textmerge.Line{Text: string(n.Text[at:end])})
			at = end
		}
		keys[i] = tokens
	}
	if len(keys[0]) == 0 {
		return nil, false
	}
	numbers := textmerge.Intern(keys[0], keys[1], keys[2])
	w.Walk(numbers, textmerge.Diff(numbers[0], numbers[1]), textmerge.Diff(numbers[0], numbers[2]))
	text := textmerge.Join(w.Out)
	return text, len(w.Conflicts) == 0 && m.Valid(b.Kind, text)
}

// conflict shows the runs of elements that the sides have in one place, which
// begins at a line of the owner's file. By lines it may be less than all of them.
func (m *structural) conflict(b, o, t []*Node, line int) []byte {
	name := ""
	for _, n := range slices.Concat(o, t, b) {
		name = cmp.Or(name, n.Name)
	}
	names := m.names
	if name != "" {
		names = append(slices.Clip(names), name)
	}
	base, ours, theirs := texts(b), texts(o), texts(t)
	r := textmerge.Merge(base, ours, theirs, m.o)
	if len(r.Conflicts) == 0 {
		w := textmerge.Merger{Base: textmerge.Split(base), Ours: textmerge.Split(ours),
			Theirs: textmerge.Split(theirs), O: m.o, Eol: textmerge.Lf}
		w.Conflict(0, len(w.Base), 0, len(w.Ours), 0, len(w.Theirs))
		r.Data, r.Conflicts = textmerge.Join(w.Out), w.Conflicts
	}
	for _, c := range r.Conflicts {
		c.Line += line - 1
		c.Element = strings.Join(names, ", ")
		m.conflicts = append(m.conflicts, c)
	}
	return r.Data
}
