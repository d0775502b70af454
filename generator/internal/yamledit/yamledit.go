// Package yamledit changes values in a YAML file by its lines, so that comments, order,
// blank lines and the spelling of everything else stay.
//
// It edits what sessionseed.yaml is written as: keys, some of them in sections, with a
// value on the line of the key, or a list with an entry a line. Any other form (values
// over several lines, [a, b], {a: b}, anchors) is an error.
package yamledit

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// SetScalar writes a value, given as YAML, at "key" or "section.key". What is missing is
// added to the section or at the end. A section that is written as one value stands for
// its key "enabled".
func SetScalar(data []byte, name, text string) ([]byte, error) {
	f, err := find(data, name)
	if err != nil {
		return nil, err
	}
	switch {
	case f.node == nil:
		f.lines = slices.Insert(f.lines, f.end, f.indent+f.key+": "+text+"\n")
	case f.node.Kind != yaml.ScalarNode:
		return nil, errors.New("it must be a single value")
	default:
		err = replaceScalar(f.lines, f.node, text)
	}
	return []byte(strings.Join(f.lines, "")), err
}

// SetList is SetScalar for a list, whose entries it quotes.
func SetList(data []byte, name string, entries []string) ([]byte, error) {
	f, err := find(data, name)
	if err != nil {
		return nil, err
	}
	if f.node == nil {
		f.lines = slices.Insert(f.lines, f.end, f.newList(entries)...)
	} else {
		f.lines, err = f.replaceList(entries)
	}
	return []byte(strings.Join(f.lines, "")), err
}

// place is where a value is, or is to be.
type place struct {
	lines       []string   // of the file, each with its end
	node        *yaml.Node // of the value, nil if it is missing
	end         int        // where a missing one goes
	indent, key string
}

func find(data []byte, name string) (*place, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	lines := strings.SplitAfter(string(data), "\n")
	if last := len(lines) - 1; lines[last] != "" {
		lines[last] += "\n"
	} else {
		lines = lines[:last]
	}
	mapping := &yaml.Node{Kind: yaml.MappingNode}
	if len(doc.Content) > 0 {
		mapping = doc.Content[0]
	}
	p := &place{lines: lines, end: len(lines), key: name}
	if section, key, nested := strings.Cut(name, "."); nested {
		p.key = key
		switch inner := valueOf(mapping, section); {
		case inner == nil:
			p.lines, p.indent, p.end = append(lines, section+":\n"), "  ", p.end+1
			mapping = &yaml.Node{Kind: yaml.MappingNode}
		case inner.Kind == yaml.ScalarNode && key == "enabled":
			p.key = section
		case inner.Kind != yaml.MappingNode || len(inner.Content) == 0:
			return nil, fmt.Errorf("%s is not written with a line for each option", section)
		default:
			mapping, p.end = inner, lastLine(inner)
			p.indent = strings.Repeat(" ", inner.Content[0].Column-1)
		}
	}
	if mapping.Kind != yaml.MappingNode || mapping.Style&yaml.FlowStyle != 0 {
		return nil, errors.New("the file is not written as one option a line")
	}
	p.node = valueOf(mapping, p.key)
	if p.node != nil && (p.node.Kind == yaml.AliasNode || p.node.Anchor != "") {
		return nil, errors.New("it is written with an anchor")
	}
	return p, nil
}

// valueOf is the value of a key, nil if the mapping lacks it.
func valueOf(mapping *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i+1]
		}
	}
	return nil
}

func lastLine(node *yaml.Node) int {
	line := node.Line
	for _, c := range node.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// newList are the lines of a list that was missing or empty.
func (p *place) newList(entries []string) []string {
	if len(entries) == 0 {
		return []string{p.indent + p.key + ": []\n"}
	}
	lines := []string{p.indent + p.key + ":\n"}
	for _, v := range entries {
		lines = append(lines, p.indent+"  - "+strconv.Quote(v)+"\n")
	}
	return lines
}

// replaceScalar writes a value over that of node, whatever is behind it on its line.
func replaceScalar(lines []string, node *yaml.Node, text string) error {
	from, to, err := extent(lines, node)
	if err != nil {
		return err
	}
	l := lines[node.Line-1]
	lines[node.Line-1] = l[:from] + text + l[to:]
	return nil
}

// extent finds the bytes of a scalar on its line. YAML counts columns in characters.
func extent(lines []string, node *yaml.Node) (from, to int, err error) {
	l := strings.TrimRight(lines[node.Line-1], "\r\n")
	for range node.Column - 1 {
		for from++; from < len(l) && l[from]&0xc0 == 0x80; from++ {
		}
	}
	from = min(from, len(l))
	text := node.Value
	switch {
	case node.Style&yaml.DoubleQuotedStyle != 0:
		if text, err = strconv.QuotedPrefix(l[from:]); err != nil {
			return 0, 0, errors.New("its quoted value is not on one line")
		}
	case node.Style&yaml.SingleQuotedStyle != 0:
		text = "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case text == "":
		return 0, 0, errors.New("it has no value")
	}
	if !strings.HasPrefix(l[from:], text) {
		return 0, 0, errors.New("its value is not on one line")
	}
	return from, from + len(text), nil
}

// replaceList gives a list other entries. The line of an entry that stays is kept,
// with what is behind it and the comments above it; those above the first entry
// stay at the top.
func (p *place) replaceList(entries []string) ([]string, error) {
	lines, node := p.lines, p.node
	if node.Kind == yaml.SequenceNode && len(node.Content) == 0 {
		at := node.Line - 1
		return slices.Replace(lines, at, at+1, p.newList(entries)...), nil
	}
	if node.Kind != yaml.SequenceNode || node.Style&yaml.FlowStyle != 0 {
		return nil, errors.New("the list is not written as one entry a line")
	}
	first, end := node.Content[0].Line-1, lastLine(node)
	have := map[string][]string{} // entry -> its lines
	at := first
	for _, entry := range node.Content {
		if _, _, err := extent(lines, entry); err != nil || entry.Line <= at {
			return nil, errors.New("an entry of the list is not on a line of its own")
		}
		have[entry.Value] = lines[at:entry.Line]
		at = entry.Line
	}
	if len(entries) == 0 {
		head := strings.TrimRight(lines[first-1], "\r\n")
		if !strings.HasSuffix(head, ":") {
			return nil, errors.New("the list is not right below its key")
		}
		return slices.Replace(lines, first-1, end, head+" []\n"), nil
	}
	var list []string
	for _, v := range entries {
		if kept, ok := have[v]; ok {
			list = append(list, kept...)
		} else {
			list = append(list, strings.Repeat(" ", node.Column-1)+"- "+strconv.Quote(v)+"\n")
		}
	}
	return slices.Replace(slices.Clone(lines), first, end, list...), nil
}
