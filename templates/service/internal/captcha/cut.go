package captcha

import (
	"image"
	"math"
	"slices"
)

// Sizes of the pieces, in em of the characters.
const (
	pieceSmall, pieceLarge = 0.50, 0.92
	overlapping            = 0.022
)

const deepest = 12 // cuts, for shapes that random lines fail to divide

// contour is a closed polygon.
type contour struct {
	points  []image.Point
	bounds  image.Rectangle
	hole    bool
	cut     bool // comes from a cut: a piece of an outline
	crossed bool // by the last cutting line
}

func newContour(points []image.Point, hole bool) contour {
	b := image.Rectangle{points[0], points[0]}
	for _, p := range points {
		b.Min.X, b.Max.X = min(b.Min.X, p.X), max(b.Max.X, p.X)
		b.Min.Y, b.Max.Y = min(b.Min.Y, p.Y), max(b.Max.Y, p.Y)
	}
	b.Max = b.Max.Add(image.Pt(1, 1)) // a Rectangle's Max is outside
	return contour{points: points, bounds: b, hole: hole}
}

// around returns the bounds of all contours.
func around(contours []contour) (b image.Rectangle) {
	for i := range contours {
		b = b.Union(contours[i].bounds)
	}
	return b
}

// biggestHole returns the hole with the largest bounds, or nil.
func biggestHole(contours []contour) *contour {
	var biggest *contour
	for i := range contours {
		k := &contours[i]
		if k.hole && (biggest == nil || k.bounds.Dx()*k.bounds.Dy() > biggest.bounds.Dx()*biggest.bounds.Dy()) {
			biggest = k
		}
	}
	return biggest
}

// shred divides contours by random lines, at least once, until their pieces are small and without holes. Neighbouring
// pieces overlap by about c.overlap. All pieces are walked the same way round, so that with the nonzero rule overlaps
// neither show nor cancel.
func (c *canvas) shred(contours []contour, cuts int) {
	switch hole := biggestHole(contours); {
	case hole != nil && cuts < deepest:
		b := hole.bounds
		c.divide(contours, cuts, c.lineAcross(around(contours), b.Min.Add(b.Max).Div(2)), c.overlap*c.between(0.5, 1.5))
	case len(contours) > 1:
		for i := range slices.Backward(contours) {
			c.shred(contours[i:i+1], cuts)
		}
	case len(contours) == 1:
		k := &contours[0]
		large := max(k.bounds.Dx(), k.bounds.Dy()) > c.limit
		if cuts < deepest && (large || !k.cut) { // no character stays whole, however small
			c.divide(contours, cuts, c.lineThrough(k.bounds), c.overlap*c.between(0.5, 1.5))
		} else if !k.hole { // one that no cut has met is dropped, that is, filled
			c.pieces = append(c.pieces, k.points)
		}
	}
}

// line is the set of points p with normal·p = offset.
type line struct {
	normal image.Point
	offset int
}

// side is not negative on one side of the line, negative on the other, and in proportion to the distance.
func (l *line) side(p image.Point) int { return l.normal.X*p.X + l.normal.Y*p.Y - l.offset }

// lineThrough returns a random line through the inner part of the bounds.
func (c *canvas) lineThrough(b image.Rectangle) line {
	x := b.Min.X + int(c.between(0.3, 0.7)*float64(b.Dx()))
	y := b.Min.Y + int(c.between(0.3, 0.7)*float64(b.Dy()))
	return c.lineAcross(b, image.Pt(x, y))
}

// lineAcross returns a random line through p, more often across the longer side of the bounds.
func (c *canvas) lineAcross(b image.Rectangle, p image.Point) line {
	normal := image.Pt(int(c.between(-1, 1)*float64(b.Dx()+grid)), int(c.between(-1, 1)*float64(b.Dy()+grid)))
	if normal == (image.Point{}) {
		normal.X = 1
	}
	return line{normal, normal.X*p.X + normal.Y*p.Y}
}

