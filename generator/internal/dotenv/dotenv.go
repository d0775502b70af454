// Package dotenv reads and edits a .env by its lines: what it does not change
// stays byte for byte.
package dotenv

import (
	"slices"
	"strings"
)

// ByteOrderMark begins files of some Windows editors. The service reads past it.
const ByteOrderMark = "\ufeff"

// Names returns the variables of a .env by name, each with its line and the
// comment right above it. A line that is commented out counts.
func Names(data []byte) map[string]string {
	names := map[string]string{}
	comment := ""
	for l := range strings.Lines(strings.TrimPrefix(strings.ReplaceAll(string(data), "\r\n", "\n"), ByteOrderMark)) {
		l = strings.TrimRight(l, "\n")
		name, _, ok := strings.Cut(strings.TrimPrefix(strings.TrimLeft(l, "# \t"), "export "), "=")
		name = strings.TrimRight(name, " \t") // which the service refuses, and yet a line of that name
		switch {
		case ok && name != "" && strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == "":
			names[name] = comment + l
			comment = ""
		case strings.HasPrefix(l, "#"):
			comment += l + "\n"
		default:
			comment = ""
		}
	}
	return names
}

// Order is the names of Names in the order of their first lines, but for those
// after export: it is for generated text.
func Order(data []byte) []string {
	var list []string
	texts := Names(data)
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(strings.TrimLeft(line, "# \t"), "=")
		name = strings.TrimRight(name, " \t")
		if texts[name] != "" && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
