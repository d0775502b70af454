package merge

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// language is what the merge of trees has to know of a kind of file.
type language struct {
	// parse takes a file apart behind an offset, nil if that cannot be done.
	parse func(src []byte, from int) *node
	// valid reports whether text is an element of a kind, "file" for all of it.
	valid func(kind string, text []byte) bool
	words func(text []byte) (tokens []string, starts []int)
}

// mergeStructure merges what stands behind an offset in each of three texts: by
// lines if that is clean and valid, else by structure.
func (l language) mergeStructure(base, ours, theirs []byte, from [3]int, o Options) Result {
	exact := o
	exact.IgnoreBlanks = false
	byLines := Merge(base[from[0]:], ours[from[1]:], theirs[from[2]:], exact)
	if o.IgnoreBlanks && (len(byLines.Conflicts) > 0 || !l.valid("file", byLines.Data)) {
		byLines = Merge(base[from[0]:], ours[from[1]:], theirs[from[2]:], o)
	}
	clean := len(byLines.Conflicts) == 0 && l.valid("file", byLines.Data)
	if o.LinesOnly {
		return byLines
	}
	var trees [3]*node
	for i, src := range [][]byte{base, ours, theirs} {
		if trees[i] = l.parse(src, from[i]); trees[i] == nil || trees[i].list == nil {
			return byLines
		}
	}
	// Each side may have added what the other added elsewhere.
	allowed := max(trees[1].doubles(), trees[2].doubles())
	sound := func(text []byte) bool {
		n := l.parse(slices.Concat(ours[:from[1]], text), from[1])
		return n != nil && n.doubles() <= allowed
	}
	if clean && sound(byLines.Data) {
		return byLines
	}
	m := structural{language: l, o: o}
	text, ok := m.list(trees[0].list, trees[1].list, trees[2].list)
	if ok && len(m.conflicts) == 0 && !sound(text) {
		m = structural{language: l, o: o, neverLines: true}
		text, ok = m.list(trees[0].list, trees[1].list, trees[2].list)
	}
	if !ok || len(m.conflicts) == 0 && (!l.valid("file", text) || !sound(text)) {
		return byLines
	}
	before := bytes.Count(ours[:from[1]], []byte(lf))
	for i := range m.conflicts {
		m.conflicts[i].Line -= before
	}
	return Result{text, m.conflicts, true}
}

// structural merges trees. What it cannot settle it marks, element by element.
type structural struct {
	language
	o Options
	// neverLines is for a merge of which lines made something double.
	neverLines bool

	conflicts []Conflict
	names     []string // the elements around the one that is merged
}

// node merges an element that all three have. Not ok means a conflict that has
// to be shown by what is around it; text is then nil.
func (m *structural) node(b, o, t *node) (text []byte, ok bool) {
	switch {
	case same(o, b) && same(t, b):
		if bytes.Equal(o.text, b.text) {
			return t.text, true
		}
		return o.text, true
	case same(o, b):
		return t.text, true
	case same(t, b), same(o, t):
		return o.text, true
	}
	if text, ok := m.lines(b, o, t); ok {
		return text, true
	}
	if b.list != nil && o.list != nil && t.list != nil {
		return m.list(b.list, o.list, t.list)
	}
	before := len(m.conflicts)
	if n := len(b.parts); n > 0 && n == len(o.parts) && n == len(t.parts) && b.kind == o.kind && b.kind == t.kind {
		if o.name != "" {
			m.names = append(m.names, o.name)
			defer func() { m.names = m.names[:len(m.names)-1] }()
		}
		if text, ok := m.parts(b.parts, o.parts, t.parts); ok {
			return text, true
		}
		m.conflicts = m.conflicts[:before]
		return nil, false
	}
	return m.tokens(b, o, t)
}

// parts merges the parts of an element one by one.
func (m *structural) parts(b, o, t []*node) ([]byte, bool) {
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
func (m *structural) lines(b, o, t *node) ([]byte, bool) {
	if m.neverLines || bytes.Count(b.text, []byte(lf)) < 2 {
		return nil, false
	}
	r := Merge(b.text, o.text, t.text, m.o)
	return r.Data, len(r.Conflicts) == 0 && m.valid(b.kind, r.Data)
}

// tokens merges an element word by word. Blanks go with the word behind them.
func (m *structural) tokens(b, o, t *node) ([]byte, bool) {
	if b.kind == "text" { // what is between two lists is one thing
		return nil, false
	}
	w := merger{o: m.o}
	sides := []*[]line{&w.base, &w.ours, &w.theirs}
	var keys [3][]string
	for i, n := range []*node{b, o, t} {
		tokens, starts := m.words(n.text)
		at := 0
		for j := range tokens {
			end := len(n.text)
			if j+1 < len(tokens) {
				end = starts[j] + len(bytes.TrimRight(n.text[starts[j]:starts[j+1]], " \t\r\n"))
			}
			*sides[i] = append(*sides[i], line{text: string(n.text[at:end])})
			at = end
		}
		keys[i] = tokens
	}
	if len(keys[0]) == 0 {
		return nil, false
	}
	numbers := intern(keys[0], keys[1], keys[2])
	w.walk(numbers, diff(numbers[0], numbers[1]), diff(numbers[0], numbers[2]))
	text := join(w.out)
	return text, len(w.conflicts) == 0 && m.valid(b.kind, text)
}

// conflict shows the runs of elements that the sides have in one place. By lines
// it may be less than all of them.
func (m *structural) conflict(b, o, t []*node) []byte {
	name, line := "", 0
	for _, n := range slices.Concat(o, t, b) {
		name = cmp.Or(name, n.name)
	}
	if len(o) > 0 {
		line = o[0].line - 1
	}
	names := m.names
	if name != "" {
		names = append(slices.Clip(names), name)
	}
	base, ours, theirs := texts(b), texts(o), texts(t)
	r := Merge(base, ours, theirs, m.o)
	if len(r.Conflicts) == 0 {
		w := merger{base: split(base), ours: split(ours), theirs: split(theirs), o: m.o, eol: lf}
		w.conflict(0, len(w.base), 0, len(w.ours), 0, len(w.theirs))
		r.Data, r.Conflicts = join(w.out), w.conflicts
	}
	for _, c := range r.Conflicts {
		c.Line += line
		c.Element = strings.Join(names, ", ")
		m.conflicts = append(m.conflicts, c)
	}
	return r.Data
}
