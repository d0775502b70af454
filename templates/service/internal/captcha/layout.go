package captcha

// Proportions of the layout, in em unless said otherwise. They were chosen by measuring what programs read and
// what people read: more of each stops people before it stops a trained network.
const (
	capHeight = 0.74 // of the tallest capitals
	fillShare = 0.82 // of the picture's height that a capital takes at most
	margin    = 1.0  // pixels around everything

	scaleLow, scaleHigh = 0.90, 1.06 // of each character
	stretch             = 0.12       // of width against height, to either side
	slant               = 0.20       // shear, to either side
	tilt                = 0.17       // rotation, to either side, in radians for small angles
	lift                = 0.05       // of the baseline, to either side
	gapLow, gapHigh     = -0.09, 0.02
	swing               = 0.050 // of the picture-wide bending
	curveStep           = 0.105 // between points of a curve
	lineStep            = 0.60  // between extra points of a straight line
)

// letter is a character placed on the canvas.
type letter struct {
	*glyph
	scaleX, scaleY float64
	shear, turn    float64
	x, y           float64 // of the middle of the glyph
	width          float64
}

// compose places the characters of text and appends their bent outlines to c.shapes.
func (c *canvas) compose(text string, glyphs map[byte][]glyph, fontSize float64) {
	c.size = min(fontSize, fillShare*c.height/capHeight)
	total := 0.0
	for i := range len(text) {
		fonts := glyphs[text[i]]
		g := &fonts[c.below(len(fonts))]
		scale := c.between(scaleLow, scaleHigh)
		ratio := c.between(-stretch, stretch)
		l := letter{
			glyph:  g,
			scaleX: scale * (1 + ratio), scaleY: scale * (1 - ratio/2),
			shear: c.between(-slant, slant), turn: c.between(-tilt, tilt),
			y: c.between(-lift, lift),
		}
		l.width = l.scaleX * (g.right - g.left)
		gap := 0.0
		if i > 0 {
			gap = c.between(gapLow, gapHigh)
		}
		l.x = total + gap + l.width/2
		total = l.x + l.width/2
		c.letters = append(c.letters, l)
	}

	// A little room, 0.3 em, is kept for what slants and turns over the sides.
	room := c.width - 2*margin
	c.size = min(c.size, room/(total+0.3))
	left := margin + 0.15*c.size + c.unit()*max(0, room-(total+0.3)*c.size)

	across := c.newWave(0, c.height, 0.45*c.size, swing*c.size)
	along := c.newWave(0, c.width, 0.65*c.size, swing*c.size)
	for i := range c.letters {
		l := &c.letters[i]
		c.begin()
		first := len(c.points)
		c.trace(l.glyph, c.size*max(l.scaleX, l.scaleY))
		middleX, middleY := (l.left+l.right)/2, (l.top+l.bottom)/2
		for j := first; j < len(c.points); j++ {
			p := &c.points[j]
			x, y := l.scaleX*(p.x-middleX), l.scaleY*(p.y-middleY)
			x += l.shear * y
			x, y = x-l.turn*y, y+l.turn*x
			p.x = left + (l.x+x)*c.size
			p.y = c.height/2 + (l.y+y)*c.size
			p.x, p.y = p.x+across.at(p.y), p.y+along.at(p.x)
		}
		c.finish(first)
	}
}

// trace appends the outline of g as polygons, with points at random places on its edges, so that no two
// drawings of a glyph share their points. size is in pixels an em.
func (c *canvas) trace(g *glyph, size float64) {
	for _, contour := range g.contours {
		for i := range contour {
			s := &contour[i]
			step := lineStep
			if s.curved {
				step = curveStep * max(1, 30/size)
			}
			n := int(s.length/step + c.unit())
			c.points = append(c.points, s.from)
			for k := 1; k <= n; k++ {
				t := (float64(k) + c.between(-0.4, 0.4)) / float64(n+1)
				u := 1 - t
				c.points = append(c.points, point{
					u*u*s.from.x + 2*u*t*s.control.x + t*t*s.to.x,
					u*u*s.from.y + 2*u*t*s.control.y + t*t*s.to.y,
				})
			}
		}
		c.ends = append(c.ends, len(c.points))
	}
}

// begin starts a shape; trace and band add its contours, finish completes it.
func (c *canvas) begin() { c.ends = c.ends[:0] }

// finish moves, and if need be squeezes, the shape whose points start at first into the picture, so that nothing
// is clipped, and adds it to c.shapes.
func (c *canvas) finish(first int) {
	points := c.points[first:]
	b := box{points[0].x, points[0].y, points[0].x, points[0].y}
	for _, p := range points {
		b.left, b.right = min(b.left, p.x), max(b.right, p.x)
		b.top, b.bottom = min(b.top, p.y), max(b.bottom, p.y)
	}
	fitX := squeeze(b.left, b.right, margin, c.width-margin)
	fitY := squeeze(b.top, b.bottom, margin, c.height-margin)
	if fitX != keep || fitY != keep {
		for i := range points {
			p := &points[i]
			p.x, p.y = fitX.scale*p.x+fitX.shift, fitY.scale*p.y+fitY.shift
		}
	}
	shape := region{first: len(c.spans), end: len(c.spans) + len(c.ends)}
	for _, end := range c.ends {
		c.contour(first, end)
		first = end
	}
	c.shapes = append(c.shapes, shape)
}

// change maps v to scale*v + shift.
type change struct{ scale, shift float64 }

var keep = change{scale: 1}

// squeeze returns the smallest change that brings [low, high] into [from, to].
func squeeze(low, high, from, to float64) change {
	switch {
	case high-low > to-from:
		scale := (to - from) / (high - low)
		return change{scale, from - scale*low}
	case low < from:
		return change{1, from - low}
	case high > to:
		return change{1, to - high}
	}
	return keep
}
