package options

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// EditYAML puts new values into a sessionseed.yaml by splicing: comments, order,
// indentation and the spelling of everything else stay. The keys of changes are
// option names. A key that the file lacks is added, to its section or at the
// end. The error is for a file whose form cannot be kept (anchors, values over
// several lines).
func EditYAML(data []byte, changes map[string][]string) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		d, ok := Lookup(name)
		if !ok {
			return nil, fmt.Errorf("there is no option %q", name)
		}
		// One value after the other, each time on fresh positions: the file
		// is small, and no edit can then spoil another.
		var err error
		if data, err = editOne(data, d, changes[name]); err != nil {
			return nil, fmt.Errorf("option %q: %w", name, err)
		}
		values, err := DecodeYAML(data)
		if err != nil || !slices.Equal(values[name], changes[name]) {
			return nil, fmt.Errorf("option %q cannot be changed in place", name)
		}
	}
	return data, nil
}

func editOne(data []byte, d Option, value []string) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	e := yamlEditor{lines: strings.SplitAfter(string(data), "\n")}
	section, key, nested := strings.Cut(d.Name, ".")
	if !nested {
		key = section
	}
	if len(doc.Content) == 0 {
		return e.appendTop(d, section, key, nested, value), nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode || top.Style&yaml.FlowStyle != 0 {
		return nil, fmt.Errorf("the file is not written as one option a line")
	}
	if !nested {
		if _, node := lookupNode(top, key); node != nil {
			return e.replace(d, node, value)
		}
		return e.appendTop(d, section, key, false, value), nil
	}
	at, node := lookupNode(top, section)
	switch {
	case node == nil:
		return e.appendTop(d, section, key, true, value), nil
	case node.Kind == yaml.ScalarNode && key == "enabled":
		return e.replace(d, node, value)
	case node.Kind == yaml.ScalarNode:
		return e.openSection(at, node, key, d, value)
	case node.Kind != yaml.MappingNode:
		return nil, fmt.Errorf("%s is not a section", section)
	}
	if _, inner := lookupNode(node, key); inner != nil {
		return e.replace(d, inner, value)
	}
	if node.Style&yaml.FlowStyle != 0 {
		return e.insert(node.Line, node.Column, fmt.Sprintf("%s: %s, ", key, yamlScalar(d, value[0]))), nil
	}
	if len(node.Content) == 0 {
		return nil, fmt.Errorf("section %s is empty", section)
	}
	first := node.Content[0]
	indent := strings.Repeat(" ", first.Column-1)
	line := fmt.Sprintf("%s%s: %s\n", indent, key, yamlScalar(d, value[0]))
	return e.insertLine(lastLine(node), line), nil
}

func lookupNode(mapping *yaml.Node, key string) (at, value *yaml.Node) {
	for i := 0; i+1 < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == key {
			return mapping.Content[i], mapping.Content[i+1]
		}
	}
	return nil, nil
}

func lastLine(node *yaml.Node) int {
	line := node.Line
	for _, c := range node.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// yamlEditor holds the lines of a file, line n at index n-1.
type yamlEditor struct{ lines []string }

func (e *yamlEditor) bytes() []byte { return []byte(strings.Join(e.lines, "")) }

// offset is the byte index of a column, which YAML counts in characters.
func (e *yamlEditor) offset(line, column int) int {
	text, at := e.lines[line-1], 0
	for range column - 1 {
		for at++; at < len(text) && text[at]&0xc0 == 0x80; at++ {
		}
	}
	return min(at, len(text))
}

// insert puts text right behind the character at a position.
func (e *yamlEditor) insert(line, column int, text string) []byte {
	at := e.offset(line, column) + 1
	l := e.lines[line-1]
	e.lines[line-1] = l[:at] + text + l[at:]
	return e.bytes()
}

// insertLine puts whole lines behind line n.
func (e *yamlEditor) insertLine(n int, text string) []byte {
	if l := e.lines[n-1]; !strings.HasSuffix(l, "\n") {
		e.lines[n-1] = l + "\n"
	}
	e.lines = slices.Insert(e.lines, n, text)
	return e.bytes()
}

func (e *yamlEditor) appendTop(d Option, section, key string, nested bool, value []string) []byte {
	if last := e.lines[len(e.lines)-1]; last != "" {
		e.lines[len(e.lines)-1] = last + "\n"
	}
	indent := ""
	if nested {
		indent = "  "
		e.lines = append(e.lines, section+":\n")
	}
	if d.Kind == List {
		e.lines = append(e.lines, indent+key+": "+flowList(value)+"\n")
	} else {
		e.lines = append(e.lines, indent+key+": "+yamlScalar(d, value[0])+"\n")
	}
	return e.bytes()
}

// openSection turns "captcha: true" into a section with that and one more key.
func (e *yamlEditor) openSection(at, node *yaml.Node, key string, d Option, value []string) ([]byte, error) {
	from, to, err := e.token(node)
	if err != nil {
		return nil, err
	}
	l := e.lines[at.Line-1]
	written := l[from:to]
	e.lines[at.Line-1] = strings.TrimRight(l[:from], " ") + l[to:]
	indent := strings.Repeat(" ", at.Column-1) + "  "
	return e.insertLine(at.Line, fmt.Sprintf("%senabled: %s\n%s%s: %s\n", indent, written, indent, key, yamlScalar(d, value[0]))), nil
}

// replace writes a new value in the place of node.
func (e *yamlEditor) replace(d Option, node *yaml.Node, value []string) ([]byte, error) {
	if node.Kind == yaml.AliasNode || node.Anchor != "" {
		return nil, fmt.Errorf("it is written with an anchor")
	}
	if d.Kind == List {
		return e.replaceList(node, value)
	}
	if node.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("it is no plain value")
	}
	return e.replaceToken(node, yamlScalar(d, value[0]))
}

