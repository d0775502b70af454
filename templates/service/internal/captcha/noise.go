package captcha

// Proportions of the noise, in em of the characters.
const (
	ribbonThin, ribbonThick = 0.045, 0.085
	tailThin, tailThick     = 0.09, 0.15
	ribbonStep              = 0.25 // between points along a ribbon
	decoys                  = 2    // short strokes
	decoyThin, decoyThick   = 0.06, 0.11
	decoyShort, decoyLong   = 0.15, 0.32
)

// disturb adds ribbons across the whole picture and, if there are any, a few short strokes that look like parts of
// characters. They are cut and mixed like the characters.
func (c *canvas) disturb(ribbons int) {
	if ribbons == 0 {
		return
	}
	ink := around(c.spans) // of the characters
	ribbon := func(x float64) float64 {
		if x < ink.left || x > ink.right {
			return c.between(tailThin, tailThick)
		}
		return c.between(ribbonThin, ribbonThick)
	}
	for range ribbons {
		center := c.newWave(0, c.width, 0.9*c.size, 0.30*c.height)
		middle := c.height/2 + c.between(-0.12, 0.12)*c.height
		c.band(c.between(0.01, 0.06)*c.width, c.between(0.94, 0.99)*c.width, middle, &center, ribbon)
	}
	decoy := func(float64) float64 { return c.between(decoyThin, decoyThick) }
	for range decoys {
		start := c.between(0.04, 0.90) * c.width
		slope := c.newWave(0, c.width, 0.5*c.size, 0.35*c.size)
		c.band(start, start+c.between(decoyShort, decoyLong)*c.size, c.between(0.2, 0.8)*c.height, &slope, decoy)
	}
}

// band adds a stroke along middle + center. thickness is in em.
func (c *canvas) band(from, to, middle float64, center *wave, thickness func(x float64) float64) {
	c.begin()
	first := len(c.points)
	n := max(2, int((to-from)/(ribbonStep*c.size)))
	place := func(i int) float64 {
		jitter := 0.0
		if i > 0 && i < n {
			jitter = c.between(-0.35, 0.35)
		}
		return from + (to-from)*(float64(i)+jitter)/float64(n)
	}
	for i := 0; i <= n; i++ { // there along the upper edge, which keeps the ink to the same side as letters do
		x := place(i)
		c.points = append(c.points, point{x, middle + center.at(x) - thickness(x)*c.size/2})
	}
	for i := n; i >= 0; i-- {
		x := place(i)
		c.points = append(c.points, point{x, middle + center.at(x) + thickness(x)*c.size/2})
	}
	c.ends = append(c.ends, len(c.points))
	c.finish(first)
}
