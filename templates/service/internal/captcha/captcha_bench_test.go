package captcha_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func BenchmarkCreate(b *testing.B) {
	g, err := captcha.New(captcha.Defaults())
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		_, svg := g.Create()
		size += len(svg)
	}
	b.ReportMetric(float64(size)/float64(b.N), "bytes/picture")
}
