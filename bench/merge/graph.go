package main

import (
	"container/heap"
	"strings"
)

// commit is one commit of a repository's history.
type commit struct {
	hash, tree string
	parents    []int // indexes into the history; -1 for one that it lacks
}

// history is every commit that a repository's HEAD reaches, children first.
type history []commit

// readHistory reads the history of a git directory.
func readHistory(r repository) (history, error) {
	out, err := r.git(nil, "log", "--topo-order", "--format=%H %T %P", "HEAD")
	if err != nil {
		return nil, err
	}
	var h history
	var parents [][]string
	index := map[string]int{}
	for l := range strings.Lines(string(out)) {
		words := strings.Fields(l)
		index[words[0]] = len(h)
		h = append(h, commit{hash: words[0], tree: words[1]})
		parents = append(parents, words[2:])
	}
	for i, names := range parents {
		for _, name := range names {
			at, ok := index[name]
			if !ok {
				at = -1
			}
			h[i].parents = append(h[i].parents, at)
		}
	}
	return h, nil
}

// Flags of a commit during the search for merge bases.
const (
	left = 1 << iota
	right
	stale // an ancestor of a base that was found
)

// bases returns the merge bases of two commits, as git merge-base --all does.
func (h history) bases(a, b int) []int {
	flags := map[int]int{a: left}
	flags[b] |= right
	queue := &ints{a}
	if a != b {
		heap.Push(queue, b)
	}
	fresh := queue.Len() // how many in the queue are not stale
	var found []int
	for queue.Len() > 0 && fresh > 0 {
		at := heap.Pop(queue).(int)
		f := flags[at]
		if f&stale == 0 {
			fresh--
			if f == left|right {
				found = append(found, at)
				f |= stale
			}
		}
		for _, p := range h[at].parents {
			if p < 0 {
				continue
			}
			old, queued := flags[p]
			flags[p] = old | f
			switch {
			case !queued:
				heap.Push(queue, p)
				if f&stale == 0 {
					fresh++
				}
			case old&stale == 0 && f&stale != 0:
				fresh--
			}
		}
	}
	return found
}

// ints is a heap of indexes: children come before their parents.
type ints []int

func (s ints) Len() int           { return len(s) }
func (s ints) Less(i, j int) bool { return s[i] < s[j] }
func (s ints) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *ints) Push(x any)        { *s = append(*s, x.(int)) }
func (s *ints) Pop() any {
	last := (*s)[len(*s)-1]
	*s = (*s)[:len(*s)-1]
	return last
}
