package options

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// retired are options that earlier generators had, by name. A file may still
// hold one with the value that says how things are now; it is dropped at the
// next run. Any other value is refused, so that nobody believes it to work.
var retired = map[string]struct {
	asNow            func(value string) bool
	note, fact, hint string
}{
	"rotateEvery": {
		asNow: func(value string) bool {
			d, err := ParseDuration(value)
			return value == "" || err == nil && d == 0
		},
		note: "rotateEvery is not an option any more, and has no effect; as with 0, a session gets a new id " +
			"at each login",
		fact: "rotateEvery is not an option any more: a session gets a new id at each login, and none in between",
		hint: "remove the line; to bound what a leaked id is worth, give a shorter maxAge or absoluteMaxAge",
	},
}

// RetiredOptions returns one sentence for each option of data, a readable options
// file, that is gone and makes no difference.
func RetiredOptions(data []byte) []string {
	var notes []string
	for _, key := range retiredKeys(data) {
		notes = append(notes, retired[key.Value].note)
	}
	return notes
}

// retiredKeys are the keys of retired options; the value of each is on its line.
func retiredKeys(data []byte) []*yaml.Node {
	var doc yaml.Node
	if yaml.Unmarshal(data, &doc) != nil || len(doc.Content) == 0 || doc.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	var keys []*yaml.Node
	for i, top := 0, doc.Content[0]; i+1 < len(top.Content); i += 2 {
		if _, gone := retired[top.Content[i].Value]; gone && top.Style&yaml.FlowStyle == 0 {
			keys = append(keys, top.Content[i])
		}
	}
	return keys
}

// WithoutRetired removes the lines of retired options, and leaves the comments
// above them to the merge.
func WithoutRetired(data []byte) []byte {
	lines := strings.SplitAfter(string(data), "\n")
	for _, key := range slices.Backward(retiredKeys(data)) {
		lines = slices.Delete(lines, key.Line-1, key.Line)
	}
	return []byte(strings.Join(lines, ""))
}
