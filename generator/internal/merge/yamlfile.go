package merge

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlFile is YAML in block style: mappings by key, sequences in their order.
var yamlFile = language{parse: parseYAML, words: textWords, valid: func(kind string, text []byte) bool {
	var v any
	return kind != "file" || yaml.Unmarshal(text, &v) == nil
}}

// yamlTree builds the tree of one YAML document.
type yamlTree struct{ textTree }

func parseYAML(src []byte, _ int) *node {
	t, ok := newTextTree(src)
	var doc yaml.Node
	if !ok || yaml.Unmarshal(src, &doc) != nil || len(doc.Content) != 1 {
		return nil
	}
	for i, l := range t.lines {
		if strings.HasPrefix(l, "---") && i > 0 || strings.HasPrefix(l, "%") || strings.HasPrefix(l, "...") {
			return nil // more than one document, or directives
		}
	}
	y := yamlTree{t}
	return t.file(y.list(doc.Content[0], 0, len(t.lines)))
}

// list takes a mapping or a sequence apart that has lines from and to of its own,
// nil if it cannot be.
func (t yamlTree) list(n *yaml.Node, from, to int) *list {
	if n.Style&yaml.FlowStyle != 0 || n.Anchor != "" || n.Kind == yaml.AliasNode {
		return nil
	}
	l := &list{}
	step := 1
	switch n.Kind {
	case yaml.MappingNode:
		l.keyed = true
		step = 2
	case yaml.SequenceNode:
	default:
		return nil
	}
	at := from
	for i := 0; i < len(n.Content); i += step {
		start, end := n.Content[i].Line-1, to
		if i+step < len(n.Content) {
			end = n.Content[i+step].Line - 1
		}
		if start < at || end <= start ||
			n.Kind == yaml.SequenceNode && !strings.HasPrefix(strings.TrimSpace(t.lines[start]), "-") {
			return nil
		}
		end = t.cutComments(start, end, n.Column)
		l.items = append(l.items, t.item(n, i, at, start, end))
		at = end
	}
	l.tail = t.node("tail", at, to).text
	return l
}

// cutComments returns the end of an element without the blank lines and comments
// behind it, which belong to what follows. Column counts from 1.
func (t yamlTree) cutComments(start, end, column int) int {
	for end > start+1 {
		l := t.lines[end-1]
		text := strings.TrimLeft(l, " ")
		if strings.TrimSpace(text) != "" && (!strings.HasPrefix(text, "#") || len(l)-len(text) >= column) {
			break
		}
		end--
	}
	return end
}

// item is one entry of a mapping or a sequence, which begins in line start.
func (t yamlTree) item(parent *yaml.Node, i, from, start, end int) *node {
	n := t.node("entry", from, end)
	value := parent.Content[i]
	body := start
	if parent.Kind == yaml.MappingNode {
		key := value
		n.key, n.name = key.Value, key.Value
		value = parent.Content[i+1]
		body++ // what the key has in its own line is not taken apart
		if value.Line == key.Line {
			body = end
		}
	} else {
		n.kind = "item"
	}
	if inner := t.list(value, body, end); inner != nil && body < end {
		b := t.node("value", body, end)
		b.list = inner
		n.parts = []*node{t.node("lead", from, start), t.node("key", start, body), b}
	} else {
		n.parts = []*node{t.node("lead", from, start), t.node("scalar", start, end)}
	}
	return n
}
