package captcha

import (
	"math"
	"slices"
)

// span is a closed contour: the points [first, end) of a canvas, walked so that the ink lies to one side.
type span struct{ first, end int }

// region is a filled area: contours [first, end) of a canvas's spans.
type region struct {
	first, end int
	depth      int     // cuts made to get here
	limit      float64 // pieces no longer than this are left whole
}

// chain is the part of a contour that lies on the kept side of a line. It enters and leaves over the line at
// the given places along it.
type chain struct {
	span
	enters, leaves float64
	next           int
	used           bool
}

// crossing is one end of a chain on the cutting line.
type crossing struct {
	at     float64
	chain  int
	leaves bool
}

// line is the set of points p with normal·p = offset; normal has length 1.
type line struct {
	normal point
	offset float64
}

func (l line) distance(p point) float64 { return l.normal.x*p.x + l.normal.y*p.y - l.offset }

// deepest bounds the cuts, for shapes that random lines fail to divide.
const deepest = 12

// Sizes of the pieces, in em of the characters.
const (
	pieceSmall, pieceLarge = 0.20, 0.42
	overlapping            = 0.022
	hairline               = 0.026 // the gap that some characters get
	hairlineShare          = 0.35  // of the characters
)

// cutUp divides a shape at random. Some characters get a hairline gap, too, so that what
// hangs together need not be one character.
func (c *canvas) cutUp(shape region, character bool) {
	shape.limit = c.size * c.between(pieceSmall, pieceLarge)
	c.overlap = max(0.3, overlapping*c.size)
	c.todo = append(c.todo[:0], shape)
	if character && c.unit() < hairlineShare {
		b := c.bounds(c.spans[shape.first:shape.end])
		c.todo = c.todo[:0]
		c.divide(shape, c.lineThrough(b.inside(c.between(0.3, 0.7), c.between(0.3, 0.7)), b), -max(0.5, hairline*c.size))
	}
	c.shred()
}

// shred divides the regions on the list of things to do by random lines until their pieces are small and without holes, and appends
// them to c.pieces. Neighbouring pieces overlap by about c.overlap. All pieces
// are walked the same way round, so that with the nonzero rule overlaps neither show nor cancel.
func (c *canvas) shred() {
	for len(c.todo) > 0 {
		r := c.todo[len(c.todo)-1]
		c.todo = c.todo[:len(c.todo)-1]

		hole, found := c.biggestHole(r)
		if !found && r.end-r.first > 1 {
			for i := r.first; i < r.end; i++ {
				c.todo = append(c.todo, region{i, i + 1, r.depth, r.limit})
			}
			continue
		}
		if r.end == r.first {
			continue
		}
		b := c.bounds(c.spans[r.first:r.end])
		if r.depth >= deepest || (!found && max(b.width(), b.height()) <= r.limit) {
			for _, s := range c.spans[r.first:r.end] {
				if c.area(s) > 0.1 { // square pixels; a leftover hole is dropped, that is, filled
					c.pieces = append(c.pieces, s)
				}
			}
			continue
		}
		var through point
		if found {
			through = c.bounds(c.spans[hole:hole+1]).inside(0.5, 0.5)
		} else {
			through = b.inside(c.between(0.3, 0.7), c.between(0.3, 0.7))
		}
		cut := c.lineThrough(through, b)
		c.divide(r, cut, c.overlap*c.between(0.5, 1.5))
	}
}

// divide cuts r along a line and puts both parts on the list of things to do. They overlap by the given
// width, or leave a gap if it is negative.
func (c *canvas) divide(r region, cut line, overlap float64) {
	opposite := line{point{-cut.normal.x, -cut.normal.y}, -cut.offset - overlap/2}
	cut.offset -= overlap / 2
	for _, l := range [2]line{cut, opposite} {
		first := len(c.spans)
		c.clip(c.spans[r.first:r.end], l)
		c.todo = append(c.todo, region{first, len(c.spans), r.depth + 1, r.limit})
	}
}

// lineThrough returns a random line through p, more often across the longer side of the bounds.
func (c *canvas) lineThrough(p point, b box) line {
	dx, dy := c.between(-1, 1)*(b.width()+1), c.between(-1, 1)*(b.height()+1)
	length := math.Sqrt(dx*dx + dy*dy)
	if length < 0.01 {
		dx, dy, length = 1, 0, 1
	}
	normal := point{dx / length, dy / length}
	return line{normal, normal.x*p.x + normal.y*p.y}
}

