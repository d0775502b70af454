package treemerge

import (
	"bytes"
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// nodeMerge merges an element that all three have with all that is in it, lists
// too. Not ok means a conflict that has to be shown by what is around it; text is
// then of no use.
type nodeMerge func(b, o, t *Node) (text []byte, ok bool)

// list merges the items of three lists. Not ok means a conflict that cannot be
// shown within the list.
func (m *structural) list(b, o, t *List, node nodeMerge) ([]byte, bool) {
	b, o, t = alikeWritten(b, o, t)
	w := listMerge{m: m, node: node, Style: b.Style, b: b.Items, o: o.Items, t: t.Items, line: m.line}
	for _, l := range []*List{b, o, t} {
		if len(l.Items) > 0 {
			w.Style = l.Style
		}
	}
	for _, l := range []*List{b, o, t} {
		if len(l.Items) > 0 {
			if l.Inline != w.Inline {
				return nil, false
			}
			w.Keyed = w.Keyed && l.Keyed
		}
	}
	w.pairsO, w.pairsT = match(w.b, w.o, w.Style), match(w.b, w.t, w.Style)
	if !w.arrange() {
		return nil, false
	}
	w.pairAdditions()
	if around := layout(b, o, t); w.Inline && len(around.Items) > 0 {
		first := around.Items[0].Text
		w.opening = first[:len(first)-len(bytes.TrimLeft(first, " \t\n"))]
	}
	w.walk()
	tail, ok := m.tail(b, o, t, node)
	if w.failed || !ok {
		return nil, false
	}
	return slices.Concat(layout(b, o, t).Head, w.out, tail), true
}

// alikeWritten returns lists that are all in lines of their own or all between
// commas.
func alikeWritten(b, o, t *List) (*List, *List, *List) {
	flat := false
	for _, l := range []*List{b, o, t} {
		flat = flat || l.Inline && len(l.Items) > 0
	}
	if flat {
		for _, l := range []**List{&b, &o, &t} {
			if (*l).Flat != nil {
				*l = (*l).Flat()
			}
		}
	}
	return b, o, t
}

// layout returns the side whose brackets stand as the result has them.
func layout(b, o, t *List) *List {
	unchanged := bytes.Equal(o.Head, b.Head) && bytes.Equal(o.Tail, b.Tail)
	if len(t.Items) > 0 && (len(o.Items) == 0 || unchanged) {
		return t
	}
	return o
}

// tail merges what is behind the last item.
func (m *structural) tail(b, o, t *List, node nodeMerge) ([]byte, bool) {
	var nodes []*Node
	for _, l := range []*List{b, o, t} {
		n := &Node{Text: l.Tail}
		n.Tokens, _ = m.Words(l.Tail)
		n.Tokens = slices.DeleteFunc(n.Tokens, func(w string) bool { return w == "," })
		nodes = append(nodes, n)
	}
	if len(nodes[0].Tokens)+len(nodes[1].Tokens)+len(nodes[2].Tokens) == 0 {
		return layout(b, o, t).Tail, true
	}
	return node(nodes[0], nodes[1], nodes[2])
}

// listMerge is one merge of lists while the result grows.
type listMerge struct {
	m    *structural
	node nodeMerge
	Style
	b, o, t        []*Node
	pairsO, pairsT []int // from items of base to those of the side
	line, passed   int   // where ours begins in its file, and how many of its items are before the place
	out            []byte
	written        int    // items so far, for commas
	opening        []byte // blanks before the first item between commas
	failed         bool
	moved          map[*Node]bool  // items of base that a side moved
	mover          *[]*Node        // the side that did
	twins          map[*Node]*Node // what ours added, and theirs under the same key
	second         map[*Node]bool  // the ones of theirs
}

// arrange puts all three lists in the order of the side that moved items. It is
// not ok if both did, in different ways.
func (w *listMerge) arrange() bool {
	w.moved = map[*Node]bool{}
	movedO, movedT := !inOrder(w.pairsO), !inOrder(w.pairsT)
	switch {
	case movedO && movedT: // no harm if they moved the same to the same place
		w.follow(w.o, w.pairsO)
	case movedO:
		w.mover = &w.o
		w.follow(w.o, w.pairsO)
	case movedT:
		w.mover = &w.t
		w.follow(w.t, w.pairsT)
	}
	return inOrder(w.pairsO) && inOrder(w.pairsT)
}

// follow reorders base, and the other side with it, as frame has them.
func (w *listMerge) follow(frame []*Node, pairs []int) {
	back := inverse(pairs, len(frame))
	behind := make(map[int][]int, len(w.b)) // items of base that frame lacks, behind the one before them
	last := -1
	for i, j := range pairs {
		if j < 0 {
			behind[last] = append(behind[last], i)
		} else {
			last = i
		}
	}
	order := slices.Clone(behind[-1])
	for _, i := range back {
		if i >= 0 {
			order = append(append(order, i), behind[i]...)
		}
	}
	for _, i := range movedIn(back) {
		w.moved[w.b[i]] = true
	}
	w.o, w.pairsO = reorder(w.o, w.pairsO, order)
	w.t, w.pairsT = reorder(w.t, w.pairsT, order)
	b := make([]*Node, len(order))
	for i, old := range order {
		b[i] = w.b[old]
	}
	w.b = b
}

// movedIn returns the numbers that are left out of the longest run of rising ones
// among them. Negative ones do not count.
func movedIn(numbers []int) []int {
	var ends []int // of the best run of each length, as indexes
	before := make([]int, len(numbers))
	for i, n := range numbers {
		if n < 0 {
			continue
		}
		at, _ := slices.BinarySearchFunc(ends, n, func(j, n int) int { return numbers[j] - n })
		before[i] = -1
		if at > 0 {
			before[i] = ends[at-1]
		}
		ends = append(ends[:at], append([]int{i}, ends[min(at+1, len(ends)):]...)...)
	}
	rising := make([]bool, len(numbers))
	if len(ends) > 0 {
		for i := ends[len(ends)-1]; i >= 0; i = before[i] {
			rising[i] = true
		}
	}
	var moved []int
	for i, n := range numbers {
		if n >= 0 && !rising[i] {
			moved = append(moved, n)
		}
	}
	return moved
}

// reorder puts the counterparts of the items of base in a new order; what a side
// added stays behind the item it was behind.
func reorder(side []*Node, pairs, order []int) ([]*Node, []int) {
	back := inverse(pairs, len(side))
	with := make([][]*Node, len(pairs)+1) // by item of base, the first for none
	last := 0
	for j, i := range back {
		if i >= 0 {
			last = i + 1
		}
		with[last] = append(with[last], side[j])
	}
	out := slices.Clone(with[0])
	again := make([]int, len(order))
	for at, i := range order {
		again[at] = -1
		if pairs[i] >= 0 {
			again[at] = len(out)
			out = append(out, with[i+1]...)
		}
	}
	return out, again
}

// pairAdditions finds items of one key that both sides added.
func (w *listMerge) pairAdditions() {
	w.twins, w.second = map[*Node]*Node{}, map[*Node]bool{}
	if !w.Keyed {
		return
	}
	backO, backT := inverse(w.pairsO, len(w.o)), inverse(w.pairsT, len(w.t))
	at := uniqueKeys(w.t)
	for j, n := range w.o {
		if i, ok := at[n.Key]; ok && n.Key != "" && backO[j] < 0 && backT[i] < 0 {
			w.twins[n], w.second[w.t[i]] = w.t[i], true
		}
	}
}

// walk goes down base, from one item that all have to the next.
func (w *listMerge) walk() {
	at, atO, atT := 0, 0, 0
	for i := range w.b {
		if w.pairsO[i] < 0 || w.pairsT[i] < 0 {
			continue
		}
		w.between(at, i, atO, w.pairsO[i], atT, w.pairsT[i])
		b, o, t := w.b[i], w.o[w.pairsO[i]], w.t[w.pairsT[i]]
		before := len(w.m.conflicts)
		text, ok := w.node(b, o, t)
		switch {
		case !ok, w.moved[b] && (w.mover == &w.o && !same(b, t) || w.mover == &w.t && !same(b, o)):
			w.m.conflicts = w.m.conflicts[:before]
			w.conflict([]*Node{b}, []*Node{o}, []*Node{t})
		default:
			w.write(text)
		}
		at, atO, atT = i+1, w.pairsO[i]+1, w.pairsT[i]+1
	}
	w.between(at, len(w.b), atO, len(w.o), atT, len(w.t))
}

// between merges what is between two items that all have.
func (w *listMerge) between(b, endB, o, endO, t, endT int) {
	base, ours, theirs := w.b[b:endB], w.o[o:endO], w.t[t:endT]
	w.passed = o
	switch {
	case sameAll(theirs, base), sameAll(ours, theirs):
		w.writeAll(ours)
		return
	case sameAll(ours, base):
		w.writeAll(theirs)
		return
	case len(base) > 0 && !w.Keyed && w.linesOf(base, ours, theirs):
		return
	}
	if w.clash(b, endB, ours, theirs) {
		w.conflict(base, ours, theirs)
		return
	}
	// Slot by slot: what a side added is behind the item that it was behind.
	for i := b; i <= endB; i++ {
		addedO, nextO := w.added(w.o, w.pairsO, i, endB, o, endO)
		addedT, nextT := w.added(w.t, w.pairsT, i, endB, t, endT)
		w.both(addedO, addedT)
		o, t = nextO, nextT
		if i == endB {
			return
		}
		// One side deleted the item; if both did, it is gone.
		var left *Node
		switch {
		case w.pairsO[i] >= 0:
			left, o = w.o[o], o+1
		case w.pairsT[i] >= 0:
			left, t = w.t[t], t+1
		}
		if left == nil || same(left, w.b[i]) {
			continue
		}
		if w.pairsO[i] >= 0 {
			w.conflict(w.b[i:i+1], []*Node{left}, nil)
		} else {
			w.passed = o
			w.conflict(w.b[i:i+1], nil, []*Node{left})
		}
	}
}

// added returns what a side added before the item i of base, and where it goes on.
// What a side put in the place of items that it deleted comes before them.
func (w *listMerge) added(side []*Node, pairs []int, i, endB, at, end int) ([]*Node, int) {
	next := end
	for ; i < endB; i++ {
		if pairs[i] >= 0 {
			next = pairs[i]
			break
		}
	}
	return side[at:next], next
}

// clash reports whether what the sides did between two items cannot be joined.
func (w *listMerge) clash(b, endB int, ours, theirs []*Node) bool {
	if w.Keyed {
		return false
	}
	addedO, addedT := len(ours), len(theirs)
	for i := b; i < endB; i++ {
		inO, inT := w.pairsO[i] >= 0, w.pairsT[i] >= 0
		if inO {
			addedO--
		}
		if inT {
			addedT--
		}
		switch {
		case !inO && !inT: // replaced by both, or deleted by one and replaced by the other
			return true
		case inO && !same(w.o[w.pairsO[i]], w.b[i]), inT && !same(w.t[w.pairsT[i]], w.b[i]):
			return true
		}
	}
	return endB > b && addedO > 0 && addedT > 0
}

// both writes what both sides added in one place: what is the same once, and
// else ours first.
func (w *listMerge) both(ours, theirs []*Node) {
	numbers := ids(ours, theirs)
	at := 0
	for _, h := range append(textmerge.Diff(numbers[0], numbers[1]),
		textmerge.Hunk{ALo: len(ours), AHi: len(ours), BLo: len(theirs), BHi: len(theirs)}) {
		w.writeAll(ours[at:h.ALo])
		o, t := ours[h.ALo:h.AHi], theirs[h.BLo:h.BHi]
		if !w.Keyed && (defineSame(o, t) || len(t) > 0 && len(o) > 0 && (o[len(o)-1].Leaves || t[len(t)-1].Leaves)) {
			w.conflict(nil, o, t)
		} else {
			w.writeAll(o)
			w.writeAll(t)
		}
		at = h.AHi
	}
}

func defineSame(ours, theirs []*Node) bool {
	for _, o := range ours {
		for _, t := range theirs {
			if slices.ContainsFunc(o.Defines, func(name string) bool { return slices.Contains(t.Defines, name) }) {
				return true
			}
		}
	}
	return false
}

// linesOf merges runs of items by lines, if that works.
func (w *listMerge) linesOf(base, ours, theirs []*Node) bool {
	if w.Inline || w.m.neverLines {
		return false
	}
	r := textmerge.Merge(texts(base), texts(ours), texts(theirs), w.m.o)
	if len(r.Conflicts) > 0 || !w.m.Valid(base[0].Kind, r.Data) {
		return false
	}
	w.write(r.Data)
	return true
}

func (w *listMerge) conflict(b, o, t []*Node) {
	if w.Inline {
		w.failed = true
		return
	}
	line := max(w.line, 1)
	switch {
	case len(o) > 0:
		line = o[0].Line
	case w.passed > 0: // ours deleted what was behind this item
		before := w.o[w.passed-1]
		line = before.Line + bytes.Count(before.Text, []byte(textmerge.Lf))
	case len(w.o) > 0:
		line = w.o[0].Line
	}
	w.out = append(w.out, w.m.conflict(b, o, t, line)...)
}

// writeAll writes what one side has. Of two items of one key that the sides added
// in different places, the one of ours is there.
func (w *listMerge) writeAll(items []*Node) {
	for _, n := range items {
		switch twin := w.twins[n]; {
		case w.second[n]:
		case twin != nil && !same(n, twin):
			w.conflict(nil, []*Node{n}, []*Node{twin})
		default:
			w.write(n.Text)
		}
	}
}

// write adds an item to the result, between commas if the list has them.
func (w *listMerge) write(text []byte) {
	if w.Inline {
		own := bytes.TrimLeft(text, " \t\n")
		blanks := text[:len(text)-len(own)]
		switch {
		case w.written == 0:
			text = slices.Concat(w.opening, own)
		case len(blanks) == 0:
			w.out = append(w.out, ", "...)
		default:
			w.out = append(w.out, ',')
		}
		w.written++
	}
	w.out = append(w.out, text...)
}
