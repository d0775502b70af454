package merge

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

// yamlFile is YAML in block style: mappings by key, sequences in their order.
var yamlFile = treemerge.Language{Parse: parseYAML, Words: textWords, Valid: func(kind string, text []byte) bool {
	var v any
	return kind != "file" || yaml.Unmarshal(text, &v) == nil
}}

// yamlTree builds the tree of one YAML document.
type yamlTree struct{ textTree }

func parseYAML(src []byte, _ int) *treemerge.Node {
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

// list takes apart a mapping or a sequence that has the lines from "from" to before
// "to" to itself. It is nil if that cannot be done.
func (t yamlTree) list(n *yaml.Node, from, to int) *treemerge.List {
	if n.Style&yaml.FlowStyle != 0 || n.Anchor != "" || n.Kind == yaml.AliasNode {
		return nil
	}
	l := &treemerge.List{}
	step := 1
	switch n.Kind {
	case yaml.MappingNode:
		l.Keyed = true
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
		l.Items = append(l.Items, t.item(n, i, at, start, end))
		at = end
	}
	l.Tail = t.node("tail", at, to).Text
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
func (t yamlTree) item(parent *yaml.Node, i, from, start, end int) *treemerge.Node {
	n := t.node("entry", from, end)
	value := parent.Content[i]
	body := start
	if parent.Kind == yaml.MappingNode {
		key := value
		n.Key, n.Name = key.Value, key.Value
		value = parent.Content[i+1]
		body++ // what the key has in its own line is not taken apart
		if value.Line == key.Line {
			body = end
		}
	} else {
		n.Kind = "item"
	}
	if inner := t.list(value, body, end); inner != nil && body < end {
		b := t.node("value", body, end)
		b.List = inner
		n.Parts = []*treemerge.Node{t.node("lead", from, start), t.node("key", start, body), b}
	} else {
		n.Parts = []*treemerge.Node{t.node("lead", from, start), t.node("scalar", start, end)}
	}
	return n
}
