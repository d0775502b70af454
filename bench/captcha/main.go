// Command captcha measures how well programs read the captcha's pictures, beside those of the npm package svg-captcha 1.4.0, with
// the options that its tutorials use (4 characters, fontSize 46, 120x30, background #F5F7FA).
//
//	npm ci
//	go run . > RESULTS.md
//	go run . sheet sheet.png key.txt
//
// It needs node and tesseract; the sheet, 48 pictures to read blind, needs chromium and rsvg-convert.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"os"
	"os/exec"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// Pictures to learn from and to be read. OCR learns nothing and is slow.
const (
	trainCount, slotTrainCount         = 3000, 2000
	testCount, slotTestCount, ocrCount = 1000, 300, 200
)

func main() {
	log.SetFlags(0)
	var err error
	switch {
	case len(os.Args) == 1:
		err = compare()
	case len(os.Args) == 4 && os.Args[1] == "sheet":
		err = sheet(os.Args[2], os.Args[3])
	default:
		err = fmt.Errorf("usage: captcha, or captcha sheet picture.png key.txt")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// side is one of the two generators.
type side struct {
	preset      string
	train, test []sample
	slots       []bool // slot readers to try: at svg-captcha's fixed places, or across the ink
}

// compare prints the table.
func compare() error {
	started := time.Now()
	drawOurs := func(n int) ([]sample, error) { return ours(tutorial(), n) }
	sides := [2]side{{preset: captcha.AlphaNumeric, slots: []bool{true, false}}, {preset: tutorial().CharPreset, slots: []bool{false}}}
	for i, draw := range []func(int) ([]sample, error){peers, drawOurs} {
		var err error
		if sides[i].train, err = draw(trainCount); err != nil {
			return err
		}
		if sides[i].test, err = draw(testCount); err != nil {
			return err
		}
	}
	peerMicros, peerBytes, err := peerSpeed()
	if err != nil {
		return err
	}
	micros, size, err := ourSpeed()
	if err != nil {
		return err
	}

	fmt.Println("# Who reads the pictures: svg-captcha 1.4.0 and ours")
	fmt.Println()
	fmt.Println("4 characters, fontSize 46, 120x30, background #F5F7FA; whole texts read exactly, upper and lower case told apart.")
	fmt.Println("Made by `go run . > RESULTS.md` on fresh pictures; expect a few points of difference from run to run.")
	fmt.Println()
	fmt.Println("| reader | learns from | reads | svg-captcha | ours |")
	fmt.Println("|---|---|---|---|---|")
	row := func(name string, learns, reads int, read func(s *side) (float64, error)) error {
		var shares [2]float64
		for i := range sides {
			var err error
			if shares[i], err = read(&sides[i]); err != nil {
				return err
			}
		}
		fmt.Printf("| %s | %d | %d | %.1f %% | %.1f %% |\n", name, learns, reads, 100*shares[0], 100*shares[1])
		return nil
	}
	trained := func(name string, train func([]sample) reader) error {
		return row(name, trainCount, testCount, func(s *side) (float64, error) { return rate(train(s.train), s.test), nil })
	}
	if err := trained("command letters of each path", func(s []sample) reader { return trainSignatures(s) }); err != nil {
		return err
	}
	if err := trained("command letters of each contour", func(s []sample) reader { return trainSlotSignatures(s) }); err != nil {
		return err
	}
	if err := trained("contour shapes, k nearest", func(s []sample) reader { return trainContours(s) }); err != nil {
		return err
	}
	for _, radius := range []float64{0, 1, 1.3} {
		name := "slots as pixels, k nearest"
		if radius > 0 {
			name += fmt.Sprintf(", opened %.1f px", radius)
		}
		err := row(name, slotTrainCount, slotTestCount, func(s *side) (float64, error) {
			best := 0.0
			for _, fixed := range s.slots {
				best = max(best, rate(trainSlots(s.train[:slotTrainCount], radius, fixed), s.test[:slotTestCount]))
			}
			return best, nil
		})
		if err != nil {
			return err
		}
	}
	for _, p := range pipelines {
		err := row("tesseract, "+p.name, 0, ocrCount, func(s *side) (float64, error) { return p.rate(s.test[:ocrCount], s.preset) })
		if err != nil {
			return err
		}
	}
	fmt.Println()
	fmt.Println("| | svg-captcha | ours |")
	fmt.Println("|---|---|---|")
	fmt.Printf("| microseconds a picture, one thread | %.0f | %.0f |\n", peerMicros, micros)
	fmt.Printf("| bytes a picture, median | %.0f | %d |\n", peerBytes, size)
	fmt.Println()
	fmt.Printf("The run took %v. A trained network is not among the readers: it reads either.\n", time.Since(started).Round(time.Second))
	return nil
}

// peerSpeed times svg-captcha in node.
func peerSpeed() (micros, bytes float64, err error) {
	out, err := exec.Command("node", "peer.js", "speed").Output()
	if err != nil {
		return 0, 0, fmt.Errorf("peer.js: %w", err)
	}
	var v struct{ Micros, Bytes float64 }
	err = json.Unmarshal(out, &v)
	return v.Micros, v.Bytes, err
}

// ourSpeed times ours like peer.js: the median of 5 rounds after one to warm up.
func ourSpeed() (micros float64, size int, err error) {
	g, err := captcha.New(tutorial())
	if err != nil {
		return 0, 0, err
	}
	const pictures = 1000
	var rounds []float64
	var sizes []int
	for range 6 {
		start := time.Now()
		for range pictures {
			c, err := g.Create()
			if err != nil {
				return 0, 0, err
			}
			sizes = append(sizes, len(c.SVG))
		}
		rounds = append(rounds, float64(time.Since(start).Microseconds())/pictures)
	}
	rounds = rounds[1:]
	slices.Sort(rounds)
	slices.Sort(sizes)
	return rounds[len(rounds)/2], sizes[len(sizes)/2], nil
}
