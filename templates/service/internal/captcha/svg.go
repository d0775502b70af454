package captcha

import (
	"bytes"
	"encoding/binary"
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
	m = append(append(m, color...), `" d="`...)
	var start point // a relative "m" counts from the start of the piece before
	for _, points := range c.pieces {
		k := c.below(len(points))
		first := points[k]
		before := len(m)
		m = n.appendStep(append(m, 'm'), start, first)
		at, area := first, 0
		for j := 1; j < len(points); j++ { // further pairs after "m" are relative lines
			if k++; k == len(points) {
				k = 0
			}
			to := points[k]
			if to == at {
				continue
			}
			m = n.appendStep(m, at, to)
			area += (at.x-first.x)*(to.y-first.y) - (to.x-first.x)*(at.y-first.y)
			at = to
		}
		if area <= 2*smallest { // a sliver, which rounding may have turned over
			m = m[:before]
			continue
		}
		m = append(m, 'z')
		start = first
	}
	c.markup = append(m, `"/></svg>`...)
	return bytes.Clone(c.markup)
}

// numbers holds the text of the integers from -n to n, separator included: " 12", and "-12", where the sign separates. Its last
// byte is the length. A picture has about 500 random numbers; formatting each, a mispredicted branch or two, would make
// drawing take half as long again.
type numbers []uint64

// newNumbers prepares for integers from -n to n, n at most 99999.
func newNumbers(n int) numbers {
	table := make(numbers, 2*n+1)
	for i := range table {
		text := strconv.Itoa(i - n)
		if i >= n {
			text = " " + text
		}
		var word [8]byte
		copy(word[:], text)
		word[7] = byte(len(text))
		table[i] = binary.LittleEndian.Uint64(word[:])
	}
	return table
}

// appendStep writes the way from one point to the next.
func (n numbers) appendStep(m []byte, from, to point) []byte {
	x, y := n[len(n)/2+to.x-from.x], n[len(n)/2+to.y-from.y]
	m = binary.LittleEndian.AppendUint64(m, x)[:len(m)+int(x>>56)] // eight bytes at once are cheaper than the few that count
	return binary.LittleEndian.AppendUint64(m, y)[:len(m)+int(y>>56)]
}

// head returns everything before the colour of the path. The title says what the picture is (WCAG 1.1.1), not what it reads.
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
	return head + `<path fill="`
}
