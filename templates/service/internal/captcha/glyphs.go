package captcha

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// outlines holds letter shapes of the Go fonts (LICENSE.gofonts). A line is a font name, a character, its advance
// width and its outline as SVG path data of m, l and q commands, in 1/1000 em with y downwards from the baseline.
//
//go:embed glyphs.txt
var outlines string

type point struct{ x, y float64 }

// segment is a straight line, or a quadratic curve bent toward control.
type segment struct {
	from, control, to point
	curved            bool
	length            float64
}

// glyph is the outline of one character in one font, in em with y downwards. The ink lies to the
// right when walking outer contours, to the right of holes' contours too: signed areas of
// outer contours are positive, those of holes negative.
type glyph struct {
	contours                 [][]segment
	left, right, top, bottom float64
}

// loadGlyphs reads the outlines of the given characters, one per font for each.
func loadGlyphs(characters string) (map[byte][]glyph, error) {
	glyphs := make(map[byte][]glyph)
	for line := range strings.Lines(outlines) {
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
		g    glyph
		at   point
		area float64
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
		s := segment{from: at, control: point{at.x + v[0], at.y + v[1]}, to: point{at.x + v[0], at.y + v[1]}}
		if path[0] == 'q' {
			s.to, s.curved = point{at.x + v[2], at.y + v[3]}, true
		}
		at = s.to
		if path[0] == 'm' {
			g.contours = append(g.contours, nil)
		} else if len(g.contours) > 0 {
			s.length = math.Hypot(s.control.x-s.from.x, s.control.y-s.from.y) + math.Hypot(s.to.x-s.control.x, s.to.y-s.control.y)
			area += s.from.x*s.to.y - s.to.x*s.from.y
			last := len(g.contours) - 1
			g.contours[last] = append(g.contours[last], s)
		}
		path = path[end:]
	}
	if area < 0 {
		for _, c := range g.contours {
			reverse(c)
		}
	}
	g.measure()
	return g, nil
}

// reverse walks a contour the other way round.
func reverse(contour []segment) {
	for i, j := 0, len(contour)-1; i < j; i, j = i+1, j-1 {
		contour[i], contour[j] = contour[j], contour[i]
	}
	for i := range contour {
		contour[i].from, contour[i].to = contour[i].to, contour[i].from
	}
}

// measure sets the bounds. The control points of these fonts' curves stand at extremes or inside of
// them, near enough for a layout that is fitted again later.
func (g *glyph) measure() {
	g.left, g.top, g.right, g.bottom = math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range g.contours {
		for _, s := range c {
			g.left, g.right = min(g.left, s.to.x), max(g.right, s.to.x)
			g.top, g.bottom = min(g.top, s.to.y), max(g.bottom, s.to.y)
		}
	}
}
