package options

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EditYAML puts new values into a sessionseed.yaml: comments, order, blank lines
// and the spelling of everything else stay. The keys of changes are option names. A
// key that the file lacks is added, to its section or at the end.
//
// It edits what [EncodeYAML] writes: a value on the line of its key, and a list with
// an entry a line. Any other form (values over several lines, [a, b], {a: b},
// anchors) is an error, and its owner changes it by hand.
func EditYAML(data []byte, changes map[string][]string) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		d, ok := Lookup(name)
		if !ok {
			return nil, fmt.Errorf("there is no option %q", name)
		}
		// One value after the other, each time on fresh positions: the file is
		// small, and no edit can then spoil another.
		edited, err := editOne(data, d, changes[name])
		if err != nil {
			return nil, fmt.Errorf("option %q: %w", name, err)
		}
		values, err := DecodeYAML(edited)
		if err != nil || !slices.Equal(values[name], changes[name]) {
			return nil, fmt.Errorf("option %q cannot be changed in place", name)
		}
		data = edited
	}
	return data, nil
}

func editOne(data []byte, d Option, value []string) ([]byte, error) {
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
	section, key, nested := strings.Cut(d.Name, ".")
	if !nested {
		key = section
	}
	indent := ""
	end := len(lines) // where a new key goes
	if nested {
		switch inner := valueOf(mapping, section); {
		case inner == nil:
			lines, indent, end = append(lines, section+":\n"), "  ", end+1
			mapping = &yaml.Node{Kind: yaml.MappingNode}
		case inner.Kind == yaml.ScalarNode && key == "enabled": // captcha: false says it all
			key = section
		case inner.Kind != yaml.MappingNode || len(inner.Content) == 0:
			return nil, fmt.Errorf("%s is not written with a line for each option", section)
		default:
			mapping, end = inner, lastLine(inner)
			indent = strings.Repeat(" ", inner.Content[0].Column-1)
		}
	}
	if mapping.Kind != yaml.MappingNode || mapping.Style&yaml.FlowStyle != 0 {
		return nil, errors.New("the file is not written as one option a line")
	}
	node := valueOf(mapping, key)
	var err error
	switch {
	case node == nil:
		lines = slices.Insert(lines, end, written(indent, key, d, value)...)
	case node.Kind == yaml.AliasNode || node.Anchor != "":
		err = errors.New("it is written with an anchor")
	case d.Kind == List:
		lines, err = replaceList(lines, node, indent, key, d, value)
	case node.Kind != yaml.ScalarNode:
		err = errors.New("it must be a single value")
	default:
		err = replaceScalar(lines, node, yamlScalar(d, value[0]))
	}
	return []byte(strings.Join(lines, "")), err
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

// written are the lines of an option as EncodeYAML writes them, without comments.
func written(indent, key string, d Option, value []string) []string {
	switch {
	case d.Kind != List:
		return []string{indent + key + ": " + yamlScalar(d, value[0]) + "\n"}
	case len(value) == 0:
		return []string{indent + key + ": []\n"}
	}
	lines := []string{indent + key + ":\n"}
	for _, v := range value {
		lines = append(lines, indent+"  - "+strconv.Quote(v)+"\n")
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
// with what is behind it and the comments above it.
func replaceList(lines []string, node *yaml.Node, indent, key string, d Option, value []string) ([]string, error) {
	if node.Kind == yaml.SequenceNode && len(node.Content) == 0 {
		at := node.Line - 1
		return slices.Replace(lines, at, at+1, written(indent, key, d, value)...), nil
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
	if len(value) == 0 {
		head := strings.TrimRight(lines[first-1], "\r\n")
		if !strings.HasSuffix(head, ":") {
			return nil, errors.New("the list is not right below its key")
		}
		return slices.Replace(lines, first-1, end, head+" []\n"), nil
	}
	var list []string
	for _, v := range value {
		if kept, ok := have[v]; ok {
			list = append(list, kept...)
		} else {
			list = append(list, strings.Repeat(" ", node.Column-1)+"- "+strconv.Quote(v)+"\n")
		}
	}
	return slices.Replace(slices.Clone(lines), first, end, list...), nil
}
