package options

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/internal/yamledit"
)

// EncodeYAML writes o as sessionseed.yaml: every option with its help as a
// comment, and the policy in words at the head.
func EncodeYAML(o *Options, policy []string) []byte {
	var b bytes.Buffer
	b.WriteString("# The options of this project. Edit a value and run: sessionseed regenerate\n")
	b.WriteString("# This file holds no secrets: the keys are in .env.\n#\n# What follows from the URLs:\n")
	for _, sentence := range policy {
		wrapComment(&b, "# - ", "#   ", sentence)
	}
	section := ""
	for _, d := range table {
		if !d.Applies(o) {
			continue
		}
		indent, key := "", d.Name
		if head, tail, ok := strings.Cut(d.Name, "."); ok {
			indent, key = "  ", tail
			if head != section {
				fmt.Fprintf(&b, "\n%s:\n", head)
				section = head
			}
		} else {
			section = ""
			b.WriteByte('\n')
		}
		wrapComment(&b, indent+"# ", indent+"# ", capital(d.Help)+".")
		if d.Limits != "" && d.Kind != Bool {
			wrapComment(&b, indent+"# ", indent+"# ", "Values: "+d.Limits+".")
		} else if d.Limits != "" {
			wrapComment(&b, indent+"# ", indent+"# ", capital(d.Limits)+".")
		}
		if d.Runtime != "" {
			wrapComment(&b, indent+"# ", indent+"# ", "The environment variable "+d.Runtime+" of the service "+
				"overrides it.")
		}
		fmt.Fprintf(&b, "%s%s:", indent, key)
		values := d.Get(o)
		switch {
		case d.Kind != List:
			b.WriteString(" " + yamlScalar(d, values[0]) + "\n")
		case len(values) == 0:
			b.WriteString(" []\n")
		default:
			b.WriteByte('\n')
			for _, v := range values {
				b.WriteString(indent + "  - " + strconv.Quote(v) + "\n")
			}
		}
	}
	return b.Bytes()
}

// capital begins a phrase of the help as a sentence.
func capital(phrase string) string { return strings.ToUpper(phrase[:1]) + phrase[1:] }

// yamlScalar quotes whatever YAML could take for something else. Go's quoting
// of printable ASCII is YAML's double-quoted style; the rest is escaped by
// both alike for the values that validation lets through.
func yamlScalar(d Option, v string) string {
	if d.Kind == Bool || d.Kind == Int || d.Kind == Enum && v != "true" && v != "false" &&
		strings.Trim(v, "abcdefghijklmnopqrstuvwxyz") == "" {
		return v
	}
	if d.Kind == Duration {
		return v
	}
	return strconv.Quote(v)
}

func wrapComment(b *bytes.Buffer, first, next, text string) {
	const width = 100
	b.WriteString(first)
	long := len(first)
	for i, w := range strings.Fields(text) {
		switch {
		case i > 0 && long+1+len(w) > width:
			b.WriteString("\n" + next)
			long = len(next)
		case i > 0:
			b.WriteByte(' ')
			long++
		}
		b.WriteString(w)
		long += len(w)
	}
	b.WriteByte('\n')
}

// DecodeYAML reads the values of a sessionseed.yaml (or of a file given with
// --config, which may hold any subset) by option name. Unknown keys, keys
// given twice and values of the wrong form are reported all at once, each as
// a [*problem.Problem] with its line.
func DecodeYAML(data []byte) (map[string][]string, error) {
	if len(data) > 1<<20 {
		return nil, problem.New("the options file is larger than 1 MiB", "give a sessionseed.yaml")
	}
	var doc yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(data))
	notYAML := func(err error) error {
		fact := strings.TrimPrefix(err.Error(), "yaml: ")
		hint := "fix its syntax: an indentation or a quote is wrong; one option a line: maxAge: 24h"
		if strings.Contains(fact, "UTF-8") || strings.Contains(fact, "control characters") {
			hint = "save it as UTF-8, without control characters"
		}
		return problem.New("the options file is not YAML: "+fact, hint)
	}
	if err := documents.Decode(&doc); err != nil && !errors.Is(err, io.EOF) {
		return nil, notYAML(err)
	}
	var second yaml.Node
	switch err := documents.Decode(&second); {
	case err == nil:
		return nil, problem.New(fmt.Sprintf("the options file holds a second document, from line %d on",
			append(second.Content, &second)[0].Line), "move its options into the first, and remove the line ---")
	case !errors.Is(err, io.EOF):
		return nil, notYAML(err)
	}
	values := map[string][]string{}
	if len(doc.Content) == 0 { // empty, or comments only
		return values, nil
	}
	var problems []error
	readMapping(doc.Content[0], "", values, &problems)
	return values, errors.Join(problems...)
}

