package captcha

import "math"

// contour is a closed polygon: the points [first, end) of a canvas, with what has been measured of it.
type contour struct {
	first, end int
	bounds     box
	hole       bool
	cut        bool // is a part of what was drawn
	side       int  // of the last cutting line: 1 or -1 if it lies on one side wholly, else 0
}

// addContour makes the points [first, end) a contour.
func (c *canvas) addContour(first, end int, hole bool) {
	c.contours = append(c.contours, contour{first: first, end: end, bounds: boundsOf(c.points[first:end]), hole: hole})
}

// biggestHole returns the index of the hole with the largest bounds, or -1.
func biggestHole(contours []contour) int {
	index, most := -1, -1
	for i := range contours {
		if b := &contours[i].bounds; contours[i].hole && b.width()*b.height() > most {
			index, most = i, b.width()*b.height()
		}
	}
	return index
}

// box bounds some points.
type box struct{ left, top, right, bottom int32 }

func (b box) width() int  { return int(b.right - b.left) }
func (b box) height() int { return int(b.bottom - b.top) }

// at returns the point at the given shares of width and height.
func (b box) at(x, y float64) point {
	return point{b.left + int32(x*float64(b.width())), b.top + int32(y*float64(b.height()))}
}

// around bounds all the contours.
func around(contours []contour) box {
	b := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
	for i := range contours {
		o := &contours[i].bounds
		b.left, b.right = min(b.left, o.left), max(b.right, o.right)
		b.top, b.bottom = min(b.top, o.top), max(b.bottom, o.bottom)
	}
	return b
}

func boundsOf(points []point) box {
	b := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
	for _, p := range points {
		b.left, b.right = min(b.left, p.x), max(b.right, p.x)
		b.top, b.bottom = min(b.top, p.y), max(b.bottom, p.y)
	}
	return b
}
