package treemerge

import (
	"slices"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

const (
	// alike is the least likeness at which an item without a counterpart is
	// taken for one that was changed.
	alike = 0.5
	// renamed is the same for items that have names, and lost theirs.
	renamed = 0.6
	// wrapped is the same for arguments in the same place, as x and int(x).
	wrapped = 0.4
	// telling is how many words an item with a name must have for its likeness to
	// say more than the name.
	telling = 12
	// maxPairs bounds how many possible pairs are kept in one place.
	maxPairs = 10_000
)

// match pairs the items of a side with those of base: the result has for each
// item of base the index of its counterpart in side, -1 for one that is gone.
func match(base, side []*Node, s Style) []int {
	pairs := make([]int, len(base))
	for i := range pairs {
		pairs[i] = -1
	}
	if s.Keyed {
		matchKeys(base, side, pairs)
		return pairs
	}
	numbers := ids(base, side)
	at, atSide := 0, 0
	for _, h := range append(textmerge.Diff(numbers[0], numbers[1]),
		textmerge.Hunk{ALo: len(base), AHi: len(base), BLo: len(side), BHi: len(side)}) {
		for ; at < h.ALo; at, atSide = at+1, atSide+1 {
			pairs[at] = atSide
		}
		if n := h.AHi - h.ALo; s.Placed && n == h.BHi-h.BLo {
			for i := range n {
				if common(base[h.ALo+i], side[h.BLo+i]) >= wrapped {
					pairs[h.ALo+i] = h.BLo + i
				}
			}
		} else {
			matchAlike(base[h.ALo:h.AHi], side[h.BLo:h.BHi], func(i, j int) { pairs[h.ALo+i] = h.BLo + j })
		}
		at, atSide = h.AHi, h.BHi
	}
	return pairs
}

// matchKeys pairs items by key, those without one by text, and of the rest those
// that look most alike: they were given another name.
func matchKeys(base, side []*Node, pairs []int) {
	at := uniqueKeys(side)
	unique := uniqueKeys(base)
	taken := make([]bool, len(side))
	numbers := ids(base, side)
	for i, n := range base {
		if j, ok := at[n.Key]; ok && unique[n.Key] == i && n.Key != "" {
			pairs[i], taken[j] = j, true
		}
	}
	// Of equal ones, first those that keep their place.
	next := 0
	for _, h := range append(textmerge.Diff(numbers[0], numbers[1]),
		textmerge.Hunk{ALo: len(base), AHi: len(base), BLo: len(side), BHi: len(side)}) {
		for i, j := next, h.BLo-(h.ALo-next); i < h.ALo; i, j = i+1, j+1 {
			if pairs[i] < 0 && !taken[j] {
				pairs[i], taken[j] = j, true
			}
		}
		next = h.AHi
	}
	for i := range base {
		for j := 0; j < len(side) && pairs[i] < 0; j++ {
			if !taken[j] && numbers[0][i] == numbers[1][j] {
				pairs[i], taken[j] = j, true
			}
		}
	}
	type pair struct {
		i, j int
		like float64
	}
	var candidates []pair
	for i, n := range base {
		for j, m := range side {
			if pairs[i] < 0 && !taken[j] && len(candidates) < maxPairs {
				if like := likeness(n, m); like > 0 && like >= enough(n, m) {
					candidates = append(candidates, pair{i, j, like})
				}
			}
		}
	}
	slices.SortStableFunc(candidates, func(a, b pair) int {
		switch {
		case a.like > b.like:
			return -1
		case a.like < b.like:
			return 1
		}
		return 0
	})
	for _, c := range candidates {
		if pairs[c.i] < 0 && !taken[c.j] {
			pairs[c.i], taken[c.j] = c.j, true
		}
	}
}

// enough is the least likeness at which two items of a set are one.
func enough(a, b *Node) float64 {
	switch {
	case a.Key == "" && a.Words != nil: // a group: one name in common is enough
		return 0
	case a.Key != "" && b.Key != "" && min(len(a.Tokens), len(b.Tokens)) < telling:
		return 2
	}
	return renamed
}

func uniqueKeys(items []*Node) map[string]int {
	at := map[string]int{}
	var twice []string
	for i, n := range items {
		if _, there := at[n.Key]; there {
			twice = append(twice, n.Key)
		}
		at[n.Key] = i
	}
	for _, key := range twice {
		delete(at, key)
	}
	return at
}

// matchAlike pairs items in their order so that the sum of the likenesses is the
// greatest.
func matchAlike(base, side []*Node, pair func(i, j int)) {
	if len(base)*len(side) == 0 || len(base)*len(side) > maxPairs {
		return
	}
	best := make([][]float64, len(base)+1)
	for i := range best {
		best[i] = make([]float64, len(side)+1)
	}
	like := make([][]float64, len(base))
	for i := len(base) - 1; i >= 0; i-- {
		like[i] = make([]float64, len(side))
		for j := len(side) - 1; j >= 0; j-- {
			best[i][j] = max(best[i+1][j], best[i][j+1])
			if l := likeness(base[i], side[j]); l >= alike {
				like[i][j] = l
				best[i][j] = max(best[i][j], l+best[i+1][j+1])
			}
		}
	}
	for i, j := 0, 0; i < len(base) && j < len(side); {
		switch {
		case like[i][j] > 0 && best[i][j] == like[i][j]+best[i+1][j+1]:
			pair(i, j)
			i, j = i+1, j+1
		case best[i][j] == best[i+1][j]:
			i++
		default:
			j++
		}
	}
}

// inOrder reports whether the pairs keep the order of base.
func inOrder(pairs []int) bool {
	last := -1
	for _, j := range pairs {
		if j >= 0 && j < last {
			return false
		}
		last = max(last, j)
	}
	return true
}

// inverse turns pairs around: for each of n items of the side, the one of base.
func inverse(pairs []int, n int) []int {
	back := make([]int, n)
	for j := range back {
		back[j] = -1
	}
	for i, j := range pairs {
		if j >= 0 {
			back[j] = i
		}
	}
	return back
}
