package captcha

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
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
		for _, part := range [2][]point{points[k+1:], points[:k]} { // pairs after those of "m" are relative lines
			for _, to := range part {
				if to == at {
					continue
				}
				m = n.appendStep(m, at, to)
				area += (at.x-first.x)*(to.y-first.y) - (to.x-first.x)*(at.y-first.y)
				at = to
			}
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

// numbers holds the text of the integers from -n to n with a separator in front: " 12", and "-12", where the sign
// separates; the topmost byte is its length. A picture has about 500 numbers, and they are random: formatting each
// costs mispredicted branches, which make drawing take half as long again.
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
	m = binary.LittleEndian.AppendUint64(m, x)[:len(m)+int(x>>56)] // copying all eight bytes is cheaper than the few
	return binary.LittleEndian.AppendUint64(m, y)[:len(m)+int(y>>56)]
}

// head returns everything before the colour of the path. The title says what the picture is (WCAG 1.1.1), not what it
// reads.
func (o Options) head() string {
	title := "Captcha: a picture with " + strconv.Itoa(o.Size) + " characters to type"
	if o.Math {
		title = "Captcha: a picture with a sum to solve"
	}
	head := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" `+
		`role="img"><title>%s</title>`, o.Width, o.Height, grid*o.Width, grid*o.Height, title)
	if o.Background != "" {
		head += fmt.Sprintf(`<rect width="%d" height="%d" fill="%s"/>`, grid*o.Width, grid*o.Height, o.Background)
	}
	return head + `<path fill="`
}

// goodContrast is what the ink aims at, to look crisp when small. WCAG 1.4.3 asks for 4.5, which black or white has
// to any colour.
const goodContrast = 6.5

// rgb is a colour, 0xRRGGBB.
type rgb uint32

const white rgb = 0xffffff

func (c rgb) String() string { return fmt.Sprintf("#%06x", uint32(c)) }

// parseColor reads "#rgb" or "#rrggbb". Nothing else is accepted: the text of a background is written into markup.
func parseColor(s string) (rgb, error) {
	digits, found := strings.CutPrefix(s, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	v, err := strconv.ParseUint(digits, 16, 32)
	if !found || len(digits) != 6 || err != nil {
		return 0, fmt.Errorf("captcha: background %q is not a valid colour: write #rgb or #rrggbb", s)
	}
	return rgb(v), nil
}

// luminance is WCAG's relative luminance, 0 for black to 1 for white.
func (c rgb) luminance() float64 {
	linear := func(v rgb) float64 {
		share := float64(v&0xff) / 255
		if share <= 0.04045 {
			return share / 12.92
		}
		return math.Pow((share+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c>>16) + 0.7152*linear(c>>8) + 0.0722*linear(c)
}

// contrast is WCAG's contrast ratio, 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// hsl converts hue, saturation and lightness, each 0 to 1.
func hsl(h, s, l float64) rgb {
	part := func(n float64) rgb {
		k := math.Mod(n+h*12, 12)
		return rgb(math.Round(255 * (l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1)))))
	}
	return part(0)<<16 | part(8)<<8 | part(4)
}

// palette lists the colours one of which draws the whole picture: dark ones, or light ones on a dark background (or
// page, without a background), all of enough contrast to it.
func (o Options) palette() []string {
	back := white
	if o.Background != "" {
		back, _ = parseColor(o.Background) // validated by New
	} else if o.Inverse {
		back = 0
	}
	strongest, from, step := rgb(0), 0.10, 0.05
	if contrast(back, white) > contrast(back, 0) { // on a middle grey only one of them reaches 4.5:1
		strongest, from, step = white, 0.90, -0.05
	}
	hues, saturations := 1, []float64{0}
	if o.Color || o.Background != "" {
		hues, saturations = 24, []float64{0.60, 0.75}
	}
	var colors []string
	for hue := range hues {
		for _, saturation := range saturations {
			for i := range 10 {
				ink := hsl(float64(hue)/24, saturation, from+step*float64(i))
				if contrast(ink, back) >= min(goodContrast, contrast(strongest, back)) {
					colors = append(colors, ink.String())
				}
			}
		}
	}
	if len(colors) == 0 {
		colors = append(colors, strongest.String())
	}
	return colors
}
