package captcha

import (
	"math"
	"math/rand/v2"
)

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
	overhang            = 0.3      // kept free for what slants and turns over the sides
	swing               = 0.050    // of the picture-wide bending
	sparse, dense       = 0.4, 1.7 // times as many points, the same for a whole character: counting them tells little

	ribbonThin, ribbonThick = 0.060, 0.100
	tailThin, tailThick     = 0.09, 0.15
	ribbonStep              = 0.38 // between points along a ribbon
	decoys                  = 2
	decoyThin, decoyThick   = 0.10, 0.15
	decoyShort, decoyLong   = 0.22, 0.40
)

// grid is the number of steps a pixel. Lengths on a canvas are in steps: one cannot be seen, and whole numbers of
// them are short in the markup.
const grid = 10

// vector is a place or a direction.
type vector struct{ x, y float64 }

// point is a place on the grid.
type point struct{ x, y int }

func (v vector) point() point { return point{int(v.x + 0.5), int(v.y + 0.5)} }

// canvas is the working memory of one drawing. It is used again: allocating each contour would double the cost.
type canvas struct {
	random        rand.ChaCha8 // fast, and not predictable from what it drew
	width, height float64
	size          float64 // of the characters: steps an em
	along, across wave    // bend the characters

	points   []point     // of all contours, whole and cut
	contours []contour   // all of them
	shapes   [][]contour // the characters, ribbons and decoys, before they are cut
	pieces   [][]point   // drawn in the end

	limit     int     // pieces no longer than this are cut no further
	overlap   float64 // of neighbouring pieces
	crossings []crossing
	order     []int // of the crossings along the line
	markup    []byte
}

// reset empties the canvas and seeds its randomness.
func (c *canvas) reset(o *Options, seed [32]byte) {
	c.random.Seed(seed)
	c.width, c.height = grid*float64(o.Width), grid*float64(o.Height)
	c.points, c.contours, c.shapes, c.pieces = c.points[:0], c.contours[:0], c.shapes[:0], c.pieces[:0]
}

// unit returns a random number from 0 to below 1.
func (c *canvas) unit() float64 { return float64(c.random.Uint64()>>11) / (1 << 53) }

// between returns a random number from low to below high.
func (c *canvas) between(low, high float64) float64 { return low + (high-low)*c.unit() }

// below returns a random integer from 0 to n-1.
func (c *canvas) below(n int) int { return int(c.unit() * float64(n)) }

// letter is a character placed on the canvas.
type letter struct {
	glyph       *glyph
	scale       vector
	slant, tilt float64
	x, y        float64 // of the middle of the glyph, in em
}

// compose places the characters of text and adds their bent outlines to c.shapes.
func (c *canvas) compose(text string, glyphs map[byte][]glyph, fontSize float64) {
	letters := make([]letter, 0, MaxSize)
	total := 0.0
	for i := range len(text) {
		fonts := glyphs[text[i]]
		l := letter{glyph: &fonts[c.below(len(fonts))]}
		scale, ratio := c.between(scaleLow, scaleHigh), c.between(-stretch, stretch)
		l.scale = vector{scale * (1 + ratio), scale * (1 - ratio/2)}
		l.slant, l.tilt, l.y = c.between(-slant, slant), c.between(-tilt, tilt), c.between(-lift, lift)
		if i > 0 {
			total += c.between(gapLow, gapHigh)
		}
		width := l.scale.x * l.glyph.width
		l.x = total + width/2
		total += width
		letters = append(letters, l)
	}
	total += overhang
	room := c.width - 2*margin
	c.size = min(fontSize*grid, fillShare*c.height/capHeight, room/total)
	left := margin + overhang/2*c.size + c.unit()*(room-total*c.size)

	c.across = c.newWave(c.height, 0.45*c.size, swing*c.size)
	c.along = c.newWave(c.width, 0.5*c.size, swing*c.size)
	for i := range letters {
		l := &letters[i]
		c.trace(l, vector{left + c.size*l.x, c.height/2 + c.size*l.y})
	}
}

