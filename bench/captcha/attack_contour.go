package main

import (
	"math"
)

// contourReader matches each sub-contour by measures of its shape and place to labelled ones, k nearest
// neighbours, and lets the contours of a slot vote.
type contourReader struct {
	slots    int
	rendered bool      // knows where the text begins and ends
	scale    []float64 // 1 / standard deviation of each feature
	points   []labelled
	prior    map[byte]float64
	tree     *kdTree
}

type labelled struct {
	features []float64
	label    byte
}

const neighbours = 30

// features are area, perimeter, roundness, total turning, sharp turns, extent, and place.
func (p *placed) features() []float64 {
	n := len(p.points)
	var area, perimeter, turning, sharp float64
	left, right, top, bottom := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for i, a := range p.points {
		b, c := p.points[(i+1)%n], p.points[(i+2)%n]
		area += a.x*b.y - b.x*a.y
		perimeter += math.Hypot(b.x-a.x, b.y-a.y)
		ux, uy, vx, vy := b.x-a.x, b.y-a.y, c.x-b.x, c.y-b.y
		if (ux != 0 || uy != 0) && (vx != 0 || vy != 0) {
			angle := math.Abs(math.Atan2(ux*vy-uy*vx, ux*vx+uy*vy))
			turning += angle
			if angle > 0.8 {
				sharp++
			}
		}
		left, right, top, bottom = min(left, a.x), max(right, a.x), min(top, a.y), max(bottom, a.y)
	}
	area = math.Abs(area) / 2
	return []float64{
		math.Log(area + 0.5), math.Log(perimeter + 0.5), area / (perimeter*perimeter + 1e-9), turning, sharp,
		right - left, bottom - top, p.x, p.y,
	}
}

func trainContours(train []sample, rendered bool) *contourReader {
	r := &contourReader{slots: len(train[0].Text), rendered: rendered, prior: map[byte]float64{}}
	for i := range train {
		for _, p := range slotted(&train[i], r.slots, rendered) {
			r.points = append(r.points, labelled{p.features(), train[i].Text[p.slot]})
		}
	}
	dims := len(r.points[0].features)
	r.scale = make([]float64, dims)
	for d := range dims {
		var sum, squares float64
		for _, p := range r.points {
			sum += p.features[d]
			squares += p.features[d] * p.features[d]
		}
		n := float64(len(r.points))
		r.scale[d] = 1 / (math.Sqrt(max(squares/n-sum*sum/n/n, 0)) + 1e-9)
	}
	for _, p := range r.points {
		for d := range dims {
			p.features[d] *= r.scale[d]
		}
		r.prior[p.label] += 1 / float64(len(r.points))
	}
	r.tree = newKDTree(r.points, 0)
	return r
}

func (r *contourReader) read(s *sample) string {
	scores := make([]map[byte]float64, r.slots)
	for i := range scores {
		scores[i] = map[byte]float64{}
		for c, prior := range r.prior {
			scores[i][c] = math.Log(prior)
		}
	}
	for _, p := range slotted(s, r.slots, r.rendered) {
		f := p.features()
		for d := range f {
			f[d] *= r.scale[d]
		}
		near := nearest{limit: neighbours}
		r.tree.search(f, &near)
		votes := map[byte]float64{}
		for _, n := range near.found {
			votes[n.label] += 1 / (0.05 + n.distance)
		}
		var sum float64
		for _, v := range votes {
			sum += v
		}
		for c, prior := range r.prior {
			scores[p.slot][c] += math.Log((votes[c]/sum + 0.3*prior) / 1.3 / prior)
		}
	}
	return best(scores)
}
