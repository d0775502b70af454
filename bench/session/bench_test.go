package main

import "testing"

// BenchmarkRequest measures one request of each subject; "go run ." compares
// them in interleaved rounds and writes RESULTS.md.
func BenchmarkRequest(b *testing.B) {
	all, err := subjects()
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range all {
		b.Run(s.name, func(b *testing.B) {
			b.ReportAllocs()
			start := cpuTime()
			s.round(b.N)
			b.ReportMetric(float64(cpuTime()-start)/float64(b.N), "cpu-ns/op")
		})
	}
}
