package captcha_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func variants() map[string]captcha.Options {
	change := func(f func(*captcha.Options)) captcha.Options { // svg-captcha's defaults
		o := captcha.Defaults()
		o.Width, o.Height, o.FontSize, o.Background = 150, 50, 56, ""
		f(&o)
		return o
	}
	return map[string]captcha.Options{
		"defaults":       captcha.Defaults(),
		"transparent":    change(func(o *captcha.Options) {}),
		"all characters": change(func(o *captcha.Options) { o.CharPreset = captcha.AlphaNumeric }),
		"smallest":       change(func(o *captcha.Options) { o.Size, o.Width, o.Height = 1, 12, 20 }),
		"narrowest":      change(func(o *captcha.Options) { o.Size, o.Width, o.Height = 6, 72, 60 }),
		"huge": change(
			func(o *captcha.Options) { o.Size, o.Width, o.Height, o.FontSize = 32, 2000, 1000, 1000 },
		),
		"small font":   change(func(o *captcha.Options) { o.FontSize = 10 }),
		"no noise":     change(func(o *captcha.Options) { o.Noise = 0 }),
		"much noise":   change(func(o *captcha.Options) { o.Noise = 10 }),
		"grey ink":     change(func(o *captcha.Options) { o.Color, o.Background = false, "#F5F7FA" }),
		"inverse":      change(func(o *captcha.Options) { o.Inverse = true }),
		"inverse grey": change(func(o *captcha.Options) { o.Inverse, o.Color = true, false }),
		"grey":         change(func(o *captcha.Options) { o.Background = "#777" }),
		"black":        change(func(o *captcha.Options) { o.Background = "#000000" }),
		"red":          change(func(o *captcha.Options) { o.Background = "#e00000" }),
		"sums":         change(func(o *captcha.Options) { o.Math, o.MathOperator = true, "+-" }),
		"large sums":   change(func(o *captcha.Options) { o.Math, o.MathMin, o.MathMax = true, 100, 999 }),
	}
}

// TestPictures holds what is true of every picture: it is a well-formed document of one path in one color, readable
// against the background, all pieces wound the same way, and nothing outside of the picture.
func TestPictures(t *testing.T) {
	for name, o := range variants() {
		t.Run(name, func(t *testing.T) {
			g := newGenerator(t, o)
			for range 25 {
				text, svg := g.Create()
				p := parseSVG(t, svg)
				if got, want := p.attr("viewBox"), fmt.Sprintf("0 0 %d %d", o.Width*10, o.Height*10); got != want {
					t.Fatalf("viewBox = %q, want %q", got, want)
				}
				if p.attr("role") != "img" || !strings.HasPrefix(p.Title, "Captcha: ") {
					t.Fatalf("role %q, title %q: screen readers need both", p.attr("role"), p.Title)
				}
				if !o.Math && strings.Contains(string(svg), ">"+text+"<") ||
					strings.Contains(p.Title, " "+text+" ") && len(text) > 2 {
					t.Fatalf("the picture has its text %q in the markup", text)
				}
				back := o.Background
				if back == "" {
					back = map[bool]string{true: "#000", false: "#fff"}[o.Inverse]
				}
				if ratio := contrast(t, p.Paths[0].Fill, back); ratio < 4.5 {
					t.Fatalf(
						"contrast of %s on %s is %.2f, want at least 4.5 (WCAG 1.4.3)",
						p.Paths[0].Fill,
						back,
						ratio,
					)
				}
				ink := p.Paths[0].Fill
				grey := ink[1:3] == ink[3:5] && ink[3:5] == ink[5:7]
				if noHue := name == "grey" || name == "red"; grey == o.Color && !noHue {
					t.Fatalf("ink %s with color %v", ink, o.Color)
				}
				for _, polygon := range p.polygons(t) {
					if len(polygon) < 3 || polygon.area() < 0 {
						t.Fatalf(
							"a piece with %d corners and area %d, want 3 and 0 or more: opposite winding cancels",
							len(polygon),
							polygon.area(),
						)
					}
					for _, q := range polygon {
						if q[0] < 0 || q[1] < 0 || q[0] > o.Width*10 || q[1] > o.Height*10 {
							t.Fatalf("point %v is clipped by %dx%d", q, o.Width*10, o.Height*10)
						}
					}
				}
			}
		})
	}
}

