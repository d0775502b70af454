package captcha_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func BenchmarkCreate(b *testing.B) {
	o := captcha.Defaults()
	o.FontSize, o.Width, o.Height, o.Background = 46, 120, 30, "#F5F7FA"
	g, err := captcha.New(o)
	if err != nil {
		b.Fatal(err)
	}
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		c, err := g.Create()
		if err != nil {
			b.Fatal(err)
		}
		size += len(c.SVG)
	}
	b.ReportMetric(float64(size)/float64(b.N), "bytes/picture")
}
