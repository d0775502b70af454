package captcha

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"image"
	"math"
	"strings"
)

// head returns everything before the path's color. The title says what the picture is (WCAG 1.1.1), not its text.
func (o Options) head() string {
	title := fmt.Sprintf("Captcha: a picture with %d characters to type", o.Size)
	if o.Math {
		title = "Captcha: a picture with a sum to solve"
	}
	background := ""
	if o.Background != "" {
		background = fmt.Sprintf(`<rect width="%d" height="%d" fill="%s"/>`, o.Width*grid, o.Height*grid, o.Background)
	}
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %d %d" role="img">`+
		`<title>%s</title>%s<path fill="`, o.Width, o.Height, o.Width*grid, o.Height*grid, title, background)
}

// assemble writes the pieces in random order, each from a random corner on, as one path of one color.
func (c *canvas) assemble(head, color string, n numbers) []byte {
	for i := len(c.pieces) - 1; i > 0; i-- {
		j := c.below(i + 1)
		c.pieces[i], c.pieces[j] = c.pieces[j], c.pieces[i]
	}
	svg := append(c.markup[:0], head...)
	svg = append(append(svg, color...), `" d="`...)
	var start image.Point // a relative "m" counts from the start of the piece before
	for _, points := range c.pieces {
		k := c.below(len(points))
		first := points[k]
		before := len(svg)
		svg = n.append(append(svg, 'm'), first.Sub(start))
		at, area := first, 0
		for range len(points) - 1 { // further pairs after "m" are relative lines
			if k++; k == len(points) {
				k = 0
			}
			to := points[k]
			if to == at {
				continue
			}
			svg = n.append(svg, to.Sub(at))
			area += (at.X-first.X)*(to.Y-first.Y) - (to.X-first.X)*(at.Y-first.Y)
			at = to
		}
		if area <= 0.2*grid*grid { // a sliver: not worth drawing, and rounding may have turned it over
			svg = svg[:before]
			continue
		}
		svg = append(svg, 'z')
		start = first
	}
	c.markup = append(svg, `"/></svg>`...)
	return bytes.Clone(c.markup)
}

// numbers holds the text of the integers from -n to n, separator included: " 12", and "-12", where the sign separates.
// The last byte is the length. A picture has about 500 numbers: formatting each would make it take a third longer.
type numbers [][8]byte

// newNumbers prepares for integers from -n to n, n at most 99999.
func newNumbers(n int) numbers {
	table := make(numbers, 2*n+1)
	for i := range table {
		text := fmt.Sprintf("% d", i-n)
		copy(table[i][:], text)
		table[i][7] = byte(len(text))
	}
	return table
}

// append writes two numbers. It copies eight bytes of each at once, which is cheaper than the few that count.
func (n numbers) append(b []byte, p image.Point) []byte {
	x, y := &n[len(n)/2+p.X], &n[len(n)/2+p.Y]
	b = append(b, x[:]...)[:len(b)+int(x[7])]
	return append(b, y[:]...)[:len(b)+int(y[7])]
}

// rgb is a color.
type rgb [3]uint8

// parseColor reads "#rgb" or "#rrggbb". Nothing else is accepted: the text of a background ends up in markup.
func parseColor(s string) (color rgb, ok bool) {
	digits, ok := strings.CutPrefix(s, "#")
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	b, err := hex.DecodeString(digits)
	if !ok || err != nil || len(b) != len(color) {
		return rgb{}, false
	}
	return rgb(b), true
}

// hsl converts hue, saturation and lightness, each 0 to 1.
func hsl(h, s, l float64) rgb {
	part := func(n float64) uint8 {
		k := math.Mod(n+h*12, 12)
		return uint8(math.Round(255 * (l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1)))))
	}
	return rgb{part(0), part(8), part(4)}
}

// luminance is WCAG's relative luminance, 0 for black to 1 for white.
func (c rgb) luminance() float64 {
	linear := func(component uint8) float64 {
		v := float64(component) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}

// contrast is WCAG's contrast ratio, 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// palette lists the colors one of which draws the whole picture. Their contrast to the background, or to the page
// assumed without one, is at least 6.5:1, to look crisp when small, or the best there is: on a middle grey, little
// more than the 4.5:1 of WCAG 1.4.3.
func (o Options) palette() []string {
	black, white := rgb{}, rgb{255, 255, 255}
	back, ink := white, black
	if o.Background != "" {
		back, _ = parseColor(o.Background) // validated by New
	} else if o.Inverse {
		back = black
	}
	if contrast(back, white) > contrast(back, black) {
		ink = white
	}
	wanted := min(6.5, contrast(back, ink))

	hues, saturations := 1, []float64{0}
	if o.Color {
		hues, saturations = 24, []float64{0.60, 0.75}
	}
	var colors []string
	for hue := range hues {
		for _, saturation := range saturations {
			for step := range 10 {
				lightness := 0.10 + 0.05*float64(step)
				if ink == white {
					lightness = 1 - lightness
				}
				if c := hsl(float64(hue)/24, saturation, lightness); contrast(c, back) >= wanted {
					colors = append(colors, fmt.Sprintf("#%x", c[:]))
				}
			}
		}
	}
	if len(colors) == 0 {
		colors = []string{fmt.Sprintf("#%x", ink[:])}
	}
	return colors
}