// contrast is WCAG's ratio of two colors, computed here a second time on purpose.
func contrast(t *testing.T, a, b string) float64 {
	luminance := func(s string) float64 {
		s = s[1:]
		if len(s) == 3 {
			s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
		}
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			v, err := strconv.ParseUint(s[2*i:2*i+2], 16, 8)
			if err != nil {
				t.Fatal(err)
			}
			c := float64(v) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// TestInkIsWhole holds that cutting loses nothing: with no noise, the pieces of a picture cover as much as
// characters do, within the overlaps and gaps.
func TestInkIsWhole(t *testing.T) {
	o := captcha.Defaults()
	o.Noise, o.Size, o.CharPreset = 0, 1, "OBD8AHX"
	g := newGenerator(t, o)
	for text := range strings.SplitSeq(o.CharPreset, "") {
		var areas []float64
		for i := range 60 {
			svg := g.Render(text, [32]byte{byte(i), text[0]})
			area := 0
			for _, polygon := range parseSVG(t, svg).polygons(t) {
				area += polygon.area()
			}
			areas = append(areas, float64(area)/200)
		}
		slices.Sort(areas)
		middle := areas[len(areas)/2]
		// Regular and bold strokes differ by about two to one; a lost or filled part would go beyond.
		if low, high := areas[0], areas[len(areas)-1]; low < 0.4*middle || high > 2.2*middle {
			t.Errorf(
				"%s covers from %.0f to %.0f square pixels, median %.0f: pieces are lost or holes filled",
				text,
				low,
				high,
				middle,
			)
		}
	}
}

func TestRenderIsDeterministic(t *testing.T) {
	g := newGenerator(t, captcha.Defaults())
	render := func(seed byte) []byte { return g.Render("AC39", [32]byte{seed}) }
	first := render(1)
	if bytes.Equal(first, render(2)) {
		t.Error("two seeds give the same picture")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 50 {
				render(3)
				if !bytes.Equal(first, render(1)) {
					t.Error("one seed gives two pictures")
				}
			}
		})
	}
	wg.Wait()
}

// TestNoCharacterIsWhole holds that every character is cut, so that no part of the markup is one.
func TestNoCharacterIsWhole(t *testing.T) {
	o := captcha.Defaults()
	o.Noise, o.Size, o.CharPreset = 0, 1, captcha.AlphaNumeric
	g := newGenerator(t, o)
	for i := range len(o.CharPreset) {
		for seed := range 40 {
			svg := g.Render(o.CharPreset[i:i+1], [32]byte{byte(seed), byte(i)})
			// The dots of i and j are contours of their own.
			if n := len(parseSVG(t, svg).polygons(t)); n < 2 || n < 3 && strings.Contains("ij", o.CharPreset[i:i+1]) {
				t.Errorf("%c, seed %d, is in %d pieces", o.CharPreset[i], seed, n)
			}
		}
	}
}

var update = flag.Bool("update", false, "record the picture in testdata again")

