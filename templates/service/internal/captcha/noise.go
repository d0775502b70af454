package captcha

import "math"

// Proportions of the noise, in em of the characters.
const (
	ribbonThin, ribbonThick = 0.060, 0.100
	tailThin, tailThick     = 0.09, 0.15
	ribbonStep              = 0.38 // between points along a ribbon
	decoys                  = 2
	decoyThin, decoyThick   = 0.10, 0.15
	decoyShort, decoyLong   = 0.22, 0.40
)

// disturb adds ribbons across the whole picture and, if there are any, decoys: short strokes that look like parts of characters. These
// stand beside the characters, where they cost a reader who knows how many there are little. All are cut and mixed
// like the characters.
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
	c.begin()
	var center wave
	c.newWave(&center, 0, c.width, 0.8*c.size, 0.28*c.height)
	middle := c.height/2 + c.between(-0.12, 0.12)*c.height
	from, to := c.between(0.01, 0.06)*c.width, c.between(0.94, 0.99)*c.width
	n := max(2, int((to-from)/(ribbonStep*c.size)))
	edge := func(i int, half float64) {
		x := from + (to-from)*(float64(i)+c.between(-0.35, 0.35))/float64(n)
		thickness := c.between(ribbonThin, ribbonThick)
		if x < left || x > right {
			thickness = c.between(tailThin, tailThick)
		}
		c.vectors = append(c.vectors, vector{x, middle + center.at(x) + half*thickness*c.size})
	}
	for i := 0; i <= n; i++ { // there along the upper edge, which keeps the ink to the same side as letters do
		edge(i, -0.5)
	}
	for i := n; i >= 0; i-- {
		edge(i, 0.5)
	}
	c.ends = append(c.ends, end{at: len(c.vectors)})
	c.finish()
}

// stroke adds a short bar around (x, y) in a random direction.
func (c *canvas) stroke(x, y float64) {
	c.begin()
	sin, cos := math.Sincos(c.between(0, 2*math.Pi))
	corner := func(along, across float64) {
		along *= c.between(decoyShort, decoyLong) * c.size / 2
		across *= c.between(decoyThin, decoyThick) * c.size / 2
		c.vectors = append(c.vectors, vector{x + along*cos - across*sin, y + along*sin + across*cos})
	}
	corner(-1, -1)
	corner(1, -1)
	corner(1, 1)
	corner(-1, 1)
	c.ends = append(c.ends, end{at: len(c.vectors)})
	c.finish()
}
