package main

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/bench/measure"
)

// BenchmarkRequest measures one request of each subject; "go run ." compares
// them in interleaved rounds and writes RESULTS.md.
func BenchmarkRequest(b *testing.B) {
	for _, s := range subjects() {
		b.Run(s.name, func(b *testing.B) {
			running, err := s.build()
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			start := measure.SelfCPU()
			running.round(b.N)
			b.ReportMetric(float64(measure.SelfCPU()-start)/float64(b.N), "cpu-ns/op")
		})
	}
}
