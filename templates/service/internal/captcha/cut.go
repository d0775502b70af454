package captcha

import (
	"cmp"
	"math"
	"slices"
)

// Sizes of the pieces, in em of the characters.
const (
	pieceSmall, pieceLarge = 0.50, 0.92
	overlapping            = 0.022
	hairline               = 0.026 // the gap that some characters get
	hairlineShare          = 0.35  // of the characters
)

// deepest bounds the cuts, for shapes that random lines fail to divide.
const deepest = 12

// contour is a closed polygon: a line around ink, or around a hole in it.
type contour struct {
	points []point
	bounds box
	hole   bool
	cut    bool // is a part of what was drawn

	crossed  bool // by the last cutting line
	positive bool // if not crossed: the side of that line on which it lies
}

// cutUp divides a shape at random, and adds the pieces to c.pieces. Some characters get a hairline gap, too, so that
// what hangs together need not be one character.
func (c *canvas) cutUp(shape []contour, character bool) {
	c.limit = int(c.size * c.between(pieceSmall, pieceLarge))
	c.overlap = max(0.3*grid, overlapping*c.size)
	if character && c.unit() < hairlineShare {
		gap := max(0.5*grid, hairline*c.size)
		c.divide(shape, c.lineThrough(around(shape)), -gap, 0)
		return
	}
	c.shred(shape, 0)
}

// shred divides a shape that was cut so many times by random lines, each contour at least once, until the pieces are
// small and without holes. Neighbouring pieces overlap by about c.overlap. All are walked the same way round, so that
// with the nonzero rule overlaps neither show nor cancel.
func (c *canvas) shred(shape []contour, cuts int) {
	if len(shape) == 0 {
		return
	}
	var l line
	piece, hole := &shape[0], biggestHole(shape)
	switch {
	case hole != nil && cuts < deepest:
		l = c.lineAcross(around(shape), hole.bounds.at(0.5, 0.5))
	case len(shape) > 1:
		for i := range shape {
			c.shred(shape[i:i+1], cuts)
		}
		return
	case cuts < deepest && (piece.bounds.longest() > c.limit || !piece.cut): // no character stays whole, however small
		l = c.lineThrough(piece.bounds)
	default:
		if !piece.hole { // one that no cut has met is dropped, that is, filled
			c.pieces = append(c.pieces, piece.points)
		}
		return
	}
	c.divide(shape, l, c.overlap*c.between(0.5, 1.5), cuts)
}

// biggestHole returns the hole with the largest bounds, or nil.
func biggestHole(shape []contour) *contour {
	size := func(k *contour) int { return k.bounds.width() * k.bounds.height() }
	var hole *contour
	for i := range shape {
		if k := &shape[i]; k.hole && (hole == nil || size(k) > size(hole)) {
			hole = k
		}
	}
	return hole
}

// line is the set of points p with normal·p = offset.
type line struct {
	normal point
	offset int
}

// side is positive on one side of the line, negative on the other, and in proportion to the distance.
func (l line) side(p point) int { return l.normal.x*p.x + l.normal.y*p.y - l.offset }

// lineThrough returns a random line through the inner part of the bounds.
func (c *canvas) lineThrough(b box) line {
	return c.lineAcross(b, b.at(c.between(0.3, 0.7), c.between(0.3, 0.7)))
}

// lineAcross returns a random line through p, more often across the longer side of the bounds.
func (c *canvas) lineAcross(b box, p point) line {
	x, y := c.between(-1, 1)*float64(b.width()+grid), c.between(-1, 1)*float64(b.height()+grid)
	l := line{normal: point{int(x), int(y)}}
	l.offset = l.side(p)
	return l
}

// crossing is where a contour crosses the cutting line.
type crossing struct {
	contour       int   // of the shape
	after         int   // the first point behind the line
	next          int   // crossing of the same contour
	partner       int   // the crossing at the other end of the ink that lies on the line
	along         int   // its place on the line
	ahead, behind point // where the part on the positive side ends, and that on the negative
	positive      bool  // to that side the contour crosses
	walked        bool
}

// divide cuts a shape along a line and shreds both parts. They overlap by the given number of steps, or leave a gap
// if it is negative.
func (c *canvas) divide(shape []contour, l line, overlap float64, cuts int) {
	x, y := float64(l.normal.x), float64(l.normal.y)
	reach := overlap / 2 * math.Sqrt(x*x+y*y)
	c.crossings = c.crossings[:0]
	for i := range shape {
		c.cross(shape, i, l, reach)
	}
	if !c.pair() { // an outline that overlaps itself: another line may do
		c.shred(shape, cuts+1)
		return
	}
	positive, negative := c.part(shape, true), c.part(shape, false)
	c.shred(positive, cuts+1)
	c.shred(negative, cuts+1)
}

