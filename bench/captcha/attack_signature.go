package main

import (
	"cmp"
	"math"
	"slices"
	"sort"
)

// reader guesses the text of a picture.
type reader interface {
	read(s *sample) string
}

// rate returns the share of pictures that are read exactly.
func rate(r reader, tests []sample) float64 {
	hits := parallel(len(tests), func(i int) int {
		if r.read(&tests[i]) == tests[i].Text {
			return 1
		}
		return 0
	})
	sum := 0
	for _, h := range hits {
		sum += h
	}
	return float64(sum) / float64(len(tests))
}

// signatureReader knows the sequence of command letters of each character and sorts the paths by x. It renders nothing.
type signatureReader struct{ known map[string]string }

func trainSignatures(train []sample) *signatureReader {
	votes := map[string]map[string]int{}
	for i := range train {
		s := &train[i]
		paths := sortedPaths(s)
		if len(paths) != len(s.Text) {
			continue // no path for each character: nothing to learn
		}
		for k, p := range paths {
			if votes[p.signature] == nil {
				votes[p.signature] = map[string]int{}
			}
			votes[p.signature][s.Text[k:k+1]]++
		}
	}
	r := &signatureReader{known: map[string]string{}}
	for signature, v := range votes {
		best := ""
		for c, n := range v {
			if best == "" || n > v[best] {
				best = c
			}
		}
		r.known[signature] = best
	}
	return r
}

func (r *signatureReader) read(s *sample) string {
	text := ""
	for _, p := range sortedPaths(s) {
		text += r.known[p.signature]
	}
	return text
}

type signedPath struct {
	signature string
	x         float64
}

func sortedPaths(s *sample) []signedPath {
	var out []signedPath
	for _, path := range s.paths {
		p := signedPath{x: math.Inf(1)}
		for _, c := range path {
			p.signature += c.commands
			for _, q := range c.points {
				p.x = min(p.x, q.x)
			}
		}
		out = append(out, p)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].x < out[j].x })
	return out
}

// slotSignatureReader looks at each sub-contour's sequence of commands instead, and votes within as many
// equal slots as there are characters (naive Bayes).
type slotSignatureReader struct {
	slots  int
	counts map[string]map[byte]float64
	totals map[byte]float64
}

func trainSlotSignatures(train []sample) *slotSignatureReader {
	r := &slotSignatureReader{len(train[0].Text), map[string]map[byte]float64{}, map[byte]float64{}}
	for i := range train {
		for _, p := range slotted(&train[i], r.slots, false) {
			c := train[i].Text[p.slot]
			if r.counts[p.commands] == nil {
				r.counts[p.commands] = map[byte]float64{}
			}
			r.counts[p.commands][c]++
			r.totals[c]++
		}
	}
	return r
}

func (r *slotSignatureReader) read(s *sample) string {
	scores := make([]map[byte]float64, r.slots)
	for i := range scores {
		scores[i] = map[byte]float64{}
	}
	for _, p := range slotted(s, r.slots, false) {
		for c, total := range r.totals {
			scores[p.slot][c] += math.Log((r.counts[p.commands][c] + 0.1) / (total + 1))
		}
	}
	return best(scores)
}

// best joins the likeliest character of each slot.
func best(scores []map[byte]float64) string {
	text := make([]byte, len(scores))
	for i, s := range scores {
		top := math.Inf(-1)
		for _, c := range slices.Sorted(keys(s)) {
			if s[c] > top {
				text[i], top = c, s[c]
			}
		}
	}
	return string(text)
}

// placed is a contour in a slot, with its centre relative to the slot (0 to 1) and the ink's height (0 to 1).
type placed struct {
	contour
	slot int
	x, y float64
}

// slotted sorts a picture's contours into n equal slots: across the text, which only a rendering shows, or else across
// most of the area, so that thin noise does not move the ends.
func slotted(s *sample, n int, rendered bool) []placed {
	contours := s.contours()
	type mass struct{ at, weight float64 }
	xs, ys := make([]mass, len(contours)), make([]mass, len(contours))
	total := 0.0
	out := make([]placed, len(contours))
	for i, c := range contours {
		var x, y, area float64
		for k, p := range c.points {
			q := c.points[(k+1)%len(c.points)]
			cross := p.x*q.y - q.x*p.y
			area += cross / 2
			x, y = x+(p.x+q.x)*cross/6, y+(p.y+q.y)*cross/6
		}
		if math.Abs(area) > 0.01 {
			x, y = x/area, y/area
		} else {
			x, y = c.points[0].x, c.points[0].y
		}
		out[i] = placed{contour: c, x: x, y: y}
		xs[i], ys[i] = mass{x, math.Abs(area)}, mass{y, math.Abs(area)}
		total += math.Abs(area)
	}
	ends := func(v []mass) (low, high float64) {
		slices.SortFunc(v, func(a, b mass) int { return cmp.Compare(a.at, b.at) })
		sum, started := 0.0, false
		for _, m := range v {
			sum += m.weight
			if !started && sum >= endShare*total {
				low, started = m.at, true
			}
			if sum <= (1-endShare)*total {
				high = m.at
			}
		}
		return low, high
	}
	left, right := ends(xs)
	top, bottom := ends(ys)
	if rendered {
		b := textBounds(raster(&s.shapes, 1))
		left, right, top, bottom = float64(b.Min.X), float64(b.Max.X), float64(b.Min.Y), float64(b.Max.Y)
	} else if n > 1 { // the ends are centres of contours: widen by about half of one
		widen := endWiden * (right - left) / float64(n)
		left, right = left-widen, right+widen
	}
	for i := range out {
		p := &out[i]
		f := (p.x - left) / (right - left + 1e-9) * float64(n)
		p.slot = min(max(int(f), 0), n-1)
		p.x = f - float64(p.slot)
		p.y = (p.y - top) / (bottom - top + 1e-9)
	}
	return out
}

const (
	endShare = 0.04
	endWiden = 0.15
)