// clip appends to c.spans what lies on the positive side of the line.
func (c *canvas) clip(contours []span, l line) {
	c.chains = c.chains[:0]
	for _, s := range contours {
		c.split(s, l)
	}
	switch len(c.chains) {
	case 0:
		return
	case 1: // closing the chain along the line is all there is to do
		c.spans = append(c.spans, c.chains[0].span)
		return
	}
	c.link()
	for i := range c.chains {
		if c.chains[i].used {
			continue
		}
		if c.chains[i].next == i {
			c.spans = append(c.spans, c.chains[i].span)
			continue
		}
		first := len(c.points)
		for j := i; !c.chains[j].used; j = c.chains[j].next {
			c.chains[j].used = true
			c.points = append(c.points, c.points[c.chains[j].first:c.chains[j].end]...)
		}
		c.spans = append(c.spans, span{first, len(c.points)})
	}
}

// split appends the parts of s on the positive side of l to c.chains, or s itself to c.spans if
// it lies there wholly.
func (c *canvas) split(s span, l line) {
	n := s.end - s.first
	contour := c.points[s.first:s.end]
	c.sides = c.sides[:0]
	start, positive := -1, 0
	for i, p := range contour {
		d := l.distance(p)
		c.sides = append(c.sides, d)
		if d >= 0 {
			positive++
		}
		if i > 0 && d >= 0 && c.sides[i-1] < 0 {
			start = i
		}
	}
	if positive == 0 {
		return
	}
	if positive == n {
		c.spans = append(c.spans, s)
		return
	}
	if start < 0 {
		start = 0 // the only entry is between the last point and the first
	}
	along := func(p point) float64 { return l.normal.x*p.y - l.normal.y*p.x }
	var open chain
	for k := range n {
		i := start + k
		if i >= n {
			i -= n
		}
		previous := i - 1
		if i == 0 {
			previous = n - 1
		}
		now, before := c.sides[i], c.sides[previous]
		if (now >= 0) != (before >= 0) {
			t := before / (before - now)
			from, to := contour[previous], contour[i]
			p := point{from.x + t*(to.x-from.x), from.y + t*(to.y-from.y)}
			if now >= 0 {
				open = chain{span: span{first: len(c.points)}, enters: along(p)}
			}
			c.points = append(c.points, p)
			if now < 0 {
				open.end, open.leaves = len(c.points), along(p)
				c.chains = append(c.chains, open)
			}
		}
		if now >= 0 {
			c.points = append(c.points, contour[i])
		}
	}
}

// link finds for each chain the one that continues it along the line. The ink on a line lies between its
// first and second crossing, its third and fourth, and so on.
func (c *canvas) link() {
	c.crossings = c.crossings[:0]
	for i, ch := range c.chains {
		c.crossings = append(c.crossings, crossing{ch.enters, i, false}, crossing{ch.leaves, i, true})
	}
	slices.SortFunc(c.crossings, func(a, b crossing) int {
		switch {
		case a.at < b.at:
			return -1
		case a.at > b.at:
			return 1
		}
		return 0
	})
	sound := true
	for i := 0; i < len(c.crossings); i += 2 {
		a, b := c.crossings[i], c.crossings[i+1]
		if b.leaves {
			a, b = b, a
		}
		sound = sound && a.leaves && !b.leaves
		c.chains[a.chain].next = b.chain
	}
	if !sound { // an outline that overlaps itself: closing each chain alone keeps the winding numbers right
		for i := range c.chains {
			c.chains[i].next = i
		}
	}
}

// biggestHole returns the index in c.spans of the region's largest hole.
func (c *canvas) biggestHole(r region) (index int, found bool) {
	least := 0.0
	for i := r.first; i < r.end; i++ {
		if a := c.area(c.spans[i]); a < least {
			index, found, least = i, true, a
		}
	}
	return index, found
}

// area is positive for ink and negative for a hole.
func (c *canvas) area(s span) float64 {
	sum := 0.0
	p := c.points[s.end-1]
	for _, q := range c.points[s.first:s.end] {
		sum += p.x*q.y - q.x*p.y
		p = q
	}
	return sum / 2
}

// box bounds some points.
type box struct{ left, top, right, bottom float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }

// inside returns the point at the given shares of width and height.
func (b box) inside(x, y float64) point {
	return point{b.left + x*b.width(), b.top + y*b.height()}
}

func (c *canvas) bounds(contours []span) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, s := range contours {
		for _, p := range c.points[s.first:s.end] {
			b.left, b.right = min(b.left, p.x), max(b.right, p.x)
			b.top, b.bottom = min(b.top, p.y), max(b.bottom, p.y)
		}
	}
	return b
}
