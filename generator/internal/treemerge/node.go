package treemerge

import (
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// Node is an element of a file, or a part of one: a stretch of its text, with
// the comments and blank lines before it. What it consists of is either fixed
// parts, one after the other (the head and the body of a function), or the
// items of a list, or nothing that could be told apart.
type Node struct {
	Text   []byte
	Tokens []string // what counts of the text: no blanks
	Words  []string // what likeness goes by; nil for the tokens
	Kind   string   // nodes of different kinds are never paired by likeness alone
	Key    string   // differs from its siblings', "" if only its text does
	Name   string   // for messages, "" if it has none
	Line   int      // in its file, from 1
	Parts  []*Node
	List   *List

	Defines []string // names that a statement declares in its block
	Leaves  bool     // a statement behind which nothing runs
}

// List is the items between two brackets, or of a whole file.
type List struct {
	Style
	Head  []byte // before the first item
	Items []*Node
	Tail  []byte       // behind the last item
	Flat  func() *List // the same, written between commas; nil if it cannot be, or already is
}

// Style says how the items of a list are written and what they mean.
type Style struct {
	Inline bool // between commas; otherwise each has lines of its own
	Keyed  bool // a set: the order of the items is layout
	Placed bool // the place of an item counts, as an argument's does
}

// same reports whether two nodes are equal but for blanks.
func same(a, b *Node) bool { return slices.Equal(a.Tokens, b.Tokens) }

// sameAll does so for runs of nodes.
func sameAll(a, b []*Node) bool { return slices.EqualFunc(a, b, same) }

// texts joins the texts of items that have lines of their own.
func texts(items []*Node) []byte {
	var out []byte
	for _, n := range items {
		out = append(out, n.Text...)
	}
	return out
}

// ids numbers the items of each run by their tokens, equal ones equally.
func ids(runs ...[]*Node) [][]int {
	keys := make([][]string, len(runs))
	for i, run := range runs {
		for _, n := range run {
			keys[i] = append(keys[i], strings.Join(n.Tokens, "\x00"))
		}
	}
	return textmerge.Intern(keys...)
}

// likeness is what two nodes have in common, 0 if they are of different kinds.
func likeness(a, b *Node) float64 {
	if a.Kind != b.Kind {
		return 0
	}
	return common(a, b)
}

// common is the share of words that two nodes have in common, from 0 to 1.
func common(a, b *Node) float64 {
	wordsA, wordsB := a.Tokens, b.Tokens
	if a.Words != nil {
		wordsA, wordsB = a.Words, b.Words
	}
	if len(wordsA)+len(wordsB) == 0 {
		return 0
	}
	count := make(map[string]int, len(wordsA))
	for _, w := range wordsA {
		count[w]++
	}
	n := 0
	for _, w := range wordsB {
		if count[w] > 0 {
			count[w]--
			n++
		}
	}
	return 2 * float64(n) / float64(len(wordsA)+len(wordsB))
}

// doubles counts the items of sets, at every level, that another has the key of.
func (n *Node) doubles() int {
	count := 0
	for _, p := range n.Parts {
		count += p.doubles()
	}
	if n.List == nil {
		return count
	}
	seen := map[string]bool{"": false}
	for _, item := range n.List.Items {
		if count += item.doubles(); n.List.Keyed && seen[item.Key] {
			count++
		}
		seen[item.Key] = item.Key != ""
	}
	return count
}