// TestPictureIsTheRecordedOne shows every change of the drawing: look at the picture, and at the new one, before
// recording it. How well programs and people read the pictures was measured with this one (bench in sessionseed).
func TestPictureIsTheRecordedOne(t *testing.T) {
	got := newGenerator(t, captcha.Defaults()).Render("AC39", [32]byte{1})
	const file = "testdata/AC39.svg"
	if *update {
		if err := os.WriteFile(file, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.TrimSpace(got), bytes.TrimSpace(want)) {
		t.Errorf("the picture is not that of %s; record it with -update if it should not be:\n%s", file, got)
	}
}

// TestNothingRepeats holds what keeps a program from looking shapes up: drawn hundreds of times, hardly any piece of
// more than a few corners comes twice.
func TestNothingRepeats(t *testing.T) {
	g := newGenerator(t, captcha.Defaults())
	seen := map[string]int{}
	pieces := 0
	for i := range 300 {
		svg := g.Render("AAAA", [32]byte{byte(i), byte(i >> 8)})
		for piece := range strings.SplitSeq(parseSVG(t, svg).Paths[0].D, "z") {
			if n := pieceToken.FindAllString(piece, -1); len(n) >= 10 {
				seen[strings.Join(n[2:], " ")]++
				pieces++
			}
		}
	}
	if repeated := pieces - len(seen); repeated > pieces/1000 {
		t.Errorf("%d of %d pieces repeat another", repeated, pieces)
	}
}

// TestTextIsUniform holds that no character is likelier than another; svg-captcha draws the first and last half as
// often.
func TestTextIsUniform(t *testing.T) {
	o := captcha.Defaults()
	o.Size, o.Width, o.Noise, o.IgnoreChars = 32, 400, 0, "ax0"
	g := newGenerator(t, o)
	counts := map[rune]int{}
	const pictures = 300
	for range pictures {
		text, _ := g.Create()
		for _, r := range text {
			counts[r]++
		}
	}
	if strings.Trim(string(slices.Sorted(keysOf(counts))), "CDEKRSTU2369") != "" || len(counts) != 12 {
		t.Errorf("characters used: %q", slices.Sorted(keysOf(counts)))
	}
	const want = pictures * 32 / 12
	for r, n := range counts {
		if math.Abs(float64(n-want)) > 6*math.Sqrt(want) { // six standard deviations
			t.Errorf("%c came %d times, want about %d", r, n, want)
		}
	}
}

func keysOf(m map[rune]int) func(func(rune) bool) {
	return func(yield func(rune) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

func TestSums(t *testing.T) {
	for operator, limits := range map[string][2]int{"+": {4, 10}, "-": {0, 3}, "+-": {0, 10}} {
		o := captcha.Defaults()
		o.Math, o.MathMin, o.MathMax, o.MathOperator = true, 2, 5, operator
		g := newGenerator(t, o)
		seen := map[int]bool{}
		for range 500 {
			text, _ := g.Create()
			result, err := strconv.Atoi(text)
			if err != nil || result < limits[0] || result > limits[1] {
				t.Fatalf("operator %q gave %q, want %d to %d", operator, text, limits[0], limits[1])
			}
			seen[result] = true
		}
		if !seen[limits[0]] || !seen[limits[1]] {
			t.Errorf("operator %q never gave one of %v in 500 sums", operator, limits)
		}
	}
}

// TestSumsAreHardToGuess holds that the likeliest result of a sum with the default operands is right less than once in
// 20, and that there is one try.
func TestSumsAreHardToGuess(t *testing.T) {
	for _, operator := range []string{"+", "-", "+-"} {
		o := captcha.Defaults()
		o.Math, o.MathOperator = true, operator
		g := newGenerator(t, o)
		const sums = 1000
		counts, most := map[string]int{}, 0
		for range sums {
			text, _ := g.Create()
			counts[text]++
			most = max(most, counts[text])
		}
		if most >= sums/20 {
			t.Errorf("operator %q: one result came %d times in %d", operator, most, sums)
		}
		d := captcha.NewDesk(g, new(ledger), captcha.DeskOptions{Tries: 3})
		p := issue(t, d)
		var wrong *captcha.WrongError
		if err := d.Verify(t.Context(), p, "login", "no"); !errors.As(err, &wrong) || wrong.Left != 0 {
			t.Errorf("operator %q: the first wrong result: %v, want no tries left", operator, err)
		}
	}
}

func TestCost(t *testing.T) {
	g := newGenerator(t, captcha.Defaults())
	var sizes []int
	least := math.Inf(1) // the pool of canvases may be emptied at any time, and is on purpose by the race detector
	for range 100 {
		least = min(least, testing.AllocsPerRun(1, func() {
			_, svg := g.Create()
			sizes = append(sizes, len(svg))
		}))
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median > 3000 {
		t.Errorf("the median picture has %d bytes, want at most 3000", median)
	}
	if least > 10 {
		t.Errorf("%v allocations a picture, want at most 10", least)
	}
}

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

func BenchmarkCreate(b *testing.B) {
	g := newGenerator(b, captcha.Defaults())
	size := 0
	b.ReportAllocs()
	for b.Loop() {
		_, svg := g.Create()
		size += len(svg)
	}
	b.ReportMetric(float64(size)/float64(b.N), "bytes/picture")
}
