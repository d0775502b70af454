package main

import (
	"iter"
	"maps"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel returns f(0) to f(n-1), computed on all processors.
func parallel[T any](n int, f func(int) T) []T {
	out := make([]T, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				out[i] = f(i)
			}
		})
	}
	wg.Wait()
	return out
}

func keys[K comparable, V any](m map[K]V) iter.Seq[K] { return maps.Keys(m) }
