package textmerge

// Hunk says that a[aLo:aHi] became b[bLo:bHi]. One of the two may be empty.
type Hunk struct{ ALo, AHi, BLo, BHi int }

// maxCost bounds the work on two texts that have next to nothing in common: a
// box that needs more than twice as many edits is taken as replaced as a whole. A merge
// then sees larger changes: it may find a conflict where there is none, or one in the
// place of several, but it misses none.
const maxCost = 3000

// Diff returns the changes from a to b in order. Between two hunks there is at
// least one equal element. It is the linear-space variant of Myers's O(ND)
// algorithm (Algorithmica 1986), followed by sliding every change down as far
// as it goes, so that an inserted function ends with its own closing brace.
func Diff(a, b []int) []Hunk {
	d := differ{
		aChanged: make([]bool, len(a)),
		bChanged: make([]bool, len(b)),
	}
	lo := 0
	for lo < len(a) && lo < len(b) && a[lo] == b[lo] {
		lo++
	}
	aHi, bHi := len(a), len(b)
	for aHi > lo && bHi > lo && a[aHi-1] == b[bHi-1] {
		aHi--
		bHi--
	}
	// An element without a counterpart is changed whatever the alignment;
	// leaving it out makes the search short.
	d.a, d.aAt = counterparts(a, lo, aHi, b, d.aChanged)
	d.b, d.bAt = counterparts(b, lo, bHi, a, d.bChanged)
	d.forward = make([]int, len(d.a)+len(d.b)+3)
	d.backward = make([]int, len(d.a)+len(d.b)+3)
	d.box(0, len(d.a), 0, len(d.b))

	slide(a, d.aChanged, gaps(d.bChanged))
	slide(b, d.bChanged, gaps(d.aChanged))
	return hunks(d.aChanged, d.bChanged)
}

// counterparts returns the elements of side[lo:hi] that occur anywhere in
// other, and where they are in side; the rest it marks as changed. Looking
// into all of other, and not only into the part that is searched, changes which
// of two equally short paths is found: this way it is the one that git finds.
func counterparts(side []int, lo, hi int, other []int, changed []bool) (kept, at []int) {
	in := make(map[int]bool, len(other))
	for _, v := range other {
		in[v] = true
	}
	for i := lo; i < hi; i++ {
		if !in[side[i]] {
			changed[i] = true
			continue
		}
		kept = append(kept, side[i])
		at = append(at, i)
	}
	return kept, at
}

// differ holds one search.
type differ struct {
	a, b               []int // what is compared
	aAt, bAt           []int // where it is in the whole sides
	aChanged, bChanged []bool
	forward, backward  []int // furthest x by diagonal x-y, shifted by len(b)+1
}

// box marks the changes between a[aLo:aHi] and b[bLo:bHi].
func (d *differ) box(aLo, aHi, bLo, bHi int) {
	for aLo < aHi && bLo < bHi && d.a[aLo] == d.b[bLo] {
		aLo++
		bLo++
	}
	for aLo < aHi && bLo < bHi && d.a[aHi-1] == d.b[bHi-1] {
		aHi--
		bHi--
	}
	if aLo < aHi && bLo < bHi {
		if x, y, ok := d.middle(aLo, aHi, bLo, bHi); ok {
			d.box(aLo, x, bLo, y)
			d.box(x, aHi, y, bHi)
			return
		}
	}
	for i := aLo; i < aHi; i++ {
		d.aChanged[d.aAt[i]] = true
	}
	for i := bLo; i < bHi; i++ {
		d.bChanged[d.bAt[i]] = true
	}
}

// middle returns a point that a shortest path through the box passes, found by
// searching from both ends until the two searches meet. Not ok means that they
// did not meet within maxCost steps.
func (d *differ) middle(aLo, aHi, bLo, bHi int) (x, y int, ok bool) {
	shift := len(d.b) + 1
	f, b := d.forward, d.backward
	// Diagonals x-y that lie in the box, and the ones the searches start on.
	minD, maxD := aLo-bHi, aHi-bLo
	startF, startB := aLo-bLo, aHi-bHi
	fMin, fMax, bMin, bMax := startF, startF, startB, startB
	odd := (startF-startB)%2 != 0
	f[shift+startF], b[shift+startB] = aLo, aHi

	for range maxCost {
		// Widen by one diagonal on each side; at the border of the box
		// narrow instead, so that the parity of the diagonals stays.
		if fMin > minD {
			fMin--
			f[shift+fMin-1] = -1
		} else {
			fMin++
		}
		if fMax < maxD {
			fMax++
			f[shift+fMax+1] = -1
		} else {
			fMax--
		}
		for k := fMax; k >= fMin; k -= 2 {
			x := f[shift+k+1]
			if left := f[shift+k-1]; left >= x {
				x = left + 1
			}
			for x < aHi && x-k < bHi && d.a[x] == d.b[x-k] {
				x++
			}
			f[shift+k] = x
			if odd && bMin <= k && k <= bMax && b[shift+k] <= x {
				return x, x - k, true
			}
		}

		if bMin > minD {
			bMin--
			b[shift+bMin-1] = aHi + 1
		} else {
			bMin++
		}
		if bMax < maxD {
			bMax++
			b[shift+bMax+1] = aHi + 1
		} else {
			bMax--
		}
		for k := bMax; k >= bMin; k -= 2 {
			x := b[shift+k+1] - 1
			if up := b[shift+k-1]; up <= x {
				x = up
			}
			for x > aLo && x-k > bLo && d.a[x-1] == d.b[x-k-1] {
				x--
			}
			b[shift+k] = x
			if !odd && fMin <= k && k <= fMax && x <= f[shift+k] {
				return x, x - k, true
			}
		}
	}
	return 0, 0, false
}

// hunks turns two masks of changed elements into hunks. The unchanged elements
// of both sides pair up one by one.
func hunks(aChanged, bChanged []bool) []Hunk {
	var out []Hunk
	i, j := 0, 0
	for i < len(aChanged) || j < len(bChanged) {
		h := Hunk{i, i, j, j}
		for h.AHi < len(aChanged) && aChanged[h.AHi] {
			h.AHi++
		}
		for h.BHi < len(bChanged) && bChanged[h.BHi] {
			h.BHi++
		}
		if h.ALo < h.AHi || h.BLo < h.BHi {
			out = append(out, h)
		}
		i, j = h.AHi+1, h.BHi+1
	}
	return out
}
