// Package treemerge merges three versions of a text that each are a tree of nodes,
// stretches of the text. An element that one side changed is that side's, one that
// both changed is merged by lines if that is clean, else by its parts. The result
// is made of the sides' own bytes.
package treemerge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// language is what the merge of trees has to know of a kind of file.
type Language struct {
	// parse takes a file apart behind an offset, nil if that cannot be done.
	Parse func(src []byte, from int) *Node
	// valid reports whether text is an element of a kind, "file" for all of it.
	Valid func(kind string, text []byte) bool
	Words func(text []byte) (tokens []string, starts []int)
}

// mergeStructure merges what is behind an offset in each of three texts: by
// lines if that is clean and valid, else by structure.
func (l Language) MergeStructure(base, ours, theirs []byte, from [3]int, o textmerge.Options) textmerge.Result {
	exact := o
	exact.IgnoreBlanks = false
	byLines := textmerge.Merge(base[from[0]:], ours[from[1]:], theirs[from[2]:], exact)
	if o.IgnoreBlanks && (len(byLines.Conflicts) > 0 || !l.Valid("file", byLines.Data)) {
		byLines = textmerge.Merge(base[from[0]:], ours[from[1]:], theirs[from[2]:], o)
	}
	clean := len(byLines.Conflicts) == 0 && l.Valid("file", byLines.Data)
	if o.LinesOnly {
		return byLines
	}
	var trees [3]*Node
	for i, src := range [][]byte{base, ours, theirs} {
		if trees[i] = l.Parse(src, from[i]); trees[i] == nil || trees[i].List == nil {
			return byLines
		}
	}
	// Each side may have added what the other added elsewhere.
	allowed := max(trees[1].doubles(), trees[2].doubles())
	sound := func(text []byte) bool {
		n := l.Parse(slices.Concat(ours[:from[1]], text), from[1])
		return n != nil && n.doubles() <= allowed
	}
	if clean && sound(byLines.Data) {
		return byLines
	}
	m := structural{Language: l, o: o}
	text, ok := m.list(trees[0].List, trees[1].List, trees[2].List)
	if ok && len(m.conflicts) == 0 && !sound(text) {
		m = structural{Language: l, o: o, neverLines: true}
		text, ok = m.list(trees[0].List, trees[1].List, trees[2].List)
	}
	if !ok || len(m.conflicts) == 0 && (!l.Valid("file", text) || !sound(text)) {
		return byLines
	}
	before := bytes.Count(ours[:from[1]], []byte(textmerge.Lf))
	for i := range m.conflicts {
		m.conflicts[i].Line -= before
	}
	return textmerge.Result{Data: text, Conflicts: m.conflicts, Structural: true}
}

// structural merges trees. What it cannot settle it marks, element by element.
type structural struct {
	Language
	o textmerge.Options
	// neverLines is for a merge of which lines made something double.
	neverLines bool

	conflicts []textmerge.Conflict
	names     []string // the elements around the one that is merged
}

// node merges an element that all three have. Not ok means a conflict that has
// to be shown by what is around it; text is then nil.
func (m *structural) node(b, o, t *Node) (text []byte, ok bool) {
	switch {
	case same(o, b) && same(t, b):
		if bytes.Equal(o.Text, b.Text) {
			return t.Text, true
		}
		return o.Text, true
	case same(o, b):
		return t.Text, true
	case same(t, b), same(o, t):
		return o.Text, true
	}
	if text, ok := m.lines(b, o, t); ok {
		return text, true
	}
	if b.List != nil && o.List != nil && t.List != nil {
		return m.list(b.List, o.List, t.List)
	}
	before := len(m.conflicts)
	if n := len(b.Parts); n > 0 && n == len(o.Parts) && n == len(t.Parts) && b.Kind == o.Kind && b.Kind == t.Kind {
		if o.Name != "" {
			m.names = append(m.names, o.Name)
			defer func() { m.names = m.names[:len(m.names)-1] }()
		}
		if text, ok := m.parts(b.Parts, o.Parts, t.Parts); ok {
			return text, true
		}
		m.conflicts = m.conflicts[:before]
		return nil, false
	}
	return m.tokens(b, o, t)
}

// parts merges the parts of an element one by one.
func (m *structural) parts(b, o, t []*Node) ([]byte, bool) {
	var out []byte
	for i := range b {
		text, ok := m.node(b[i], o[i], t[i])
		if !ok {
			return nil, false
		}
		out = append(out, text...)
	}
	return out, true
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

// conflict shows the runs of elements that the sides have in one place. By lines
// it may be less than all of them.
func (m *structural) conflict(b, o, t []*Node) []byte {
	name, line := "", 0
	for _, n := range slices.Concat(o, t, b) {
		name = cmp.Or(name, n.Name)
	}
	if len(o) > 0 {
		line = o[0].Line - 1
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
		c.Line += line
		c.Element = strings.Join(names, ", ")
		m.conflicts = append(m.conflicts, c)
	}
	return r.Data
}