// EditYAML puts new values into a sessionseed.yaml: comments, order, blank lines
// and the spelling of everything else stay. The keys of changes are option names. A
// key that the file lacks is added, to its section or at the end.
//
// It edits what [EncodeYAML] writes; any other form is an error, and its owner changes
// it by hand (see yamledit).
func EditYAML(data []byte, changes map[string][]string) ([]byte, error) {
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		d, ok := Lookup(name)
		if !ok {
			return nil, fmt.Errorf("there is no option %q", name)
		}
		var edited []byte
		var err error
		if d.Kind == List {
			edited, err = yamledit.SetList(data, name, changes[name])
		} else {
			edited, err = yamledit.SetScalar(data, name, yamlScalar(d, changes[name][0]))
		}
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

func readMapping(node *yaml.Node, prefix string, values map[string][]string, problems *[]error) {
	bad := func(n *yaml.Node, hint, fact string, args ...any) {
		*problems = append(*problems, problem.New(fmt.Sprintf("line %d: ", n.Line)+fmt.Sprintf(fact, args...), hint))
	}
	if node.Kind != yaml.MappingNode {
		bad(node, "write one option a line, as in maxAge: 24h", "the options file holds no options")
		return
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		name := prefix + key.Value
		if prefix == "" && value.Kind == yaml.MappingNode && isSection(name) {
			readMapping(value, name+".", values, problems)
			continue
		}
		if prefix == "" && value.Kind == yaml.ScalarNode && isSection(name) {
			name += ".enabled" // captcha: false says it all
		}
		d, ok := Lookup(name)
		gone, retiredOption := retired[name]
		switch {
		case prefix == "" && value.Kind == yaml.SequenceNode && isSection(key.Value):
			bad(value, "write its options without dashes, each below the other", "%s takes options, not a list", name)
		case retiredOption && value.Kind == yaml.ScalarNode && gone.asNow(value.Value):
		case retiredOption:
			bad(key, gone.hint, "%s", gone.fact)
		case !ok || d.Name != name:
			hint := "sessionseed regenerate --help-all lists the options, as flags"
			if ok {
				hint = "in a file, --" + name + " is called " + d.Name
			} else if near := nearest(name); near != "" {
				hint = "did you mean " + near + "?"
			}
			bad(key, hint, "there is no option %q", name)
		case values[name] != nil:
			bad(key, "keep one of them", "option %q is given twice", name)
		case d.Kind == List && value.Kind == yaml.SequenceNode:
			list := []string{}
			for _, e := range value.Content {
				if e.Kind != yaml.ScalarNode {
					bad(e, "write each as - \"value\"", "an entry of %q must be a single value", name)
					continue
				}
				list = append(list, e.Value)
			}
			values[name] = list
		case value.Kind == yaml.ScalarNode && value.Tag == "!!null" && d.Kind == Text:
			values[name] = []string{""}
		case value.Kind == yaml.ScalarNode && value.Tag == "!!null":
			bad(value, "write a value after the colon (for an empty list, [])", "option %q has no value", name)
		case value.Kind == yaml.ScalarNode:
			values[name] = []string{value.Value}
		case d.Kind == List:
			bad(value, "write each on a line of its own: - \"value\"", "option %q must be a list of values", name)
		case d.Mistaken != "":
			bad(value, "write true, and "+d.Mistaken, "%s is neither true nor false", name)
		default:
			bad(value, "write it as "+key.Value+": value", "option %q must be a single value", name)
		}
	}
}

func isSection(name string) bool {
	return slices.ContainsFunc(table, func(d Option) bool { return strings.HasPrefix(d.Name, name+".") })
}

// nearest is the option whose name was probably meant.
func nearest(name string) string {
	var names []string
	for _, d := range table {
		names = append(names, d.Name)
	}
	return problem.Nearest(name, names)
}
