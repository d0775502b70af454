package captcha

import (
	"os"
	"testing"
)

func TestQ(t *testing.T) {
	o := Defaults()
	o.FontSize, o.Width, o.Height, o.Background = 46, 120, 30, "#F5F7FA"
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	c, _ := g.Create()
	t.Log(c.Text, len(c.SVG))
	os.WriteFile("/tmp/capt/q.svg", c.SVG, 0o644)
}
func BenchmarkQ(b *testing.B) {
	o := Defaults()
	o.FontSize, o.Width, o.Height, o.Background = 46, 120, 30, "#F5F7FA"
	g, _ := New(o)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		c, _ := g.Create()
		n += len(c.SVG)
	}
	b.ReportMetric(float64(n)/float64(b.N), "bytes/pic")
}
