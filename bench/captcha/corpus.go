package main

import (
	"bufio"
	"bytes"
	crand "crypto/rand"
	"encoding/json"
	"fmt"
	"os/exec"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// sample is a labelled picture.
type sample struct {
	Text string `json:"text"`
	SVG  string `json:"svg"`
	shapes
}

// picture is what a picture is asked for with.
type picture struct{ width, height, size int }

// tutorial is what the published tutorials use, with svg-captcha as with ours.
var tutorial = picture{120, 30, 4}

// pictures are the sizes at which programs try to read ours.
var pictures = []picture{
	tutorial, {120, 30, 5}, {120, 30, 6},
	{150, 50, 4}, {150, 50, 5}, {150, 50, 6},
	{160, 60, 4}, {160, 60, 5}, {160, 60, 6},
	{200, 80, 4}, {200, 80, 5}, {200, 80, 6},
}

func (p picture) String() string {
	return fmt.Sprintf("%dx%d, %d characters", p.width, p.height, p.size)
}

// options returns those of the tutorials, with a font in proportion to the height: as large as fits.
func (p picture) options() captcha.Options {
	o := captcha.Defaults()
	o.Size, o.Width, o.Height, o.Background = p.size, p.width, p.height, "#F5F7FA"
	o.FontSize = float64(46 * p.height / 30)
	return o
}

// ours draws n pictures.
func ours(o captcha.Options, n int) ([]sample, error) {
	g, err := captcha.New(o)
	if err != nil {
		return nil, err
	}
	samples := make([]sample, n)
	for i := range samples {
		text, svg := g.Create()
		samples[i] = sample{Text: text, SVG: string(svg)}
	}
	return samples, parseAll(samples)
}

// peers draws n pictures with svg-captcha, with the tutorial's options.
func peers(n int) ([]sample, error) {
	out, err := exec.Command("node", "peer.js", "samples", strconv.Itoa(n)).Output()
	if err != nil {
		return nil, fmt.Errorf("peer.js: %w", err)
	}
	var samples []sample
	for line := range bytes.Lines(out) {
		var s sample
		if err := json.Unmarshal(line, &s); err != nil {
			return nil, err
		}
		samples = append(samples, s)
	}
	return samples, parseAll(samples)
}

func parseAll(samples []sample) error {
	for i := range samples {
		var err error
		if samples[i].shapes, err = parseSVG(samples[i].SVG); err != nil {
			return fmt.Errorf("%w in %s", err, samples[i].SVG)
		}
	}
	return nil
}

type point struct{ x, y float64 }

// contour is a closed polygon with the command letters that drew it.
type contour struct {
	points   []point
	commands string
}

// shapes are the filled paths of a picture, in pixels: what an attacker reads from the markup. Stroked paths,
// svg-captcha's noise, are dropped as any attacker would.
type shapes struct {
	paths         [][]contour
	width, height float64
}

func (s *shapes) contours() []contour {
	var all []contour
	for _, p := range s.paths {
		all = append(all, p...)
	}
	return all
}

func attribute(tag, name string) string {
	_, rest, found := strings.Cut(tag, " "+name+`="`)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func parseSVG(svg string) (shapes, error) {
	var s shapes
	box := strings.FieldsFunc(attribute(svg, "viewBox"), func(r rune) bool { return r == ' ' || r == ',' })
	s.width, _ = strconv.ParseFloat(attribute(svg, "width"), 64)
	s.height, _ = strconv.ParseFloat(attribute(svg, "height"), 64)
	if len(box) != 4 {
		return s, fmt.Errorf("no viewBox")
	}
	units, _ := strconv.ParseFloat(box[2], 64)
	scale := s.width / units
	for _, tag := range strings.Split(svg, "<path")[1:] {
		tag, _, _ = strings.Cut(tag, ">")
		if attribute(tag, "fill") == "none" {
			continue
		}
		path, err := parsePath(attribute(tag, "d"), scale)
		if err != nil {
			return s, err
		}
		s.paths = append(s.paths, path)
	}
	return s, nil
}

// parsePath flattens path data. Numbers after a complete command repeat it, as the SVG grammar says.
func parsePath(d string, scale float64) ([]contour, error) {
	r := bufio.NewScanner(strings.NewReader(d))
	r.Buffer(nil, 1<<20)
	r.Split(pathTokens)
	var (
		all      []contour
		at, from point
		command  byte
		args     []float64
		need     = map[byte]int{'M': 2, 'L': 2, 'Q': 4, 'C': 6, 'Z': 0}
	)
	add := func(p point) {
		last := &all[len(all)-1]
		last.points = append(last.points, point{p.x * scale, p.y * scale})
	}
	run := func() error {
		upper := command &^ 0x20
		relative := command != upper
		xy := func(i int) point {
			p := point{args[i], args[i+1]}
			if relative {
				p.x, p.y = p.x+at.x, p.y+at.y
			}
			return p
		}
		if upper != 'M' && len(all) == 0 {
			return fmt.Errorf("path starts with %q", command)
		}
		if upper != 'M' {
			all[len(all)-1].commands += string(upper)
		}
		switch upper {
		case 'M':
			at = xy(0)
			from = at
			all = append(all, contour{commands: "M"})
			add(at)
			command = 'L' | command&0x20
		case 'L':
			at = xy(0)
			add(at)
		case 'Q':
			c, to := xy(0), xy(2)
			for k := 1; k <= 4; k++ {
				t := float64(k) / 4
				u := 1 - t
				add(point{u*u*at.x + 2*u*t*c.x + t*t*to.x, u*u*at.y + 2*u*t*c.y + t*t*to.y})
			}
			at = to
		case 'Z':
			at = from
		default:
			return fmt.Errorf("command %q is not expected", command)
		}
		args = args[:0]
		return nil
	}
	for r.Scan() {
		token := r.Text()
		if c := token[0]; c >= 'A' {
			command, args = c, args[:0]
		} else {
			v, err := strconv.ParseFloat(token, 64)
			if err != nil {
				return nil, err
			}
			args = append(args, v)
		}
		if n, known := need[command&^0x20]; !known {
			return nil, fmt.Errorf("unknown command %q", command)
		} else if len(args) == n {
			if err := run(); err != nil {
				return nil, err
			}
		}
	}
	return all, r.Err()
}

// pathTokens splits path data into command letters and numbers.
func pathTokens(data []byte, atEOF bool) (int, []byte, error) {
	start := 0
	for start < len(data) && strings.IndexByte(" ,\n\t", data[start]) >= 0 {
		start++
	}
	if start == len(data) {
		return start, nil, nil
	}
	if data[start] >= 'A' {
		return start + 1, data[start : start+1], nil
	}
	end := start + 1
	for end < len(data) && (data[end] == '.' || '0' <= data[end] && data[end] <= '9') {
		end++
	}
	if end == len(data) && !atEOF {
		return 0, nil, nil
	}
	return end, data[start:end], nil
}

func randomSeed() (seed [32]byte) {
	crand.Read(seed[:])
	return seed
}