func (e *yamlEditor) replaceToken(node *yaml.Node, text string) ([]byte, error) {
	from, to, err := e.token(node)
	if err != nil {
		return nil, err
	}
	l := e.lines[node.Line-1]
	e.lines[node.Line-1] = l[:from] + text + l[to:]
	return e.bytes(), nil
}

// token finds the bytes of a scalar on its line.
func (e *yamlEditor) token(node *yaml.Node) (from, to int, err error) {
	l := strings.TrimRight(e.lines[node.Line-1], "\r\n")
	from = min(e.offset(node.Line, node.Column), len(l))
	rest := l[from:]
	switch {
	case node.Value == "" && node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) == 0:
		return 0, 0, fmt.Errorf("it has no value")
	case node.Style&yaml.DoubleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\\' {
				i++
			} else if rest[i] == '"' {
				return from, from + i + 1, nil
			}
		}
	case node.Style&yaml.SingleQuotedStyle != 0:
		for i := 1; i < len(rest); i++ {
			if rest[i] == '\'' && i+1 < len(rest) && rest[i+1] == '\'' {
				i++
			} else if rest[i] == '\'' {
				return from, from + i + 1, nil
			}
		}
	case node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && strings.HasPrefix(rest, node.Value):
		return from, from + len(node.Value), nil
	}
	return 0, 0, fmt.Errorf("its value is not on one line")
}

// replaceList keeps the lines of entries that stay, with their comments, where
// the order allows it.
func (e *yamlEditor) replaceList(node *yaml.Node, value []string) ([]byte, error) {
	if node.Kind == yaml.ScalarNode {
		return e.replaceToken(node, flowList(value))
	}
	if node.Style&yaml.FlowStyle != 0 {
		if lastLine(node) != node.Line {
			return nil, fmt.Errorf("its value is not on one line")
		}
		from := e.offset(node.Line, node.Column)
		l := e.lines[node.Line-1]
		end := from + 1
		if n := len(node.Content); n > 0 {
			_, to, err := e.token(node.Content[n-1])
			if err != nil {
				return nil, err
			}
			end = to
		}
		closing := strings.IndexByte(l[end:], ']')
		if closing < 0 {
			return nil, fmt.Errorf("its value is not on one line")
		}
		e.lines[node.Line-1] = l[:from] + flowList(value) + l[end+closing+1:]
		return e.bytes(), nil
	}

	var kept []string
	drop := map[int]bool{}
	for _, entry := range node.Content {
		if _, _, err := e.token(entry); err != nil {
			return nil, err
		}
		if len(kept) < len(value) && slices.Contains(value, entry.Value) {
			kept = append(kept, entry.Value)
		} else {
			drop[entry.Line] = true
		}
	}
	if !slices.Equal(kept, value[:len(kept)]) { // another order: the entries change places
		for i, entry := range node.Content {
			if i < len(value) {
				if _, err := e.replaceToken(entry, strconv.Quote(value[i])); err != nil {
					return nil, err
				}
			}
			drop[entry.Line] = i >= len(value)
		}
		kept = value[:min(len(value), len(node.Content))]
	}
	indent := strings.Repeat(" ", node.Column-1)
	end := lastLine(node)
	var out []string
	for i, l := range e.lines {
		n := i + 1
		if !drop[n] {
			out = append(out, l)
		}
		if n == end {
			if n := len(out); n > 0 && !strings.HasSuffix(out[n-1], "\n") {
				out[n-1] += "\n"
			}
			for _, v := range value[len(kept):] {
				out = append(out, indent+"- "+strconv.Quote(v)+"\n")
			}
			if len(value) == 0 {
				out = emptyList(out, indent)
			}
		}
	}
	e.lines = out
	return e.bytes(), nil
}

// emptyList gives the key above a list that lost its last entry an empty one.
func emptyList(lines []string, indent string) []string {
	for i := len(lines) - 1; i >= 0; i-- {
		if l := strings.TrimRight(lines[i], "\r\n"); strings.HasSuffix(strings.TrimSpace(l), ":") && !strings.HasPrefix(strings.TrimSpace(l), "#") {
			lines[i] = l + " []\n"
			return lines
		}
	}
	return append(lines, indent+"[]\n")
}

func flowList(value []string) string {
	quoted := make([]string, len(value))
	for i, v := range value {
		quoted[i] = strconv.Quote(v)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}
