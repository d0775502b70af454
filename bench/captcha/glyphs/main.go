// Command glyphs extracts the outlines that the captcha package embeds from the Go fonts.
// Run it in bench/captcha when the set of fonts or characters changes:
//
//	go run ./glyphs ../../templates/service/internal/captcha
//
// It writes glyphs.txt and LICENSE.gofonts. A line of glyphs.txt is a font name, a character, its advance
// width and its outline as SVG path data, m, l and q with relative coordinates, all in 1/1000 em with y downwards
// from the baseline. Every contour ends where it began.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gobolditalic"
	"golang.org/x/image/font/gofont/gomedium"
	"golang.org/x/image/font/gofont/gomediumitalic"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-="

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: glyphs DIRECTORY")
	}
	fonts := []struct {
		name string
		ttf  []byte
	}{
		{"regular", goregular.TTF}, {"medium", gomedium.TTF}, {"bold", gobold.TTF},
		{"medium-italic", gomediumitalic.TTF}, {"bold-italic", gobolditalic.TTF},
	}
	var out bytes.Buffer
	for _, f := range fonts {
		parsed, err := sfnt.Parse(f.ttf)
		if err != nil {
			log.Fatal(err)
		}
		for _, c := range characters {
			if err := write(&out, f.name, parsed, c); err != nil {
				log.Fatalf("%s %c: %v", f.name, c, err)
			}
		}
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], "glyphs.txt"), out.Bytes(), 0o644); err != nil {
		log.Fatal(err)
	}
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "golang.org/x/image/font/gofont/ttfs").Output()
	if err != nil {
		dir, err = exec.Command("go", "list", "-m", "-f", "{{.Dir}}/font/gofont/ttfs", "golang.org/x/image").Output()
	}
	if err != nil {
		log.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "README"))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(os.Args[1], "LICENSE.gofonts"), readme, 0o644); err != nil {
		log.Fatal(err)
	}
}

func write(out *bytes.Buffer, name string, f *sfnt.Font, c rune) error {
	var buf sfnt.Buffer
	shown := c
	if c == '-' {
		shown = '\u2212' // the minus sign: a hyphen is too short to be seen
	}
	index, err := f.GlyphIndex(&buf, shown)
	if err != nil {
		return err
	}
	if index == 0 {
		return fmt.Errorf("no glyph for %U", shown)
	}
	em := fixed.I(1000)
	advance, err := f.GlyphAdvance(&buf, index, em, font.HintingNone)
	if err != nil {
		return err
	}
	segments, err := f.LoadGlyph(&buf, index, em, nil)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s %c %d ", name, c, advance.Round())
	x, y := 0, 0 // the last point, from which the next is counted
	for _, s := range segments {
		n := 1
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			out.WriteString("m")
		case sfnt.SegmentOpLineTo:
			out.WriteString("l")
		case sfnt.SegmentOpQuadTo:
			out.WriteString("q")
			n = 2
		default:
			return fmt.Errorf("a cubic curve in a TrueType font")
		}
		for i, p := range s.Args[:n] {
			if i > 0 {
				out.WriteString(" ")
			}
			fmt.Fprintf(out, "%d %d", p.X.Round()-x, p.Y.Round()-y)
		}
		x, y = s.Args[n-1].X.Round(), s.Args[n-1].Y.Round()
	}
	out.WriteString("\n")
	return nil
}