// crossing is where a contour crosses the cutting line.
type crossing struct {
	contour       []image.Point
	after         int         // index of the first point after the crossing
	next          int         // crossing of the same contour
	partner       int         // the crossing at the other end of the ink that lies on the line
	ahead, behind image.Point // where the part on the positive side ends, and that on the negative
	positive      bool        // whether the contour crosses to the positive side
	walked        bool
}

// divide cuts contours along a line and shreds both parts. They overlap by the given number of steps.
func (c *canvas) divide(contours []contour, cuts int, l line, overlap float64) {
	reach := overlap / 2 * math.Sqrt(float64(l.normal.X*l.normal.X+l.normal.Y*l.normal.Y))
	c.crossings = c.crossings[:0]
	for i := range contours {
		c.cross(&contours[i], &l, reach)
	}
	if !c.pair(&l) { // an outline that overlaps itself: another line may do
		c.shred(contours, cuts+1)
		return
	}
	ahead, behind := c.part(contours, &l, true), c.part(contours, &l, false)
	c.shred(behind, cuts+1)
	c.shred(ahead, cuts+1)
}

// cross appends the crossings of a contour with the line. The parts will reach over the line as far as reach, which is
// in the unit of line.side.
func (c *canvas) cross(k *contour, l *line, reach float64) {
	first := len(c.crossings)
	from := k.points[len(k.points)-1]
	start := l.side(from)
	for i, to := range k.points {
		end := l.side(to)
		if (start < 0) != (end < 0) {
			share := 1 / float64(end-start)
			middle, reach := -float64(start)*share, reach*share
			c.crossings = append(c.crossings, crossing{
				contour: k.points, after: i, next: len(c.crossings) + 1,
				ahead: on(from, to, middle-reach), behind: on(from, to, middle+reach),
				positive: end >= 0,
			})
		}
		from, start = to, end
	}
	if k.crossed = len(c.crossings) > first; k.crossed {
		c.crossings[len(c.crossings)-1].next = first
	}
}

// on returns the point at the given share of the way, or the end that is nearer to it.
func on(from, to image.Point, share float64) image.Point {
	share = min(max(share, 0), 1)
	return image.Pt(
		int(float64(from.X)+share*float64(to.X-from.X)+0.5),
		int(float64(from.Y)+share*float64(to.Y-from.Y)+0.5))
}

// pair finds the partner of each crossing. The ink on a line lies between its first and second crossing, its third and
// fourth, and so on; one leads to the positive side, the other back. It reports whether that is so.
func (c *canvas) pair(l *line) bool {
	along := func(i int) int {
		p := c.crossings[i].ahead.Add(c.crossings[i].behind)
		return l.normal.X*p.Y - l.normal.Y*p.X
	}
	c.order = c.order[:0]
	for i := range c.crossings {
		c.order = append(c.order, i)
	}
	slices.SortFunc(c.order, func(a, b int) int { return along(a) - along(b) })
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
func (c *canvas) part(contours []contour, l *line, positive bool) []contour {
	first := len(c.contours)
	for _, k := range contours {
		if !k.crossed && (l.side(k.points[0]) >= 0) == positive {
			c.contours = append(c.contours, k)
		}
	}
	for i := range c.crossings {
		if x := &c.crossings[i]; x.positive == positive && !x.walked {
			c.contours = append(c.contours, c.walk(i))
		}
	}
	return c.contours[first:]
}

// walk returns the contour that comes over the line at crossing i, runs along its contour to the next crossing, from
// there along the line to that one's partner, and so on.
func (c *canvas) walk(i int) contour {
	first := len(c.points)
	for !c.crossings[i].walked {
		in := &c.crossings[i]
		in.walked = true
		out := &c.crossings[in.next]
		start, end := in.behind, out.behind
		if in.positive {
			start, end = in.ahead, out.ahead
		}
		c.points = append(c.points, start)
		if in.after < out.after {
			c.points = append(c.points, in.contour[in.after:out.after]...)
		} else { // around the end of the contour
			c.points = append(c.points, in.contour[in.after:]...)
			c.points = append(c.points, in.contour[:out.after]...)
		}
		c.points = append(c.points, end)
		i = out.partner
	}
	k := newContour(c.points[first:], false)
	k.cut = true
	return k
}
