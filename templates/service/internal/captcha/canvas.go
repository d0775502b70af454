package captcha

// canvas is the working memory of one drawing. It is reused, so that drawing allocates next to nothing. Lengths are in pixels.
type canvas struct {
	dice
	width, height float64
	size          float64 // of the characters, in pixels an em
	overlap       float64 // of neighbouring pieces

	points []point // of all contours
	spans  []span  // all contours, whole and cut
	pieces []span  // what is drawn in the end
	todo   []region

	shapes    []region // the characters and ribbons before they are cut
	ends      []int    // of the contours of the shape in work
	letters   []letter
	sides     []float64
	chains    []chain
	crossings []crossing
	markup    []byte
}

// reset empties the canvas and seeds its randomness.
func (c *canvas) reset(o *Options, seed [32]byte) {
	c.stream.Seed(seed)
	c.width, c.height = float64(o.Width), float64(o.Height)
	c.points, c.spans, c.pieces = c.points[:0], c.spans[:0], c.pieces[:0]
	c.shapes, c.letters, c.markup = c.shapes[:0], c.letters[:0], c.markup[:0]
}
