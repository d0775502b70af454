package main

import (
	"image"
	"math"
	"slices"
)

// valleyReader cuts the ink where its columns hold little, about where slots would end, and compares each part, of
// whatever size, with labelled ones: it finds characters that stand apart wherever they are.
type valleyReader struct {
	parts     int
	radius    float64
	templates []template
}

const (
	narrowest, widest = 0.45, 1.8 // a part, in slots
	unequal           = 0.6       // what a part of a slot's width more or less costs, in columns full of ink
)

func trainValleys(train []sample, radius float64) *valleyReader {
	r := &valleyReader{parts: len(train[0].Text), radius: radius}
	for i, pixels := range parallel(len(train), func(i int) [][]float32 { return r.cut(&train[i]) }) {
		for k, p := range pixels {
			r.templates = append(r.templates, newTemplate(p, train[i].Text[k]))
		}
	}
	return r
}

func (r *valleyReader) cut(s *sample) [][]float32 {
	g := opened(s, r.radius)
	ends := valleys(g, r.parts)
	out := make([][]float32, r.parts)
	for k := range out {
		part := g.SubImage(image.Rect(ends[k], 0, ends[k+1], g.Rect.Dy())).(*image.Gray)
		out[k] = blur(shrink(g, inkBounds(part), slotWidth, slotHeight))
	}
	return out
}

// valleys returns the columns at which the text begins, is cut into n parts, and ends: the columns whose ink, with what
// unequal parts cost, is the least.
func valleys(g *image.Gray, n int) []int {
	b := textBounds(g)
	ink := make([]float64, b.Dx()+1) // of each column, as a share of the height
	for x := range b.Dx() {
		for y := b.Min.Y; y < b.Max.Y; y++ {
			ink[x] += float64(255-g.GrayAt(b.Min.X+x, y).Y) / 255 / float64(b.Dy())
		}
	}
	ink[b.Dx()] = 0
	slot := float64(b.Dx()) / float64(n)
	cost, from := make([][]float64, n+1), make([][]int,
		n+1) // of k parts that end at a column, and where the last begins
	for k := range cost {
		cost[k], from[k] = slices.Repeat([]float64{math.Inf(1)}, len(ink)), make([]int, len(ink))
	}
	cost[0][0] = 0
	for k := 1; k <= n; k++ {
		for end := range ink {
			for start := max(0, end-int(widest*slot)); start <= end-int(narrowest*slot); start++ {
				off := float64(end-start)/slot - 1
				if c := cost[k-1][start] + ink[end] + unequal*off*off; c < cost[k][end] {
					cost[k][end], from[k][end] = c, start
				}
			}
		}
	}
	ends := make([]int, n+1)
	at := b.Dx()
	for k := n; k >= 0; k-- {
		ends[k] = b.Min.X + at
		at = from[k][at]
	}
	return ends
}

func (r *valleyReader) read(s *sample) string {
	near := make([]nearest, r.parts)
	for k, pixels := range r.cut(s) {
		near[k].limit = slotNear
		near[k].compare(pixels, r.templates)
	}
	return vote(near)
}
