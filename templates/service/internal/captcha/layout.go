package captcha

import (
	"image"
	"math"
	"math/rand/v2"
)

// grid is the number of steps per pixel. One step cannot be seen, and whole numbers of them are short in the markup.
const grid = 10

// Proportions of the layout, in em unless said otherwise. They were chosen by measuring what programs read and
// what people read: more of each stops people before it stops a trained network.
const (
	capHeight = 0.74 // of the tallest capitals
	fillShare = 0.78 // of the picture's height that a capital takes at most
	margin    = grid // a pixel around everything
	spare     = 1.9  // of width left free beside the characters, so that equal slots do not part them

	scaleLow, scaleHigh = 0.68, 1.08 // of each character
	stretch             = 0.25       // of width against height, to either side
	slant               = 0.19       // shear, to either side
	tilt                = 0.21       // rotation, to either side, in radians for small angles
	lift                = 0.12       // of the baseline, to either side
	gapLow, gapHigh     = -0.12, 0.08
	swing               = 0.08     // of the picture-wide bending
	curveStep           = 6.0      // pixels between points of a curve
	lineStep            = 10.0     // pixels between extra points of a straight line
	sparse, dense       = 0.6, 1.8 // times as many in a whole character, so that counting points says little

	ribbonThin, ribbonThick = 0.065, 0.085 // across the characters
	ribbonTail              = 0.04         // thicker beside them
	ribbonSwing             = 0.20
	ribbonStep              = 0.36       // between points along it
	bendLow, bendHigh       = 0.30, 0.42 // how far from the middle a bend leads
	bendWidth, bendStep     = 0.24, 0.08
)

// canvas is the working memory of one picture, used again for the next one: allocating each contour would double the
// cost of a picture. Lengths are in steps of the grid.
type canvas struct {
	random        rand.ChaCha8 // not predictable from what it drew
	width, height float64
	size          float64 // of the characters: steps per em

	points   []image.Point   // of all contours
	traced   int             // points that are in contours
	contours []contour       // of the character or ribbon in work, and of its parts
	ink      image.Rectangle // around all shapes
	pieces   [][]image.Point // what is drawn in the end
	line     []vector        // the middle of a ribbon

	limit     int     // pieces no longer than this are cut no further
	overlap   float64 // of neighbouring pieces
	crossings []crossing
	order     []int // of the crossings along the cutting line
	markup    []byte
}

// reset empties the canvas and seeds its randomness.
func (c *canvas) reset(o *Options, seed [32]byte) {
	c.random.Seed(seed)
	c.width, c.height, c.ink = grid*float64(o.Width), grid*float64(o.Height), image.Rectangle{}
	c.points, c.traced, c.pieces = c.points[:0], 0, c.pieces[:0]
}

// unit returns a random number in [0, 1), between returns one in [low, high), and below returns an integer in [0, n).
func (c *canvas) unit() float64                     { return float64(c.random.Uint64()>>11) / (1 << 53) }
func (c *canvas) between(low, high float64) float64 { return low + (high-low)*c.unit() }
func (c *canvas) below(n int) int                   { return int(c.unit() * float64(n)) }

// vector is a place or a direction.
type vector struct{ x, y float64 }

// letter is a character and where it goes.
type letter struct {
	*glyph
	width, height float64 // scale
	slant, tilt   float64
	x, y          float64 // of its middle
}

// at maps a point of the glyph onto the canvas: scaled, slanted, turned and moved to its place.
func (l *letter) at(v vector) vector {
	x, y := l.width*(v.x-l.middle.x), l.height*(v.y-l.middle.y)
	return vector{l.x + x + (l.slant-l.tilt)*y, l.y + l.tilt*x + (1+l.tilt*l.slant)*y}
}

// compose places the characters of text and adds their bent outlines to the shapes.
func (c *canvas) compose(text string, glyphs *[128][]glyph, fontSize float64) {
	letters := make([]letter, len(text))
	total := 0.0 // width in em, in which the letters are laid out before their size is known
	for i := range letters {
		fonts := glyphs[text[i]]
		g := &fonts[c.below(len(fonts))]
		scale, ratio := c.between(scaleLow, scaleHigh), c.between(-stretch, stretch)
		letters[i] = letter{
			glyph: g,
			width: scale * (1 + ratio), height: scale * (1 - ratio/2),
			slant: c.between(-slant, slant), tilt: c.between(-tilt, tilt),
			y: c.between(-lift, lift),
		}
		if i > 0 {
			total += c.between(gapLow, gapHigh)
		}
		width := letters[i].width * g.width
		letters[i].x = total + width/2
		total += width
	}

	// Room is kept beside the characters so that their beginning gives nothing away; 0.3 em is for what slants and
	// turns over the sides.
	room := c.width - 2*margin
	c.size = min(fontSize*grid, fillShare*c.height/capHeight, room/(total+spare))
	left := margin + 0.15*c.size + c.unit()*max(0, room-(total+0.3)*c.size)

	across := c.newWave(c.height, 0.6*c.size, swing*c.size)
	along := c.newWave(c.width, 1.2*c.size, swing*c.size)
	for i := range letters {
		l := &letters[i]
		l.width, l.height = l.width*c.size, l.height*c.size
		l.x, l.y = left+l.x*c.size, c.height/2+l.y*c.size
		c.trace(l, &across, &along)
	}
}

