package main

import (
	"math"
	"sort"
)

// kdTree finds near points without looking at all.
type kdTree struct {
	leaf        []labelled
	axis        int
	split       float64
	below, over *kdTree
}

func newKDTree(points []labelled, depth int) *kdTree {
	if len(points) <= 24 {
		return &kdTree{leaf: points}
	}
	axis, widest := 0, 0.0
	for d := range points[0].features {
		low, high := math.Inf(1), math.Inf(-1)
		for _, p := range points {
			low, high = min(low, p.features[d]), max(high, p.features[d])
		}
		if high-low > widest {
			axis, widest = d, high-low
		}
	}
	sort.Slice(points, func(i, j int) bool { return points[i].features[axis] < points[j].features[axis] })
	middle := len(points) / 2
	return &kdTree{
		axis: axis, split: points[middle].features[axis],
		below: newKDTree(points[:middle], depth+1), over: newKDTree(points[middle:], depth+1),
	}
}

// nearest collects the closest points seen, in order.
type nearest struct {
	limit int
	found []neighbour
}

type neighbour struct {
	label    byte
	distance float64
}

func (n *nearest) worst() float64 {
	if len(n.found) < n.limit {
		return math.Inf(1)
	}
	return n.found[len(n.found)-1].distance
}

func (n *nearest) add(label byte, distance float64) {
	if distance >= n.worst() {
		return
	}
	if len(n.found) < n.limit {
		n.found = append(n.found, neighbour{})
	}
	i := len(n.found) - 1
	for ; i > 0 && n.found[i-1].distance > distance; i-- {
		n.found[i] = n.found[i-1]
	}
	n.found[i] = neighbour{label, distance}
}

func (t *kdTree) search(q []float64, n *nearest) {
	if t.leaf != nil {
		for _, p := range t.leaf {
			sum := 0.0
			for d, v := range p.features {
				sum += (v - q[d]) * (v - q[d])
			}
			n.add(p.label, sum)
		}
		return
	}
	gap := q[t.axis] - t.split
	first, second := t.below, t.over
	if gap >= 0 {
		first, second = second, first
	}
	first.search(q, n)
	if gap*gap < n.worst() {
		second.search(q, n)
	}
}
