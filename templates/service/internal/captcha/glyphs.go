package captcha

import (
	_ "embed"
	"math"
	"strconv"
	"strings"
)

// glyphData holds letter shapes of the Go fonts (LICENSE.gofonts). A line is a font name, a character, its advance
// width and its outlines as SVG path data of m, l and q commands, in 1/1000 em with y downwards from the baseline. An
// outline ends where it begins, and has the ink to its right.
//
//go:embed glyphs.txt
var glyphData string

// glyph is the shape of one character in one font, in em with y downwards.
type glyph struct {
	outlines []outline
	middle   vector
	width    float64
}

// outline is a closed line around ink, or around a hole in it.
type outline struct {
	segments []segment
	area     float64 // doubled; positive for ink, negative for a hole
}

// segment is a quadratic curve bent toward control, or a straight line, whose control is its end.
type segment struct {
	control, to vector
	points      float64 // how many a drawing adds on it at random places, on average, per pixel of the em
}

// loadGlyphs reads the shapes of the given characters, one per font for each.
func loadGlyphs(characters string) *[128][]glyph {
	glyphs := new([128][]glyph)
	for line := range strings.Lines(glyphData) {
		fields := strings.SplitN(line, " ", 4)
		if strings.Contains(characters, fields[1]) {
			c := fields[1][0]
			glyphs[c] = append(glyphs[c], parseGlyph(fields[3]))
		}
	}
	return glyphs
}

// spaced sets the commands of path data apart from the numbers.
var spaced = strings.NewReplacer("m", " m ", "l", " l ", "q", " q ")

func parseGlyph(path string) glyph {
	var g glyph
	var at vector
	left, top, right, bottom := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	fields := strings.Fields(spaced.Replace(path))
	number := func() float64 { // relative to the end of the command before
		thousandths, err := strconv.Atoi(fields[0])
		if err != nil {
			panic("captcha: glyphs.txt: " + err.Error())
		}
		fields = fields[1:]
		return float64(thousandths) / 1000
	}
	for len(fields) > 0 {
		command, from := fields[0], at
		fields = fields[1:]
		control, step := vector{from.x + number(), from.y + number()}, lineStep
		to := control
		if command == "q" {
			to, step = vector{from.x + number(), from.y + number()}, curveStep
		}
		at = to
		if command == "m" {
			g.outlines = append(g.outlines, outline{})
		} else {
			o := &g.outlines[len(g.outlines)-1]
			length := math.Hypot(control.x-from.x, control.y-from.y) + math.Hypot(to.x-control.x, to.y-control.y)
			o.segments = append(o.segments, segment{control, to, length / step})
			o.area += from.x*to.y - to.x*from.y
		}
		// The curves of these fonts hardly go beyond their ends.
		left, right = min(left, to.x), max(right, to.x)
		top, bottom = min(top, to.y), max(bottom, to.y)
	}
	g.middle, g.width = vector{(left + right) / 2, (top + bottom) / 2}, right-left
	return g
}
