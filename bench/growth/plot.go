package main

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
)

// Places of the plot within the picture, in px.
const (
	width, height            = 640, 340
	left, right, top, bottom = 76, 24, 44, 56
	inset                    = 32 // of the first and last point, for their labels
)

// plot draws a curve: sizes on a logarithmic axis, costs on a linear one from 0.
// Colors follow the reader's light or dark scheme.
func plot(c curve) string {
	low, high := math.Log10(c.points[0].x), math.Log10(c.points[len(c.points)-1].x)
	most := 0.0
	for _, p := range c.points {
		most = max(most, p.y)
	}
	step := niceStep(most)
	ceiling := math.Ceil(most/step) * step
	x := func(v float64) float64 {
		return left + inset + (math.Log10(v)-low)/(high-low)*(width-left-right-2*inset)
	}
	y := func(v float64) float64 { return height - bottom - v/ceiling*(height-top-bottom) }

	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" `+
		`width="%d" height="%d" role="img" aria-label="%s">
<style>
  svg { background: #ffffff; font: 13px system-ui, sans-serif; }
  text { fill: #24292f; }
  .title { font-size: 15px; font-weight: 600; }
  .grid { stroke: #d0d7de; }
  .axis { stroke: #57606a; }
  .line { fill: none; stroke: #0969da; stroke-width: 2.5; }
  .dot { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117; }
    text { fill: #e6edf3; }
    .grid { stroke: #30363d; }
    .axis { stroke: #8b949e; }
    .line { stroke: #58a6ff; }
    .dot { fill: #58a6ff; }
  }
</style>
`, width, height, width, height, html.EscapeString(c.title))
	text := func(x, y float64, anchor, class, s string) {
		fmt.Fprintf(&b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`+"\n", x, y, anchor, class,
			html.EscapeString(s))
	}
	line := func(x1, y1, x2, y2 float64, class string) {
		fmt.Fprintf(&b, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>`+"\n", x1, y1, x2, y2, class)
	}
	text(left, 26, "start", "title", c.title)
	for v := 0.0; v <= ceiling+step/2; v += step {
		line(left, y(v), width-right, y(v), "grid")
		text(left-10, y(v)+4.5, "end", "", number(v))
	}
	line(left, y(0), width-right, y(0), "axis")
	for _, p := range c.points {
		line(x(p.x), y(0), x(p.x), y(0)+5, "axis")
		text(x(p.x), y(0)+20, "middle", "", number(p.x))
	}
	text((left+width-right)/2, height-14, "middle", "", c.x)
	fmt.Fprintf(&b, `<text transform="translate(20 %d) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
		(top+height-bottom)/2, html.EscapeString(c.y))
	var path []string
	for _, p := range c.points {
		path = append(path, fmt.Sprintf("%.1f,%.1f", x(p.x), y(p.y)))
	}
	fmt.Fprintf(&b, `<polyline points="%s" class="line"/>`+"\n", strings.Join(path, " "))
	for _, p := range c.points {
		fmt.Fprintf(&b, `<circle cx="%.1f" cy="%.1f" r="4" class="dot"/>`+"\n", x(p.x), y(p.y))
		text(x(p.x), y(p.y)-11, "middle", "", number(p.y))
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// niceStep is 1, 2 or 5 times a power of ten and gives four to eight lines.
func niceStep(most float64) float64 {
	if most <= 0 {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(most)))
	for _, m := range []float64{0.2, 0.5, 1} {
		if most/(power*m) <= 7 {
			return power * m
		}
	}
	return 2 * power
}

// number writes a fraction below 10 with one decimal, anything else as a whole
// number, with spaces between thousands from 10 000 on.
func number(v float64) string {
	switch {
	case v != math.Trunc(v) && v < 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case v < 10_000:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	s := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + " " + s[i:]
	}
	return s
}
