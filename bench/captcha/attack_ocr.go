package main

import (
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ocr runs tesseract over pictures prepared in one way.
type ocr struct {
	name   string
	radius float64 // of the opening, in pixels at height 30
	close  float64 // of the closing, likewise
	psm    int     // tesseract's page segmentation mode: 7 a line, 8 a word
}

// pipelines read a picture as a line. As a single word, psm 8, each of them reads fewer.
var pipelines = []ocr{
	{"black, 4x", 0, 0, 7},
	{"opened 1.0 px", 1, 0, 7},
	{"opened 1.4 px", 1.4, 0, 7},
	{"closed 0.5 px then opened 1.2 px", 1.2, 0.5, 7},
}

// ocrHeight is about how high pictures are enlarged to be, in pixels.
const ocrHeight = 120

// rate returns the share of pictures that tesseract reads, given the preset.
func (o ocr) rate(tests []sample, preset string) (float64, error) {
	dir, err := os.MkdirTemp("", "ocr")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	const batch = 50
	batches := (len(tests) + batch - 1) / batch
	type result struct {
		hits int
		err  error
	}
	results := parallel(batches, func(b int) result {
		part := tests[b*batch : min((b+1)*batch, len(tests))]
		hits, err := o.batch(filepath.Join(dir, fmt.Sprint(b)), part, preset)
		return result{hits, err}
	})
	hits := 0
	for _, r := range results {
		if r.err != nil {
			return 0, r.err
		}
		hits += r.hits
	}
	return float64(hits) / float64(len(tests)), nil
}

// batch reads some pictures in one run of tesseract. It dies of some pictures that have nothing left on them: these
// count as not read.
func (o ocr) batch(base string, tests []sample, preset string) (int, error) {
	hits, err := o.run(base, tests, preset)
	var died *exec.ExitError
	if !errors.As(err, &died) {
		return hits, err
	}
	if len(tests) == 1 {
		return 0, nil
	}
	half := len(tests) / 2
	first, err := o.batch(base+"a", tests[:half], preset)
	if err != nil {
		return 0, err
	}
	second, err := o.batch(base+"b", tests[half:], preset)
	return first + second, err
}

func (o ocr) run(base string, tests []sample, preset string) (hits int, err error) {
	var list strings.Builder
	for i := range tests {
		zoom := int(math.Round(ocrHeight / tests[i].height))
		pixel := float64(zoom) * tests[i].height / float64(tutorial.height)
		g := raster(&tests[i].shapes, zoom)
		if o.close > 0 {
			g = morph(morph(g, o.close*pixel, true), o.close*pixel, false)
		}
		if o.radius > 0 {
			g = open(g, o.radius*pixel)
		}
		name := fmt.Sprintf("%s-%d.png", base, i)
		if err := writePNG(name, framed(g, 8*zoom)); err != nil {
			return 0, err
		}
		fmt.Fprintln(&list, name)
	}
	if err := os.WriteFile(base+".txt", []byte(list.String()), 0o600); err != nil {
		return 0, err
	}
	cmd := exec.Command("tesseract", base+".txt", "-", "--psm", fmt.Sprint(o.psm), "--dpi", "300",
		"-c", "tessedit_char_whitelist="+preset)
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("tesseract: %w", err)
	}
	for i, page := range strings.Split(string(out), "\f") {
		if i < len(tests) && strings.Join(strings.Fields(page), "") == tests[i].Text {
			hits++
		}
	}
	return hits, nil
}

func writePNG(name string, img image.Image) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer f.Close()
	return png.Encode(f, img)
}
