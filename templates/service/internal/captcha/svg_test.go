package captcha_test

import (
	"encoding/xml"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// svgPicture is what a picture may consist of, and nothing else.
type svgPicture struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2000/svg svg"`
	Attrs   []xml.Attr `xml:",any,attr"`
	Title   string     `xml:"title"`
	Rect    struct {
		Fill string `xml:"fill,attr"`
	} `xml:"rect"`
	Paths []struct {
		Fill string     `xml:"fill,attr"`
		D    string     `xml:"d,attr"`
		Rest []xml.Attr `xml:",any,attr"`
	} `xml:"path"`
	Rest []struct {
		XMLName xml.Name
	} `xml:",any"`
}

func (p *svgPicture) attr(name string) string {
	for _, a := range p.Attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func parseSVG(t testing.TB, text []byte) *svgPicture {
	t.Helper()
	p := new(svgPicture)
	if err := xml.Unmarshal(text, p); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	if len(p.Paths) != 1 || len(p.Rest) != 0 || len(p.Paths[0].Rest) != 0 {
		t.Fatalf("want one path with fill and d and nothing unknown: %s", text)
	}
	return p
}

type polygon [][2]int

// area is positive for one direction of walking, and negative for the other.
func (p polygon) area() int {
	sum := 0
	for i, a := range p {
		b := p[(i+1)%len(p)]
		sum += a[0]*b[1] - b[0]*a[1]
	}
	return sum
}

var (
	pieceForm  = regexp.MustCompile(`^(?:[ -]\d+){6,}$`)
	pieceToken = regexp.MustCompile(`-?\d+`)
)

// polygons reads the path's pieces, which must be closed and made of whole numbers.
func (p *svgPicture) polygons(t testing.TB) []polygon {
	t.Helper()
	var all []polygon
	var startX, startY int
	for piece := range strings.SplitSeq(strings.TrimSuffix(p.Paths[0].D, "z"), "z") {
		rest, ok := strings.CutPrefix(piece, "m")
		if !ok || !pieceForm.MatchString(rest) {
			t.Fatalf("piece %q is not m with whole numbers", piece)
		}
		numbers := pieceToken.FindAllString(rest, -1)
		x, y := startX, startY
		var polygon polygon
		for i := 0; i+1 < len(numbers); i += 2 {
			dx, _ := strconv.Atoi(numbers[i])
			dy, _ := strconv.Atoi(numbers[i+1])
			x, y = x+dx, y+dy
			if i == 0 {
				startX, startY = x, y
			}
			polygon = append(polygon, [2]int{x, y})
		}
		all = append(all, polygon)
	}
	return all
}
