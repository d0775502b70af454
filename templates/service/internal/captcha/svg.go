package captcha

import (
	"slices"
	"strconv"
)

// smallest is the area of a piece that is not worth drawing, in square steps.
const smallest = 0.1 * grid * grid

// assemble writes the pieces in random order, each from a random corner on, as one path of one colour.
func (c *canvas) assemble(head, color string, n numbers) []byte {
	for i := len(c.pieces) - 1; i > 0; i-- {
		j := c.below(i + 1)
		c.pieces[i], c.pieces[j] = c.pieces[j], c.pieces[i]
	}
	m := append(c.markup[:0], head...)
	m = append(m, `<path fill="`...)
	m = append(m, color...)
	m = append(m, `" d="`...)
	m = slices.Grow(m, len(c.pieces)*len("mz")+2*longestNumber*(len(c.points)+1))
	b, used := m[:cap(m)], len(m)
	var start point // a relative "m" counts from the start of the piece before
	for _, i := range c.pieces {
		points := c.points[c.contours[i].first:c.contours[i].end]
		k := c.below(len(points))
		first := points[k]
		mark := used
		b[used] = 'm'
		used++
		used += n.put(b[used:], int(first.x-start.x))
		used += n.put(b[used:], int(first.y-start.y))
		at, area := first, 0
		for range len(points) - 1 { // further pairs after "m" are relative lines
			if k++; k == len(points) {
				k = 0
			}
			to := points[k]
			if to == at {
				continue
			}
			used += n.put(b[used:], int(to.x-at.x))
			used += n.put(b[used:], int(to.y-at.y))
			area += int(at.x-first.x)*int(to.y-first.y) - int(to.x-first.x)*int(at.y-first.y)
			at = to
		}
		if area <= 2*smallest { // a sliver, which rounding may have turned over
			used = mark
			continue
		}
		b[used] = 'z'
		used++
		start = first
	}
	m = append(m[:used], `"/></svg>`...)
	c.markup = m
	return append([]byte(nil), m...)
}

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
