package captcha

import "math"

// region is an area to cut: contours [first, end) of a canvas, outer ones and their holes.
type region struct {
	first, end int
	cuts       int // made to get here
	limit      int // pieces no longer than this are cut no further
}

// line is the set of points p with normal·p = offset.
type line struct {
	normal point
	offset int
}

// side is positive on one side of the line, negative on the other, and in proportion to the distance.
func (l line) side(p point) int { return l.normal.dot(p) - l.offset }

// deepest bounds the cuts, for shapes that random lines fail to divide.
const deepest = 12

// Sizes of the pieces, in em of the characters.
const (
	pieceSmall, pieceLarge = 0.50, 0.92
	overlapping            = 0.022
	hairline               = 0.026 // the gap that some characters get
	hairlineShare          = 0.35  // of the characters
)

// cutUp divides a shape at random. Some characters get a hairline gap, too, so that what
// hangs together need not be one character.
func (c *canvas) cutUp(shape region, character bool) {
	shape.limit = int(c.size * c.between(pieceSmall, pieceLarge))
	c.overlap = max(0.3*grid, overlapping*c.size)
	c.todo = append(c.todo[:0], shape)
	if character && c.unit() < hairlineShare {
		c.todo = c.todo[:0]
		c.divide(shape, c.lineThrough(around(c.contours[shape.first:shape.end])), -max(0.5*grid, hairline*c.size))
	}
	c.shred()
}

// shred divides the regions on the list of things to do by random lines, each at least once, until their pieces are small and without
// holes, and adds them to c.pieces. Neighbouring pieces overlap by about c.overlap. All pieces
// are walked the same way round, so that with the nonzero rule overlaps neither show nor cancel.
func (c *canvas) shred() {
	for len(c.todo) > 0 {
		r := c.todo[len(c.todo)-1]
		c.todo = c.todo[:len(c.todo)-1]
		contours := c.contours[r.first:r.end]
		switch hole := biggestHole(contours); {
		case hole >= 0 && r.cuts < deepest:
			middle := contours[hole].bounds.at(0.5, 0.5)
			c.divide(r, c.lineAcross(around(contours), middle), c.overlap*c.between(0.5, 1.5))
		case len(contours) > 1:
			for i := r.first; i < r.end; i++ {
				c.todo = append(c.todo, region{i, i + 1, r.cuts, r.limit})
			}
		case len(contours) == 1:
			piece := &contours[0]
			large := max(piece.bounds.width(), piece.bounds.height()) > r.limit
			if r.cuts < deepest && (large || !piece.cut) { // no character stays whole, however small
				c.divide(r, c.lineThrough(piece.bounds), c.overlap*c.between(0.5, 1.5))
			} else if !piece.hole { // one that no cut has met is dropped, that is, filled
				c.pieces = append(c.pieces, r.first)
			}
		}
	}
}

// lineThrough returns a random line through the inner part of the bounds.
func (c *canvas) lineThrough(b box) line {
	return c.lineAcross(b, b.at(c.between(0.3, 0.7), c.between(0.3, 0.7)))
}

// lineAcross returns a random line through p, more often across the longer side of the bounds.
func (c *canvas) lineAcross(b box, p point) line {
	normal := point{int32(c.between(-1, 1) * float64(b.width()+grid)), int32(c.between(-1, 1) * float64(b.height()+grid))}
	if normal == (point{}) {
		normal.x = 1
	}
	return line{normal, normal.dot(p)}
}

// crossing is where a contour crosses the cutting line.
type crossing struct {
	contour       int
	after         int   // the first point behind the line
	next          int   // crossing of the same contour
	partner       int   // the crossing at the other end of the ink that lies on the line
	ahead, behind point // where the part on the positive side ends, and that on the negative
	positive      bool  // to that side the contour crosses
	walked        bool
}

// divide cuts r along a line and puts both parts on the list of things to do. They overlap by the given number of steps, or
// leave a gap if it is negative.
func (c *canvas) divide(r region, l line, overlap float64) {
	r.cuts++
	x, y := float64(l.normal.x), float64(l.normal.y)
	level := overlap / 2 * math.Sqrt(x*x+y*y)
	c.crossings = c.crossings[:0]
	for i := r.first; i < r.end; i++ {
		c.cross(i, l, level)
	}
	if !c.pair(l) { // an outline that overlaps itself: another line may do
		c.todo = append(c.todo, r)
		return
	}
	c.part(r, true)
	c.part(r, false)
}

