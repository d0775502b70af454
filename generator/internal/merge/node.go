package merge

import (
	"slices"
	"strings"
)

// node is an element of a file, or a part of one: a stretch of its text, with
// the comments and blank lines before it. What it consists of is either fixed
// parts, one after the other (the head and the body of a function), or the
// items of a list, or nothing that could be told apart.
type node struct {
	text   []byte
	tokens []string // what counts of the text: no blanks
	words  []string // what likeness goes by; nil for the tokens
	kind   string   // nodes of different kinds are never taken for one another
	key    string   // tells it from its siblings, "" if only its text does
	name   string   // for messages, "" if it has none
	line   int      // in its file, from 1
	parts  []*node
	list   *list

	defines []string // names that a statement declares in its block
	leaves  bool     // a statement behind which nothing runs
}

// list is the items between two brackets, or of a whole file.
type list struct {
	style
	head  []byte // before the first item
	items []*node
	tail  []byte       // behind the last item
	flat  func() *list // the same between commas; nil if it cannot be so, or is
}

// style says how the items of a list are written and what they mean.
type style struct {
	inline bool // between commas; otherwise each has lines of its own
	keyed  bool // a set: the order of the items is layout
	placed bool // the place of an item counts, as an argument's does
}

// same reports whether two nodes are equal but for blanks.
func same(a, b *node) bool { return slices.Equal(a.tokens, b.tokens) }

// sameAll does so for runs of nodes.
func sameAll(a, b []*node) bool { return slices.EqualFunc(a, b, same) }

// texts joins the texts of items that have lines of their own.
func texts(items []*node) []byte {
	var out []byte
	for _, n := range items {
		out = append(out, n.text...)
	}
	return out
}

// ids numbers the items of each run by their tokens, equal ones equally.
func ids(runs ...[]*node) [][]int {
	keys := make([][]string, len(runs))
	for i, run := range runs {
		for _, n := range run {
			keys[i] = append(keys[i], strings.Join(n.tokens, "\x00"))
		}
	}
	return intern(keys...)
}

// likeness is what two nodes have in common, 0 if they are of different kinds.
func likeness(a, b *node) float64 {
	if a.kind != b.kind {
		return 0
	}
	return common(a, b)
}

// common is the share of words that two nodes have in common, from 0 to 1.
func common(a, b *node) float64 {
	wordsA, wordsB := a.tokens, b.tokens
	if a.words != nil {
		wordsA, wordsB = a.words, b.words
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
func (n *node) doubles() int {
	count := 0
	for _, p := range n.parts {
		count += p.doubles()
	}
	if n.list == nil {
		return count
	}
	seen := map[string]bool{"": false}
	for _, item := range n.list.items {
		if count += item.doubles(); n.list.keyed && seen[item.key] {
			count++
		}
		seen[item.key] = item.key != ""
	}
	return count
}
