package captcha

import (
	_ "embed"
	"fmt"
	"math"
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

const curveStep, lineStep = 6.5, 8.0 // pixels between the points that a drawing adds

// outline is a closed line around ink, or around a hole in it.
type outline struct {
	segments []segment
	area     float64 // negative for a hole: all outlines have the ink to their right
}

// glyph is the shape of one character in one font, in em with y downwards.
type glyph struct {
	outlines []outline
	width    float64
	center   vector
}

// loadGlyphs reads the outlines of the given characters, one per font for each.
func loadGlyphs(characters string) (map[byte][]glyph, error) {
	glyphs := map[byte][]glyph{}
	for line := range strings.Lines(glyphData) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4) // always four: the file is part of the program
		if !strings.Contains(characters, fields[1]) {
			continue
		}
		g, err := parseGlyph(fields[3])
		if err != nil {
			return nil, fmt.Errorf("captcha: glyphs.txt, %s %s: %w", fields[0], fields[1], err)
		}
		glyphs[fields[1][0]] = append(glyphs[fields[1][0]], g)
	}
	return glyphs, nil
}

func parseGlyph(path string) (glyph, error) {
	var g glyph
	var at vector
	low, high := vector{math.Inf(1), math.Inf(1)}, vector{math.Inf(-1), math.Inf(-1)}
	for path != "" {
		command, end := path[0], strings.IndexAny(path[1:], "mlq")+1
		if end == 0 {
			end = len(path)
		}
		var v [4]float64
		n, _ := fmt.Sscan(path[1:end], &v[0], &v[1], &v[2], &v[3])
		if want := map[byte]int{'m': 2, 'l': 2, 'q': 4}[command]; n != want {
			return glyph{}, fmt.Errorf("bad command %q", path[:end])
		}
		path = path[end:]
		step := curveStep
		if command != 'q' {
			v[2], v[3], step = v[0], v[1], lineStep
		}
		s := segment{from: at, control: at.plus(v[0]/1000, v[1]/1000), to: at.plus(v[2]/1000, v[3]/1000)}
		at = s.to
		if command == 'm' {
			g.outlines = append(g.outlines, outline{})
			continue
		}
		s.points = (distance(s.from, s.control) + distance(s.control, s.to)) / step
		last := &g.outlines[len(g.outlines)-1] // every path starts with m
		last.segments = append(last.segments, s)
		last.area += s.from.x*s.to.y - s.to.x*s.from.y
		// The ends alone bound the curves near enough: these fonts have one at each extreme.
		low, high = vector{min(low.x, at.x), min(low.y, at.y)}, vector{max(high.x, at.x), max(high.y, at.y)}
	}
	g.width, g.center = high.x-low.x, vector{(low.x + high.x) / 2, (low.y + high.y) / 2}
	return g, nil
}

func (v vector) plus(x, y float64) vector { return vector{v.x + x, v.y + y} }

func distance(a, b vector) float64 { return math.Hypot(b.x-a.x, b.y-a.y) }
