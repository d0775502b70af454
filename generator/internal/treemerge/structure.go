// Package treemerge merges three versions of a text that each are a tree of nodes,
// stretches of the text. An element that one side changed is that side's, one that
// both changed is merged by lines if that is clean, else by its parts. The result
// is made of the sides' own bytes.
package treemerge

import (
	"bytes"
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// MergeStructure merges what is behind an offset in each of three texts: by
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
	text, ok := m.list(trees[0].List, trees[1].List, trees[2].List, m.node)
	if ok && len(m.conflicts) == 0 && !sound(text) {
		m = structural{Language: l, o: o, neverLines: true}
		text, ok = m.list(trees[0].List, trees[1].List, trees[2].List, m.node)
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

// node merges an element that all three have. Not ok means a conflict that has
// to be shown by what is around it; text is then of no use.
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
		m.line = o.Line
		return m.list(b.List, o.List, t.List, m.node)
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
