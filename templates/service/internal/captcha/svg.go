package captcha

import (
	"math"
	"strconv"
)

// grid is the number of coordinate steps a pixel. One tenth of a pixel cannot be seen, and keeps
// the numbers short.
const grid = 10

// assemble writes the pieces in random order as one path of one colour.
func (c *canvas) assemble(head, color string) []byte {
	for i := len(c.pieces) - 1; i > 0; i-- {
		j := c.below(i + 1)
		c.pieces[i], c.pieces[j] = c.pieces[j], c.pieces[i]
	}
	m := append(c.markup[:0], head...)
	m = append(m, `<path fill="`...)
	m = append(m, color...)
	m = append(m, `" d="`...)
	startX, startY := 0, 0 // "m" counts from the start of the previous piece
	for _, s := range c.pieces {
		n := s.end - s.first
		start := c.below(n)
		x, y := startX, startY
		for k := range n {
			i := s.first + start + k
			if i >= s.end {
				i -= n
			}
			px, py := snap(c.points[i].x), snap(c.points[i].y)
			if k == 0 {
				m = append(m, 'm')
				startX, startY = px, py
			} else if px == x && py == y {
				continue
			} else if px >= x {
				m = append(m, ' ') // a minus sign separates as well
			}
			m = appendInt(m, px-x)
			if py >= y {
				m = append(m, ' ')
			}
			m = appendInt(m, py-y)
			x, y = px, py
		}
		m = append(m, 'z')
	}
	m = append(m, `"/></svg>`...)
	c.markup = m
	return append([]byte(nil), m...)
}

func snap(v float64) int { return int(math.Floor(v*grid + 0.5)) }

// appendInt is strconv.AppendInt, faster for the short numbers of a path.
func appendInt(b []byte, v int) []byte {
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	switch {
	case v < 10:
		return append(b, byte('0'+v))
	case v < 100:
		return append(b, byte('0'+v/10), byte('0'+v%10))
	case v < 1000:
		return append(b, byte('0'+v/100), byte('0'+v/10%10), byte('0'+v%10))
	}
	return strconv.AppendInt(b, int64(v), 10)
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