// cross appends the crossings of contour i with the line, or, if there are none, notes on which side it lies. The
// parts will go beyond the line by reach, in units of side.
func (c *canvas) cross(shape []contour, i int, l line, reach float64) {
	k := &shape[i]
	first := len(c.crossings)
	from := k.points[len(k.points)-1]
	start := l.side(from)
	for j, to := range k.points {
		end := l.side(to)
		if start^end < 0 { // the signs differ
			middle, share := float64(-start), 1/float64(end-start)
			c.crossings = append(c.crossings, crossing{
				contour: i, after: j, next: len(c.crossings) + 1, positive: end >= 0,
				ahead: on(from, to, (middle-reach)*share), behind: on(from, to, (middle+reach)*share),
			})
			x := &c.crossings[len(c.crossings)-1]
			x.along = l.normal.x*(x.ahead.y+x.behind.y) - l.normal.y*(x.ahead.x+x.behind.x)
		}
		from, start = to, end
	}
	k.crossed, k.positive = len(c.crossings) > first, start >= 0
	if k.crossed {
		c.crossings[len(c.crossings)-1].next = first
	}
}

// on returns the point at the given share of the way, or the end that is nearer to it.
func on(from, to point, share float64) point {
	share = max(0, min(share, 1))
	x, y := float64(from.x), float64(from.y)
	return vector{x + share*(float64(to.x)-x), y + share*(float64(to.y)-y)}.point()
}

// pair finds the partner of each crossing. The ink on a line lies between its first and second crossing, its third
// and fourth, and so on; one leads to the positive side, the other back. It reports whether that is so.
func (c *canvas) pair() bool {
	c.order = c.order[:0]
	for i := range c.crossings {
		c.order = append(c.order, i)
	}
	slices.SortFunc(c.order, func(a, b int) int { return cmp.Compare(c.crossings[a].along, c.crossings[b].along) })
	for i := 0; i < len(c.order); i += 2 {
		a, b := c.order[i], c.order[i+1]
		if c.crossings[a].positive == c.crossings[b].positive {
			return false
		}
		c.crossings[a].partner, c.crossings[b].partner = b, a
	}
	return true
}

// part returns what lies on one side of the line.
func (c *canvas) part(shape []contour, positive bool) []contour {
	first := len(c.contours)
	for _, k := range shape {
		if !k.crossed && k.positive == positive {
			c.contours = append(c.contours, k)
		}
	}
	for i := range c.crossings {
		if x := &c.crossings[i]; x.positive == positive && !x.walked {
			c.walk(shape, i)
		}
	}
	return c.contours[first:]
}

// walk adds the contour that comes over the line at crossing i, runs along its contour to the next crossing, from
// there along the line to that one's partner, and so on.
func (c *canvas) walk(shape []contour, i int) {
	first := len(c.points)
	for !c.crossings[i].walked {
		in := &c.crossings[i]
		in.walked = true
		out, points := &c.crossings[in.next], shape[in.contour].points
		start, end := in.behind, out.behind
		if in.positive {
			start, end = in.ahead, out.ahead
		}
		c.points = append(c.points, start)
		if in.after < out.after {
			c.points = append(c.points, points[in.after:out.after]...)
		} else { // around the end of the contour
			c.points = append(c.points, points[in.after:]...)
			c.points = append(c.points, points[:out.after]...)
		}
		c.points = append(c.points, end)
		i = out.partner
	}
	c.addContour(first, false)
	c.contours[len(c.contours)-1].cut = true
}

// box bounds some points.
type box struct{ left, top, right, bottom int }

func (b box) width() int   { return b.right - b.left }
func (b box) height() int  { return b.bottom - b.top }
func (b box) longest() int { return max(b.width(), b.height()) }

// at returns the point at the given shares of width and height.
func (b box) at(x, y float64) point {
	return point{b.left + int(x*float64(b.width())), b.top + int(y*float64(b.height()))}
}

func boundsOf(points []point) box {
	b := box{math.MaxInt, math.MaxInt, math.MinInt, math.MinInt}
	for _, p := range points {
		b.left, b.right = min(b.left, p.x), max(b.right, p.x)
		b.top, b.bottom = min(b.top, p.y), max(b.bottom, p.y)
	}
	return b
}

// around bounds all the contours of a shape.
func around(shape []contour) box {
	b := shape[0].bounds
	for _, k := range shape[1:] {
		b.left, b.right = min(b.left, k.bounds.left), max(b.right, k.bounds.right)
		b.top, b.bottom = min(b.top, k.bounds.top), max(b.bottom, k.bounds.bottom)
	}
	return b
}
