package captcha

// canvas is the working memory of one drawing. It is reused, so that drawing allocates next to nothing. Lengths are in steps of
// the grid, tenths of a pixel: one step cannot be seen, and whole numbers of them are short in the markup.
type canvas struct {
	dice
	width, height float64
	size          float64 // of the characters: steps an em
	overlap       float64 // of neighbouring pieces

	letters []letter
	vectors []vector // of the shape in work, before it is brought onto the grid
	ends    []end    // of its contours

	points   []point   // of all contours
	contours []contour // all of them, whole and cut
	shapes   []region  // the characters, ribbons and decoys, before they are cut
	pieces   []int     // the contours that are drawn in the end

	todo      []region
	crossings []crossing
	order     []int // of the crossings along the line
	markup    []byte
}

// grid is the number of steps a pixel.
const grid = 10

// vector is a place or a direction.
type vector struct{ x, y float64 }

// point is a place on the grid.
type point struct{ x, y int32 }

// dot is the scalar product.
func (p point) dot(q point) int { return int(p.x)*int(q.x) + int(p.y)*int(q.y) }

// reset empties the canvas and seeds its randomness.
func (c *canvas) reset(o *Options, seed [32]byte) {
	c.dice.reset(seed)
	c.width, c.height = grid*float64(o.Width), grid*float64(o.Height)
	c.letters, c.points, c.contours, c.shapes, c.pieces = c.letters[:0], c.points[:0], c.contours[:0], c.shapes[:0], c.pieces[:0]
}
