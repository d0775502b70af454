package captcha_test

import (
	"math"
	"testing"
	"testing/cryptotest"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// TestNarrowKeepsUpright is a regression test: a picture much higher than wide had characters of negative size.
func TestNarrowKeepsUpright(t *testing.T) {
	o := captcha.Defaults()
	o.Size, o.Width, o.Height, o.FontSize, o.Noise, o.CharPreset = 1, 12, 1000, 1000, 0, "LT"
	svg := newGenerator(t, o).Render("T", [32]byte{1})
	polygons := parseSVG(t, svg).polygons(t)
	top, bottom := math.MaxInt, math.MinInt
	left, right := math.MaxInt, math.MinInt
	for _, polygon := range polygons {
		for _, p := range polygon {
			left, right = min(left, p[0]), max(right, p[0])
			top, bottom = min(top, p[1]), max(bottom, p[1])
		}
	}
	// The bar of a T makes its upper half wider than the lower one.
	var upper, lower [2]int
	upper, lower = [2]int{right, left}, [2]int{right, left}
	for _, polygon := range polygons {
		for _, p := range polygon {
			half := &lower
			if p[1] < (top+bottom)/2 {
				half = &upper
			}
			half[0], half[1] = min(half[0], p[0]), max(half[1], p[0])
		}
	}
	if upper[1]-upper[0] <= lower[1]-lower[0] {
		t.Errorf("T is %d units wide above, %d below: it stands upside down", upper[1]-upper[0], lower[1]-lower[0])
	}
}

// TestUnbiased is a chi-square test of 15 characters, 14 degrees of freedom: 36.1 is the 99.9 % quantile. svg-captcha
// draws its first and last character half as often as the others, which would give more than 400.
func TestUnbiased(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 1)
	o := captcha.Defaults()
	o.Size, o.Width, o.Noise = 32, 384, 0
	g := newGenerator(t, o)
	counts := map[rune]float64{}
	total := 0.0
	for range 500 {
		text, _ := g.Create()
		for _, r := range text {
			counts[r]++
			total++
		}
	}
	expected := total / float64(len(captcha.Unambiguous))
	sum := 0.0
	for _, r := range captcha.Unambiguous {
		sum += (counts[r] - expected) * (counts[r] - expected) / expected
	}
	if sum > 36.1 {
		t.Errorf("chi-square %.1f over %v characters: %v", sum, total, counts)
	}
}
