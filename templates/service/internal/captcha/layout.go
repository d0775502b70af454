package captcha

// Proportions of the layout, in em unless said otherwise. They were chosen by measuring what programs read and
// what people read: more of each stops people before it stops a trained network.
const (
	capHeight = 0.74 // of the tallest capitals
	fillShare = 0.82 // of the picture's height that a capital takes at most
	margin    = grid // a pixel around everything

	scaleLow, scaleHigh = 0.90, 1.06 // of each character
	stretch             = 0.12       // of width against height, to either side
	slant               = 0.20       // shear, to either side
	tilt                = 0.17       // rotation, to either side, in radians for small angles
	lift                = 0.05       // of the baseline, to either side
	gapLow, gapHigh     = -0.09, 0.02
	swing               = 0.050    // of the picture-wide bending
	curveStep           = 6.5      // pixels between points of a curve
	lineStep            = 8.0      // pixels between extra points of a straight line
	sparse, dense       = 0.4, 1.7 // times as many, the same for a whole character, so that counting points tells little
)

// letter is a character placed on the canvas.
type letter struct {
	*glyph
	scaleX, scaleY float64
	slant, tilt    float64
	x, y           float64 // of the middle of the glyph, in em
}

// compose places the characters of text and adds their bent outlines to c.shapes.
func (c *canvas) compose(text string, glyphs *[128][]glyph, fontSize float64) {
	c.size = min(fontSize*grid, fillShare*c.height/capHeight)
	total := 0.0
	for i := range len(text) {
		fonts := glyphs[text[i]]
		g := &fonts[c.below(len(fonts))]
		scale := c.between(scaleLow, scaleHigh)
		ratio := c.between(-stretch, stretch)
		l := letter{
			glyph:  g,
			scaleX: scale * (1 + ratio), scaleY: scale * (1 - ratio/2),
			slant: c.between(-slant, slant), tilt: c.between(-tilt, tilt),
			y: c.between(-lift, lift),
		}
		if i > 0 {
			total += c.between(gapLow, gapHigh)
		}
		width := l.scaleX * (g.right - g.left)
		l.x = total + width/2
		total += width
		c.letters = append(c.letters, l)
	}

	// A little room, 0.3 em, is kept for what slants and turns over the sides.
	room := c.width - 2*margin
	c.size = min(c.size, room/(total+0.3))
	left := margin + 0.15*c.size + c.unit()*max(0, room-(total+0.3)*c.size)

	var across, along wave
	c.newWave(&across, 0, c.height, 0.45*c.size, swing*c.size)
	c.newWave(&along, 0, c.width, 0.5*c.size, swing*c.size)
	for i := range c.letters {
		l := &c.letters[i]
		c.begin()
		c.trace(l.glyph, l.onto(left, c.height/2, c.size))
		for j := range c.vectors {
			v := &c.vectors[j]
			v.x, v.y = v.x+across.at(v.y), v.y+along.at(v.x)
		}
		c.finish()
	}
}

// affine maps (x, y) to (xx*x + xy*y + x0, yx*x + yy*y + y0).
type affine struct{ xx, xy, x0, yx, yy, y0 float64 }

func (a *affine) at(v vector) vector {
	return vector{a.xx*v.x + a.xy*v.y + a.x0, a.yx*v.x + a.yy*v.y + a.y0}
}

// onto returns the way from the letter's glyph onto the canvas: scaled, slanted, turned and moved to its place.
func (l *letter) onto(left, middle, size float64) affine {
	width, height := size*l.scaleX, size*l.scaleY
	a := affine{
		xx: width, xy: l.slant * height,
		yx: l.tilt * width, yy: height * (1 + l.tilt*l.slant),
	}
	a.xy -= l.tilt * height
	center := a.at(vector{(l.left + l.right) / 2, (l.top + l.bottom) / 2})
	a.x0, a.y0 = left+size*l.x-center.x, middle+size*l.y-center.y
	return a
}

// trace appends the outlines of g as polygons, with points at random places on their edges, so that no two
// drawings of a glyph share their points.
func (c *canvas) trace(g *glyph, place affine) {
	pixels := c.size / grid * c.between(sparse, dense) // an em
	for i := range g.outlines {
		o := &g.outlines[i]
		vectors := c.vectors
		from := place.at(o.segments[0].from)
		for j := range o.segments {
			s := &o.segments[j]
			to := place.at(s.to)
			vectors = append(vectors, from)
			if n := int(s.points*pixels + c.unit()); n > 0 {
				control := place.at(s.control)
				share := 1 / float64(n+1)
				for k := range n {
					t := (float64(k+1) + c.between(-0.4, 0.4)) * share
					u := 1 - t
					vectors = append(vectors, vector{
						u*u*from.x + 2*u*t*control.x + t*t*to.x,
						u*u*from.y + 2*u*t*control.y + t*t*to.y,
					})
				}
			}
			from = to
		}
		c.vectors = vectors
		c.ends = append(c.ends, end{len(vectors), o.area < 0})
	}
}

// begin starts a shape; trace, ribbon and stroke add its contours, finish completes it.
func (c *canvas) begin() { c.vectors, c.ends = c.vectors[:0], c.ends[:0] }

// end is where a contour of the shape in work ends.
type end struct {
	at   int
	hole bool
}

// finish brings the shape onto the grid and adds it to c.shapes. It is moved, and if need be squeezed, into the picture, so
// that nothing is clipped.
func (c *canvas) finish() {
	first, points := len(c.points), c.points
	for _, v := range c.vectors {
		points = append(points, point{int32(v.x + 0.5), int32(v.y + 0.5)})
	}
	c.points = points
	shape := region{first: len(c.contours)}
	from := first
	for _, e := range c.ends {
		c.addContour(from, first+e.at, e.hole)
		from = first + e.at
	}
	shape.end = len(c.contours)
	c.squeeze(c.contours[shape.first:])
	c.shapes = append(c.shapes, shape)
}

// squeeze brings the contours into the picture, if they are not.
func (c *canvas) squeeze(contours []contour) {
	b := around(contours)
	width, height := int32(c.width), int32(c.height)
	if b.left >= margin && b.right <= width-margin && b.top >= margin && b.bottom <= height-margin {
		return
	}
	x := into(b.left, b.right, margin, width-margin)
	y := into(b.top, b.bottom, margin, height-margin)
	for i := range contours {
		k := &contours[i]
		points := c.points[k.first:k.end]
		for j := range points {
			p := &points[j]
			p.x, p.y = x.at(p.x), y.at(p.y)
		}
		k.bounds = boundsOf(points)
	}
}

// change maps v to scale*v + shift.
type change struct{ scale, shift float64 }

func (c change) at(v int32) int32 { return int32(c.scale*float64(v) + c.shift + 0.5) }

// into returns the smallest change that brings [low, high] into [from, to].
func into(low, high, from, to int32) change {
	switch {
	case high-low > to-from:
		scale := float64(to-from) / float64(high-low)
		return change{scale, float64(from) - scale*float64(low)}
	case low < from:
		return change{1, float64(from - low)}
	case high > to:
		return change{1, float64(to - high)}
	}
	return change{1, 0}
}
