package captcha

import (
	"math"
	"slices"
)

// span is a closed contour: the points [first, end) of a canvas, with what has been measured of it.
type span struct {
	first, end int
	bounds     box
	area       float64 // positive for ink, negative for a hole
}

// region is a filled area: contours [first, end) of a canvas's spans.
type region struct {
	first, end int
	depth      int     // cuts made to get here
	limit      float64 // pieces no longer than this are left whole
}

// chain is the part of a contour that lies on the kept side of a line. It enters and leaves over the line at
// the given places along it.
type chain struct {
	first, end     int
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
	pieceSmall, pieceLarge = 0.26, 0.52
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
		b := around(c.spans[shape.first:shape.end])
		c.todo = c.todo[:0]
		c.part(shape, c.lineThrough(b.inside(c.between(0.3, 0.7), c.between(0.3, 0.7)), b), -max(0.5, hairline*c.size))
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
		contours := c.spans[r.first:r.end]
		hole := biggestHole(contours)
		switch {
		case hole >= 0 && r.depth < deepest:
			through := contours[hole].bounds.inside(0.5, 0.5)
			c.divide(r, c.lineThrough(through, around(contours)))
		case len(contours) > 1:
			for i := r.first; i < r.end; i++ {
				c.todo = append(c.todo, region{i, i + 1, r.depth, r.limit})
			}
		case len(contours) == 1:
			s := contours[0]
			if r.depth < deepest && max(s.bounds.width(), s.bounds.height()) > r.limit {
				through := s.bounds.inside(c.between(0.3, 0.7), c.between(0.3, 0.7))
				c.divide(r, c.lineThrough(through, s.bounds))
			} else if s.area > 0.1 { // square pixels; a hole that no cut has met is dropped, that is, filled
				c.pieces = append(c.pieces, s)
			}
		}
	}
}

// divide cuts r along a line and puts both parts, which overlap a little, on the list of things to do.
func (c *canvas) divide(r region, cut line) { c.part(r, cut, c.overlap*c.between(0.5, 1.5)) }

// part cuts r along a line. The parts overlap by the given width, or leave a gap if it is negative.
func (c *canvas) part(r region, cut line, overlap float64) {
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
	for i := range contours {
		c.split(&contours[i], l)
	}
	switch len(c.chains) {
	case 0:
		return
	case 1: // closing the chain along the line is all there is to do
		c.contour(c.chains[0].first, c.chains[0].end)
		return
	}
	c.link()
	for i := range c.chains {
		ch := &c.chains[i]
		switch {
		case ch.used:
		case ch.next == i:
			c.contour(ch.first, ch.end)
		default:
			first := len(c.points)
			for j := i; !c.chains[j].used; j = c.chains[j].next {
				c.chains[j].used = true
				c.points = append(c.points, c.points[c.chains[j].first:c.chains[j].end]...)
			}
			c.contour(first, len(c.points))
		}
	}
}

// split appends the parts of s on the positive side of l to c.chains, or s itself to c.spans if
// it lies there wholly.
func (c *canvas) split(s *span, l line) {
	contour := c.points[s.first:s.end]
	n := len(contour)
	if cap(c.sides) < n {
		c.sides = make([]float64, 2*n)
	}
	sides := c.sides[:n]
	start, positive := 0, 0 // start: where the contour enters the positive side, so that no chain wraps around
	last := l.distance(contour[n-1])
	for i, p := range contour {
		d := l.distance(p)
		sides[i] = d
		if d >= 0 && last < 0 {
			start = i
		}
		if d >= 0 {
			positive++
		}
		last = d
	}
	if positive == 0 {
		return
	}
	if positive == n {
		c.spans = append(c.spans, *s)
		return
	}
	points := c.points
	var open chain
	i := start
	previous := (start + n - 1) % n
	before, from := sides[previous], contour[previous]
	for range n {
		now, to := sides[i], contour[i]
		if (now >= 0) != (before >= 0) {
			t := before / (before - now)
			p := point{from.x + t*(to.x-from.x), from.y + t*(to.y-from.y)}
			along := l.normal.x*p.y - l.normal.y*p.x
			if now >= 0 {
				open = chain{first: len(points), enters: along}
				points = append(points, p)
			} else {
				points = append(points, p)
				open.end, open.leaves = len(points), along
				c.chains = append(c.chains, open)
			}
		}
		if now >= 0 {
			points = append(points, to)
		}
		before, from = now, to
		if i++; i == n {
			i = 0
		}
	}
	c.points = points
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

// biggestHole returns the index of the largest hole, or -1.
func biggestHole(contours []span) int {
	index, least := -1, 0.0
	for i := range contours {
		if contours[i].area < least {
			index, least = i, contours[i].area
		}
	}
	return index
}

// contour appends the points [first, end) to c.spans.
func (c *canvas) contour(first, end int) {
	points := c.points[first:end]
	p := points[len(points)-1]
	b := box{p.x, p.y, p.x, p.y}
	area := 0.0
	for _, q := range points {
		area += p.x*q.y - q.x*p.y
		b.left, b.right = min(b.left, q.x), max(b.right, q.x)
		b.top, b.bottom = min(b.top, q.y), max(b.bottom, q.y)
		p = q
	}
	c.spans = append(c.spans, span{first, end, b, area / 2})
}

// box bounds some points.
type box struct{ left, top, right, bottom float64 }

func (b box) width() float64  { return b.right - b.left }
func (b box) height() float64 { return b.bottom - b.top }

// inside returns the point at the given shares of width and height.
func (b box) inside(x, y float64) point {
	return point{b.left + x*b.width(), b.top + y*b.height()}
}

// around bounds all the contours.
func around(contours []span) box {
	b := box{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for i := range contours {
		o := &contours[i].bounds
		b.left, b.right = min(b.left, o.left), max(b.right, o.right)
		b.top, b.bottom = min(b.top, o.top), max(b.bottom, o.bottom)
	}
	return b
}