// trace adds a letter whose middle is at the given place. Its points are at random places on the outlines, so that no
// two drawings of a glyph share them.
func (c *canvas) trace(l *letter, middle vector) {
	width, height := c.size*l.scale.x, c.size*l.scale.y
	place := func(v vector) vector { // scaled, slanted, turned and moved
		x, y := width*(v.x-l.glyph.center.x), height*(v.y-l.glyph.center.y)
		x += l.slant * y
		return vector{middle.x + x - l.tilt*y, middle.y + y + l.tilt*x}
	}
	bend := func(v vector) {
		c.points = append(c.points, vector{v.x + c.across.at(v.y), v.y + c.along.at(v.x)}.point())
	}
	pixels := c.size / grid * c.between(sparse, dense) // an em
	shape := len(c.contours)
	for i := range l.glyph.outlines {
		o := &l.glyph.outlines[i]
		first := len(c.points)
		from := place(o.segments[0].from)
		for j := range o.segments {
			s := &o.segments[j]
			to := place(s.to)
			bend(from)
			if n := int(s.points*pixels + c.unit()); n > 0 {
				control := place(s.control)
				for k := range n {
					t := (float64(k+1) + c.between(-0.4, 0.4)) / float64(n+1)
					u := 1 - t
					bend(vector{
						u*u*from.x + 2*u*t*control.x + t*t*to.x,
						u*u*from.y + 2*u*t*control.y + t*t*to.y,
					})
				}
			}
			from = to
		}
		c.addContour(first, o.area < 0)
	}
	c.addShape(shape)
}

// disturb adds ribbons across the whole picture and, if there are any, decoys: short strokes that look like parts of
// characters, and stand beside them, where they cost a reader little. All are cut and mixed like the characters.
func (c *canvas) disturb(ribbons int) {
	if ribbons == 0 {
		return
	}
	ink := around(c.contours) // of the characters
	left, right := float64(ink.left), float64(ink.right)
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
		c.points = append(c.points, vector{x, middle + center.at(x) + half*thickness*c.size}.point())
	}
	first := len(c.points)
	for i := 0; i <= n; i++ { // there along the upper edge, which keeps the ink to the same side as letters do
		edge(i, -0.5)
	}
	for i := n; i >= 0; i-- {
		edge(i, 0.5)
	}
	c.addContour(first, false)
	c.addShape(len(c.contours) - 1)
}

// stroke adds a short bar around (x, y) in a random direction.
func (c *canvas) stroke(x, y float64) {
	sin, cos := math.Sincos(c.between(0, 2*math.Pi))
	first := len(c.points)
	for _, corner := range [4]vector{{-1, -1}, {1, -1}, {1, 1}, {-1, 1}} {
		along := corner.x * c.between(decoyShort, decoyLong) * c.size / 2
		across := corner.y * c.between(decoyThin, decoyThick) * c.size / 2
		c.points = append(c.points, vector{x + along*cos - across*sin, y + along*sin + across*cos}.point())
	}
	c.addContour(first, false)
	c.addShape(len(c.contours) - 1)
}

// addContour makes a contour of the points from first on.
func (c *canvas) addContour(first int, hole bool) {
	points := c.points[first:]
	c.contours = append(c.contours, contour{points: points, bounds: boundsOf(points), hole: hole})
}

// addShape makes a shape of the contours from first on. It is moved, and if need be squeezed, into the picture, so
// that nothing is clipped.
func (c *canvas) addShape(first int) {
	shape := c.contours[first:]
	c.shapes = append(c.shapes, shape)
	b := around(shape)
	scaleX, x := into(b.left, b.right, c.width)
	scaleY, y := into(b.top, b.bottom, c.height)
	if scaleX == 1 && x == 0 && scaleY == 1 && y == 0 {
		return
	}
	for i := range shape {
		points := shape[i].points
		for j, p := range points {
			points[j] = vector{scaleX*float64(p.x) + x, scaleY*float64(p.y) + y}.point()
		}
		shape[i].bounds = boundsOf(points)
	}
}

// into returns the smallest change, v to scale*v + shift, that keeps [low, high] a margin away from both ends of a
// side.
func into(low, high int, side float64) (scale, shift float64) {
	scale = min(1, (side-2*margin)/float64(high-low))
	return scale, max(0, margin-scale*float64(low)) + min(0, side-margin-scale*float64(high))
}

// wave is a random function from 0 on: straight from one random value to the next, at equal distances.
type wave struct {
	scale  float64 // spans a step
	values []float64
}

// newWave returns a wave that swings to about amplitude, over distances of about period.
func (c *canvas) newWave(length, period, amplitude float64) wave {
	spans := int(min(max(length/period, 1), 20))
	w := wave{float64(spans) / length, make([]float64, spans+1)}
	for i := range w.values {
		w.values[i] = c.between(-amplitude, amplitude)
	}
	return w
}

// at returns the value at v; beyond the ends the wave goes straight on.
func (w *wave) at(v float64) float64 {
	v *= w.scale
	i := max(min(int(v), len(w.values)-2), 0)
	return w.values[i] + (v-float64(i))*(w.values[i+1]-w.values[i])
}
