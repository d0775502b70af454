package main

import (
	"image"
	"math"
)

// slotReader renders the picture, opens it to drop thin noise, cuts the ink into equal slots, and compares each with
// labelled slots pixel by pixel, k nearest neighbours.
type slotReader struct {
	slots     int
	fixed     bool
	radius    float64 // of the opening, in pixels at height 30; 0 for none
	templates []template
}

// template is a labelled part of a picture: its pixels, and the sums of blocks of them.
type template struct {
	pixels, sums []float32
	label        byte
}

func newTemplate(pixels []float32, label byte) template {
	return template{pixels, blockSums(pixels), label}
}

const (
	slotRows   = 60 // about how high the picture is made, in pixels
	slotWidth  = 20
	slotHeight = 16
	slotMargin = 0.15 // of a slot's width that is looked at on either side
	slotNear   = 7
)

// shifts are tried when reading, in slots: the letters of our pictures are not where slots end.
var shifts = []float64{-0.2, 0, 0.2}

func trainSlots(train []sample, radius float64, fixed bool) *slotReader {
	r := &slotReader{slots: len(train[0].Text), radius: radius, fixed: fixed}
	for i, pixels := range parallel(len(train), func(i int) [][]float32 { return r.cut(&train[i], 0)[0] }) {
		for k, p := range pixels {
			r.templates = append(r.templates, newTemplate(p, train[i].Text[k]))
		}
	}
	return r
}

// opened renders a picture and opens it.
func opened(s *sample, radius float64) *image.Gray {
	zoom := max(1, math.Round(slotRows/s.height))
	g := raster(&s.shapes, int(zoom))
	if radius > 0 {
		g = open(g, radius*zoom*s.height/float64(tutorial.height))
	}
	return g
}

// cut returns the slots of a picture for each shift.
func (r *slotReader) cut(s *sample, shifts ...float64) [][][]float32 {
	g := opened(s, r.radius)
	left, right, top, bottom := r.bounds(g)
	width := (right - left) / float64(r.slots)
	out := make([][][]float32, len(shifts))
	for i, shift := range shifts {
		for k := range r.slots {
			x := left + width*(float64(k)+shift)
			slot := image.Rect(int(x-slotMargin*width), top, int(x+(1+slotMargin)*width), bottom)
			out[i] = append(out[i], blur(shrink(g, slot, slotWidth, slotHeight)))
		}
	}
	return out
}

// bounds returns where the slots are: at svg-captcha's fixed places, or across the text.
func (r *slotReader) bounds(g *image.Gray) (left, right float64, top, bottom int) {
	if r.fixed {
		step := float64(g.Rect.Dx()-4) / float64(r.slots+1) // svg-captcha's padding
		return step / 2, step * (float64(r.slots) + 0.5), 0, g.Rect.Dy()
	}
	b := textBounds(g)
	return float64(b.Min.X), float64(max(b.Max.X, b.Min.X+r.slots)), b.Min.Y, b.Max.Y
}

// blur makes small shifts matter less.
func blur(v []float32) []float32 {
	out := make([]float32, len(v))
	for y := range slotHeight {
		for x := range slotWidth {
			var sum, n float32
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					if i, j := x+dx, y+dy; i >= 0 && j >= 0 && i < slotWidth && j < slotHeight {
						weight := float32((2 - abs(dx)) * (2 - abs(dy)))
						sum, n = sum+weight*v[j*slotWidth+i], n+weight
					}
				}
			}
			out[y*slotWidth+x] = sum / n
		}
	}
	return out
}

func abs(v int) int { return max(v, -v) }

func (r *slotReader) read(s *sample) string {
	near := make([]nearest, r.slots)
	for k := range near {
		near[k].limit = slotNear
	}
	for _, slots := range r.cut(s, shifts...) {
		for k, pixels := range slots {
			near[k].compare(pixels, r.templates)
		}
	}
	return vote(near)
}

// compare adds the templates that are near. Most are seen to be far by the sums of their blocks: by Cauchy and Schwarz
// the squared difference of two sums, divided by the pixels of a block, is at most that of the pixels.
func (n *nearest) compare(pixels []float32, templates []template) {
	sums := blockSums(pixels)
	for i := range templates {
		t := &templates[i]
		limit := float32(min(n.worst(), math.MaxFloat32))
		if distance(sums, t.sums, limit*blockWidth*blockHeight) > limit*blockWidth*blockHeight {
			continue
		}
		if d := distance(pixels, t.pixels, limit); d < limit {
			n.add(t.label, float64(d))
		}
	}
}

const blockWidth, blockHeight = 4, 4 // in pixels; a slot is a multiple of both

func blockSums(pixels []float32) []float32 {
	const across = slotWidth / blockWidth
	out := make([]float32, across*slotHeight/blockHeight)
	for i, v := range pixels {
		out[i/slotWidth/blockHeight*across+i%slotWidth/blockWidth] += v
	}
	return out
}

// vote joins the likeliest character of each slot.
func vote(near []nearest) string {
	text := ""
	for _, n := range near {
		votes := map[byte]float64{}
		for _, f := range n.found {
			votes[f.label] += 1 / (0.01 + f.distance)
		}
		text += best([]map[byte]float64{votes})
	}
	return text
}

// distance is the sum of squared differences, given up once it passes the limit.
func distance(a, b []float32, limit float32) float32 {
	var sum float32
	for i := 0; i < len(a); i += slotWidth {
		for j := i; j < i+slotWidth; j++ {
			d := a[j] - b[j]
			sum += d * d
		}
		if sum > limit {
			return sum
		}
	}
	return sum
}