// trace adds a letter, with points at random places on its outlines, so that no two drawings of a glyph share them.
func (c *canvas) trace(l *letter, across, along *wave) {
	plot := func(v vector) { c.plot(vector{v.x + across.at(v.y), v.y + along.at(v.x)}) }
	pixels := c.size / grid * c.between(sparse, dense) // an em
	for _, o := range l.outlines {
		from := l.at(o.segments[len(o.segments)-1].to)
		for i := range o.segments {
			s := &o.segments[i]
			control, to := l.at(s.control), l.at(s.to)
			plot(from)
			chance := c.unit() // of one point more, and where they are
			n := int(s.points*pixels + chance)
			for k := range n {
				t := (float64(k) + 0.6 + 0.8*chance) / float64(n+1)
				u := 1 - t
				plot(vector{u*u*from.x + 2*u*t*control.x + t*t*to.x, u*u*from.y + 2*u*t*control.y + t*t*to.y})
			}
			from = to
		}
		c.closeContour(o.area < 0)
	}
	c.finish()
}

// ribbon adds a line from side to side, thinner than most strokes of the characters. These are between left and right;
// beside them it bends as steeply as a stem, so that the ink does not show where they begin and end.
func (c *canvas) ribbon(left, right float64) {
	em := c.size
	center := c.newWave(c.width, 1.3*em, ribbonSwing*em)
	middle := c.height/2 + c.between(-0.1, 0.1)*em
	from, to := c.between(0.01, 0.06)*c.width, c.between(0.94, 0.99)*c.width
	away := func(x float64) float64 { // from where the ribbon is at x to beyond the middle
		y := middle + center.at(x) - c.height/2
		return -math.Copysign(c.between(bendLow, bendHigh)*em, y) - y
	}
	before := min(c.between(from+0.1*em, left-0.3*em), left-0.3*em)
	after := max(c.between(right+0.3*em, to-0.1*em), right+0.3*em)
	start, end := away(before), away(after)

	c.line = c.line[:0]
	for x, step := from, 0.0; x < to; x += step * em {
		y := middle + center.at(x)
		y += start*smooth(0.5-(x-before)/(bendWidth*em)) + end*smooth(0.5+(x-after)/(bendWidth*em))
		c.line = append(c.line, vector{x, y})
		step = c.between(0.7, 1.3) * ribbonStep
		if min(math.Abs(x-before), math.Abs(x-after)) < 0.7*bendWidth*em {
			step = bendStep
		}
	}
	thickness := c.between(ribbonThin, ribbonThick)
	edge := func(i int, side float64) {
		v, a, b := c.line[i], c.line[max(i-1, 0)], c.line[min(i+1, len(c.line)-1)]
		beside := max(0, left-v.x, v.x-right) / em
		half := side / 2 * (thickness + min(ribbonTail, 0.2*beside)) * em / math.Hypot(b.x-a.x, b.y-a.y)
		c.plot(vector{v.x - half*(b.y-a.y), v.y + half*(b.x-a.x)})
	}
	for i := range c.line { // forth along the upper edge, back along the lower: the same way round as letters
		edge(i, -1)
	}
	for i := range c.line {
		edge(len(c.line)-1-i, 1)
	}
	c.closeContour(false)
	c.finish()
}

// plot adds the next point of a contour; closeContour ends it, and finish the shape that the contours are.
func (c *canvas) plot(v vector) { c.points = append(c.points, image.Pt(int(v.x+0.5), int(v.y+0.5))) }

func (c *canvas) closeContour(hole bool) {
	c.contours = append(c.contours, newContour(c.points[c.traced:], hole))
	c.traced = len(c.points)
}

// finish moves the shape into the picture, and squeezes it if need be, so that nothing is clipped, and cuts it up.
func (c *canvas) finish() {
	b := around(c.contours)
	scaleX, shiftX := into(b.Min.X, b.Max.X-1, int(c.width))
	scaleY, shiftY := into(b.Min.Y, b.Max.Y-1, int(c.height))
	if scaleX != 1 || scaleY != 1 || shiftX != 0 || shiftY != 0 {
		for i, k := range c.contours {
			for j, p := range k.points {
				k.points[j] = image.Pt(int(scaleX*float64(p.X)+shiftX+0.5), int(scaleY*float64(p.Y)+shiftY+0.5))
			}
			c.contours[i] = newContour(k.points, k.hole)
		}
	}
	c.ink = c.ink.Union(around(c.contours))
	c.limit = int(c.size * c.between(pieceSmall, pieceLarge))
	c.overlap = max(0.3*grid, overlapping*c.size)
	c.shred(c.contours, 0)
	c.contours, c.traced = c.contours[:0], len(c.points)
}

// into returns the smallest change that brings [low, high] between the margins of a length.
func into(low, high, length int) (scale, shift float64) {
	room := float64(length - 2*margin)
	scale = min(1, room/float64(max(1, high-low)))
	at := max(scale*float64(low), margin)
	at = min(at, float64(length-margin)-scale*float64(high-low))
	return scale, at - scale*float64(low)
}

// wave is a random function: it leads smoothly from one random value to the next, at equal distances.
type wave struct {
	scale  float64 // spans per step
	spans  int
	values [21]float64
}

// newWave returns a wave over a length that swings to about amplitude, over distances of about period.
func (c *canvas) newWave(length, period, amplitude float64) wave {
	w := wave{spans: int(min(max(length/period, 1), 20))}
	w.scale = float64(w.spans) / length
	for i := range w.spans + 1 {
		w.values[i] = c.between(-amplitude, amplitude)
	}
	return w
}

// at returns the value at v; beyond the ends, that of the end.
func (w *wave) at(v float64) float64 {
	f := v * w.scale
	i := max(min(int(f), w.spans-1), 0)
	return w.values[i] + smooth(f-float64(i))*(w.values[i+1]-w.values[i])
}

// smooth leads from 0 to 1 while t does, level at both ends.
func smooth(t float64) float64 {
	if t < 0 || t > 1 {
		return min(max(t, 0), 1)
	}
	return t * t * (3 - 2*t)
}
