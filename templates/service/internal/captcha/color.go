package captcha

import (
	"fmt"
	"math"
)

// minContrast is WCAG 1.4.3's least contrast for text; the ink aims at goodContrast, to look crisp when small.
const (
	minContrast  = 4.5
	goodContrast = 6.5
)

// rgb is a colour with components from 0 to 1.
type rgb struct{ r, g, b float64 }

// parseColor reads "#rgb" or "#rrggbb". Nothing else is accepted: the text of a background lands in markup.
func parseColor(s string) (rgb, error) {
	bad := fmt.Errorf("captcha: background %q is no colour: write #rgb or #rrggbb", s)
	if (len(s) != 4 && len(s) != 7) || s[0] != '#' {
		return rgb{}, bad
	}
	var digits [6]int
	width := (len(s) - 1) / 3
	for i := range digits {
		c := s[1+i*width/2]
		switch {
		case '0' <= c && c <= '9':
			digits[i] = int(c - '0')
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			digits[i] = int(c|0x20-'a') + 10
		default:
			return rgb{}, bad
		}
	}
	part := func(i int) float64 { return float64(digits[i]*16+digits[i+1]) / 255 }
	return rgb{part(0), part(2), part(4)}, nil
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c.r), part(c.g), part(c.b))
}

// luminance is WCAG's relative luminance, 0 for black to 1 for white.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c.r) + 0.7152*linear(c.g) + 0.0722*linear(c.b)
}

// contrast is WCAG's contrast ratio, 1 to 21.
func contrast(a, b rgb) float64 {
	la, lb := a.luminance(), b.luminance()
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// hsl converts hue, saturation and lightness, each 0 to 1.
func hsl(h, s, l float64) rgb {
	part := func(n float64) float64 {
		k := math.Mod(n+h*12, 12)
		return l - s*min(l, 1-l)*max(-1, min(k-3, 9-k, 1))
	}
	return rgb{part(0), part(8), part(4)}
}

// palette lists the colours one of which draws the whole picture. Each is an SVG colour of at least
// minContrast to the background (or to the page assumed without one).
func (o Options) palette() []string {
	back := rgb{1, 1, 1}
	switch {
	case o.Background != "":
		back, _ = parseColor(o.Background) // validated by New
	case o.Inverse:
		back = rgb{}
	}
	// The direction with more room: on a middle grey only one of them reaches 4.5:1.
	toward := rgb{}
	if contrast(back, rgb{1, 1, 1}) > contrast(back, rgb{}) {
		toward = rgb{1, 1, 1}
	}
	wanted := min(goodContrast, contrast(back, toward))

	// darkest to lightest, or the reverse, starting where contrast is best
	reach := func(h, s float64) []string {
		var found []string
		for step := range 10 {
			l := 0.10 + 0.05*float64(step)
			if toward.r == 1 {
				l = 1 - l
			}
			if c := hsl(h, s, l); quantized(c, back) >= wanted {
				found = append(found, c.hex())
			}
		}
		return found
	}
	var colors []string
	if o.Color || o.Background != "" {
		for hue := range 24 {
			colors = append(colors, reach(float64(hue)/24, 0.60)...)
			colors = append(colors, reach(float64(hue)/24, 0.75)...)
		}
	} else {
		colors = reach(0, 0)
	}
	if len(colors) == 0 {
		colors = []string{toward.hex()}
	}
	return colors
}

// quantized is the contrast of c as it is written, rounded to 8 bits a component.
func quantized(c, back rgb) float64 {
	written, _ := parseColor(c.hex())
	return contrast(written, back)
}