// cross appends the crossings of contour i with the line, or, if there are none, notes on which side it lies. The parts will reach
// over the line up to the level.
func (c *canvas) cross(i int, l line, level float64) {
	k := &c.contours[i]
	points := c.points[k.first:k.end]
	first := len(c.crossings)
	from := points[len(points)-1]
	start := l.side(from)
	for j, to := range points {
		end := l.side(to)
		if start^end < 0 { // the signs differ
			share := 1 / float64(end-start)
			middle, reach := -float64(start)*share, level*share
			c.crossings = append(c.crossings, crossing{})
			x := &c.crossings[len(c.crossings)-1]
			x.contour, x.after, x.next = i, k.first+j, len(c.crossings)
			x.ahead, x.behind = on(from, to, middle-reach), on(from, to, middle+reach)
			x.positive = end >= 0
		}
		from, start = to, end
	}
	k.side = 0
	switch last := len(c.crossings) - 1; {
	case last >= first:
		c.crossings[last].next = first
	case start >= 0:
		k.side = 1
	default:
		k.side = -1
	}
}

// on returns the point at the given share of the way, or the end that is nearer to it.
func on(from, to point, share float64) point {
	switch {
	case share <= 0:
		return from
	case share >= 1:
		return to
	}
	return point{
		int32(float64(from.x) + share*float64(to.x-from.x) + 0.5),
		int32(float64(from.y) + share*float64(to.y-from.y) + 0.5),
	}
}

// pair finds the partner of each crossing. The ink on a line lies between its first and second crossing, its third and
// fourth, and so on; one leads to the positive side, the other back. It reports whether that is so.
func (c *canvas) pair(l line) bool {
	n := len(c.crossings)
	if n == 2 {
		c.crossings[0].partner, c.crossings[1].partner = 1, 0
		return true
	}
	along := func(i int) int {
		x := &c.crossings[i]
		return int(l.normal.x)*int(x.ahead.y+x.behind.y) - int(l.normal.y)*int(x.ahead.x+x.behind.x)
	}
	c.order = c.order[:0]
	for i := range n {
		j := len(c.order)
		c.order = append(c.order, i)
		for ; j > 0 && along(c.order[j-1]) > along(i); j-- {
			c.order[j] = c.order[j-1]
		}
		c.order[j] = i
	}
	for j := 0; j < n; j += 2 {
		a, b := c.order[j], c.order[j+1]
		if c.crossings[a].positive == c.crossings[b].positive {
			return false
		}
		c.crossings[a].partner, c.crossings[b].partner = b, a
	}
	return true
}

// part puts what lies on one side of the line on the list of things to do.
func (c *canvas) part(r region, positive bool) {
	part := region{first: len(c.contours), cuts: r.cuts, limit: r.limit}
	for i := r.first; i < r.end; i++ {
		if side := c.contours[i].side; side > 0 && positive || side < 0 && !positive {
			c.contours = append(c.contours, c.contours[i])
		}
	}
	for i := range c.crossings {
		if x := &c.crossings[i]; x.positive == positive && !x.walked {
			c.walk(i)
		}
	}
	part.end = len(c.contours)
	if part.end > part.first {
		c.todo = append(c.todo, part)
	}
}

// walk appends the contour that comes over the line at crossing i, runs along its contour to the next crossing, from there along
// the line to that one's partner, and so on.
func (c *canvas) walk(i int) {
	first := len(c.points)
	for !c.crossings[i].walked {
		in := &c.crossings[i]
		in.walked = true
		out := &c.crossings[in.next]
		start, end := in.behind, out.behind
		if in.positive {
			start, end = in.ahead, out.ahead
		}
		points := append(c.points, start)
		if in.after < out.after {
			points = append(points, points[in.after:out.after]...)
		} else { // around the end of the contour
			k := &c.contours[in.contour]
			points = append(points, points[in.after:k.end]...)
			points = append(points, points[k.first:out.after]...)
		}
		c.points = append(points, end)
		i = out.partner
	}
	c.addContour(first, len(c.points), false)
	c.contours[len(c.contours)-1].cut = true
}
