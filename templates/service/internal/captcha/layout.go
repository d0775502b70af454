package captcha

import (
	"image"
	"math"
	"math/rand/v2"
)

// grid is the number of steps a pixel. One step cannot be seen, and whole numbers of them are short in the markup.
const grid = 10

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
	sparse, dense       = 0.4, 1.7 // times as many in a whole character, so that counting points says little

	ribbonThin, ribbonThick = 0.060, 0.100
	tailThin, tailThick     = 0.09, 0.15
	ribbonStep              = 0.38 // between points along a ribbon
	decoys                  = 2
	decoyThin, decoyThick   = 0.10, 0.15
	decoyShort, decoyLong   = 0.22, 0.40
)

// canvas is the working memory of one picture, used again for the next one: allocating each contour would double the
// cost of a picture. Lengths are in steps of the grid.
type canvas struct {
	random        rand.ChaCha8 // not predictable from what it drew
	width, height float64
	size          float64 // of the characters: steps an em

	points   []image.Point   // of all contours
	traced   int             // points that are in contours
	contours []contour       // of the character, ribbon or stroke in work, and of its parts
	ink      image.Rectangle // around all shapes
	pieces   [][]image.Point // what is drawn in the end

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

// unit returns a random number from 0 to below 1, between one from low to below high, below an integer from 0 to n-1.
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

	// A little room, 0.3 em, is kept for what slants and turns over the sides.
	room := c.width - 2*margin
	c.size = min(fontSize*grid, fillShare*c.height/capHeight, room/(total+0.3))
	left := margin + 0.15*c.size + c.unit()*max(0, room-(total+0.3)*c.size)

	across := c.newWave(c.height, 0.45*c.size, swing*c.size)
	along := c.newWave(c.width, 0.5*c.size, swing*c.size)
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
			n := int(s.points*pixels + c.unit())
			for k := range n {
				t := (float64(k+1) + c.between(-0.4, 0.4)) / float64(n+1)
				u := 1 - t
				plot(vector{u*u*from.x + 2*u*t*control.x + t*t*to.x, u*u*from.y + 2*u*t*control.y + t*t*to.y})
			}
			from = to
		}
		c.closeContour(o.area < 0)
	}
	c.finish(true)
}

// disturb adds ribbons across the whole picture and, if there are any, two short strokes that look like parts of
// characters. These are beside the characters, where they cost a reader who knows how many there are little.
func (c *canvas) disturb(ribbons int) {
	if ribbons == 0 {
		return
	}
	left, right := float64(c.ink.Min.X), float64(c.ink.Max.X) // of the characters
	for range ribbons {
		c.ribbon(left, right)
	}
	for range decoys {
		x := c.unit() * (left + c.width - right)
		if x > left {
			x += right - left
		}
		c.stroke(x, c.between(0.2, 0.8)*c.height)
	}
}

// ribbon adds a band from side to side, thin from left to right, where the characters are, and thick beside them.
func (c *canvas) ribbon(left, right float64) {
	center := c.newWave(c.width, 0.8*c.size, 0.28*c.height)
	middle := c.height/2 + c.between(-0.12, 0.12)*c.height
	from, to := c.between(0.01, 0.06)*c.width, c.between(0.94, 0.99)*c.width
	n := max(2, int((to-from)/(ribbonStep*c.size)))
	edge := func(i int, half float64) {
		x := from + (to-from)*(float64(i)+c.between(-0.35, 0.35))/float64(n)
		thickness := c.between(ribbonThin, ribbonThick)
		if x < left || x > right {
			thickness = c.between(tailThin, tailThick)
		}
		c.plot(vector{x, middle + center.at(x) + half*thickness*c.size})
	}
	for i := 0; i <= n; i++ { // there along the upper edge, which keeps the ink to the same side as letters do
		edge(i, -0.5)
	}
	for i := n; i >= 0; i-- {
		edge(i, 0.5)
	}
	c.closeContour(false)
	c.finish(false)
}

// stroke adds a short bar around (x, y) in a random direction.
func (c *canvas) stroke(x, y float64) {
	sin, cos := math.Sincos(c.between(0, 2*math.Pi))
	for _, corner := range []vector{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		along := corner.x * c.between(decoyShort, decoyLong) * c.size / 2
		across := corner.y * c.between(decoyThin, decoyThick) * c.size / 2
		c.plot(vector{x + along*cos - across*sin, y + along*sin + across*cos})
	}
	c.closeContour(false)
	c.finish(false)
}

// plot adds the next point of a contour; closeContour ends it, and finish the shape that the contours are.
func (c *canvas) plot(v vector) { c.points = append(c.points, image.Pt(int(v.x+0.5), int(v.y+0.5))) }

func (c *canvas) closeContour(hole bool) {
	c.contours = append(c.contours, newContour(c.points[c.traced:], hole))
	c.traced = len(c.points)
}

// finish moves the shape into the picture, and squeezes it if need be, so that nothing is clipped, and cuts it up.
func (c *canvas) finish(character bool) {
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
	c.cutUp(c.contours, character)
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

// wave is a random function: straight from one random value to the next, at equal distances.
type wave struct {
	scale  float64 // spans a step
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

// at returns the value at v; beyond the ends the wave goes straight on.
func (w *wave) at(v float64) float64 {
	f := v * w.scale
	i := max(min(int(f), w.spans-1), 0)
	return w.values[i] + (f-float64(i))*(w.values[i+1]-w.values[i])
}
