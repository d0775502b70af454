package captcha

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// glyphData holds letter shapes of the Go fonts (LICENSE.gofonts). A line is a font name, a character, its advance
// width and its outline as SVG path data of m, l and q commands, in 1/1000 em with y downwards from the baseline.
//
//go:embed glyphs.txt
var glyphData string

// segment is a quadratic curve bent toward control, or a straight line, whose control is its end.
type segment struct {
	from, control, to vector
	points            float64 // that a drawing of 1 pixel an em adds on it, at random places; on average
}

// outline is a closed line around ink, or around a hole in it.
type outline struct {
	segments []segment
	area     float64 // signed: all outlines have the ink to the right, so that it is positive for ink and negative for a hole
}

// glyph is the shape of one character in one font, in em with y downwards.
type glyph struct {
	outlines                 []outline
	left, right, top, bottom float64
}

// loadGlyphs reads the outlines of the given characters, one per font for each.
func loadGlyphs(characters string) (*[128][]glyph, error) {
	glyphs := new([128][]glyph)
	for line := range strings.Lines(glyphData) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4)
		if len(fields) != 4 || len(fields[1]) != 1 {
			return nil, fmt.Errorf("captcha: glyphs.txt has a malformed line %q", line)
		}
		if !strings.Contains(characters, fields[1]) {
			continue
		}
		g, err := parseGlyph(fields[3])
		if err != nil {
			return nil, fmt.Errorf("captcha: glyphs.txt, %s %s: %w", fields[0], fields[1], err)
		}
		c := fields[1][0]
		glyphs[c] = append(glyphs[c], g)
	}
	for i := range len(characters) {
		if len(glyphs[characters[i]]) == 0 {
			return nil, fmt.Errorf("captcha: no outline for %q", characters[i])
		}
	}
	return glyphs, nil
}

func parseGlyph(path string) (glyph, error) {
	var (
		g  glyph
		at vector
	)
	for path != "" {
		end := strings.IndexAny(path[1:], "mlq") + 1
		if end == 0 {
			end = len(path)
		}
		var v [4]float64
		numbers := strings.Fields(path[1:end])
		if want := map[byte]int{'m': 2, 'l': 2, 'q': 4}[path[0]]; len(numbers) != want {
			return glyph{}, fmt.Errorf("bad command %q", path[:end])
		}
		for i, n := range numbers {
			thousandths, err := strconv.Atoi(n)
			if err != nil {
				return glyph{}, err
			}
			v[i] = float64(thousandths) / 1000
		}
		s := segment{from: at, control: vector{at.x + v[0], at.y + v[1]}, to: vector{at.x + v[0], at.y + v[1]}}
		step := lineStep
		if path[0] == 'q' {
			s.to, step = vector{at.x + v[2], at.y + v[3]}, curveStep
		}
		at = s.to
		if path[0] == 'm' {
			g.outlines = append(g.outlines, outline{})
		} else if len(g.outlines) > 0 {
			length := math.Hypot(s.control.x-s.from.x, s.control.y-s.from.y) + math.Hypot(s.to.x-s.control.x, s.to.y-s.control.y)
			s.points = length / step
			last := &g.outlines[len(g.outlines)-1]
			last.segments = append(last.segments, s)
			last.area += s.from.x*s.to.y - s.to.x*s.from.y
		}
		path = path[end:]
	}
	area := 0.0
	for _, o := range g.outlines {
		area += o.area
	}
	if area < 0 {
		for i := range g.outlines {
			g.outlines[i].reverse()
		}
	}
	g.measure()
	return g, nil
}

// reverse walks an outline the other way round.
func (o *outline) reverse() {
	slices.Reverse(o.segments)
	for i := range o.segments {
		s := &o.segments[i]
		if s.control == s.to {
			s.control = s.from
		}
		s.from, s.to = s.to, s.from
	}
	o.area = -o.area
}

// measure sets the bounds. The control points of these fonts' curves stand at extremes or inside of
// them, near enough for a layout that is fitted again later.
func (g *glyph) measure() {
	g.left, g.top, g.right, g.bottom = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, o := range g.outlines {
		for _, s := range o.segments {
			g.left, g.right = min(g.left, s.to.x), max(g.right, s.to.x)
			g.top, g.bottom = min(g.top, s.to.y), max(g.bottom, s.to.y)
		}
	}
}
