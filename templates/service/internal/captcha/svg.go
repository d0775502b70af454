package captcha

import "strconv"

// grid is the number of coordinate steps a pixel. One tenth of a pixel cannot be seen, and keeps
// the numbers short.
const grid = 10

// assemble writes the pieces in random order, each from a random corner on, as one path of one colour.
func (c *canvas) assemble(head, color string, n *numbers) []byte {
	for i := len(c.pieces) - 1; i > 0; i-- {
		j := c.below(i + 1)
		c.pieces[i], c.pieces[j] = c.pieces[j], c.pieces[i]
	}
	m := append(c.markup[:0], head...)
	m = append(m, `<path fill="`...)
	m = append(m, color...)
	m = append(m, `" d="`...)
	startX, startY := 0, 0 // a relative "m" counts from the start of the piece before
	for i := range c.pieces {
		points := c.points[c.pieces[i].first:c.pieces[i].end]
		k := c.below(len(points))
		firstX, firstY := snap(points[k].x), snap(points[k].y)
		mark := len(m)
		m = append(m, 'm')
		m = n.append(m, firstX-startX)
		m = n.append(m, firstY-startY)
		x, y, area := firstX, firstY, 0
		for range len(points) - 1 { // further pairs after "m" are relative lines
			if k++; k == len(points) {
				k = 0
			}
			px, py := snap(points[k].x), snap(points[k].y)
			if px == x && py == y {
				continue
			}
			m = n.append(m, px-x)
			m = n.append(m, py-y)
			area += (x-firstX)*(py-firstY) - (px-firstX)*(y-firstY)
			x, y = px, py
		}
		if area <= 0 { // a sliver that rounding has flattened or turned over
			m = m[:mark]
			continue
		}
		m = append(m, 'z')
		startX, startY = firstX, firstY
	}
	m = append(m, `"/></svg>`...)
	c.markup = m
	return append([]byte(nil), m...)
}

// snap rounds a coordinate, which is never negative, to the grid.
func snap(v float64) int { return int(v*grid + 0.5) }

// head returns everything before the path. The title says what the picture is (WCAG 1.1.1), not what it reads.
func (o Options) head() string {
	title := "Captcha: a picture with " + strconv.Itoa(o.Size) + " characters to type"
	if o.Math {
		title = "Captcha: a picture with a sum to solve"
	}
	w, h := strconv.Itoa(o.Width), strconv.Itoa(o.Height)
	gw, gh := strconv.Itoa(o.Width*grid), strconv.Itoa(o.Height*grid)
	head := `<svg xmlns="http://www.w3.org/2000/svg" width="` + w + `" height="` + h + `" viewBox="0 0 ` + gw + ` ` + gh +
		`" role="img"><title>` + title + `</title>`
	if o.Background != "" {
		head += `<rect width="` + gw + `" height="` + gh + `" fill="` + o.Background + `"/>`
	}
	return head
}
