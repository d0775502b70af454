package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

// side is one of the two generators whose pictures are read.
type side struct {
	preset      string
	train, test []sample
	slots       []bool // slot readers to try: at svg-captcha's fixed places, or across the ink
}

// attack is one way of reading.
type attack struct {
	kind *kind
	name string
	read func(*side) (float64, error)
}

// kind is a group of attacks with what the best of them may reach on our pictures, in per cent.
type kind struct {
	name  string
	limit float64
}

var (
	signatures = &kind{"command letters", 0}
	contours   = &kind{"contour shapes", 15}
	templates  = &kind{"slots as pixels", 30}
	optical    = &kind{"OCR, the best of all", 15}
)

// attacks returns all ways of reading.
func attacks() []attack {
	trained := func(k *kind, name string, train func([]sample) reader) attack {
		return attack{k, name, func(s *side) (float64, error) { return rate(train(s.train), s.test), nil }}
	}
	all := []attack{
		trained(signatures, "command letters of each path", func(s []sample) reader { return trainSignatures(s) }),
		trained(signatures, "command letters of each contour", func(s []sample) reader { return trainSlotSignatures(s) }),
		trained(contours, "contour shapes, k nearest", func(s []sample) reader { return trainContours(s) }),
	}
	for _, radius := range []float64{0, 1, 1.3} {
		name := "slots as pixels, k nearest"
		if radius > 0 {
			name += fmt.Sprintf(", opened %.1f px", radius)
		}
		all = append(all, attack{templates, name, func(s *side) (float64, error) {
			best := 0.0
			for _, fixed := range s.slots {
				best = max(best, rate(trainSlots(s.train, radius, fixed), s.test))
			}
			return best, nil
		}})
	}
	for _, p := range pipelines {
		all = append(all, attack{optical, "tesseract, " + p.name, func(s *side) (float64, error) { return p.rate(s.test, s.preset) }})
	}
	return all
}

// writeReaders lets all readers whose name has the word read, and writes what they reach.
func writeReaders(w io.Writer, word string, train, read int, peer bool) ([]aim, error) {
	var chosen []attack
	for _, a := range attacks() {
		if strings.Contains(a.name, word) {
			chosen = append(chosen, a)
		}
	}
	if len(chosen) == 0 {
		return nil, nil
	}
	sides := [2]side{
		{preset: captcha.AlphaNumeric, slots: []bool{true, false}},
		{preset: tutorial().CharPreset, slots: []bool{false}},
	}
	drawOurs := func(n int) ([]sample, error) { return ours(tutorial(), n) }
	for i, draw := range []func(int) ([]sample, error){peers, drawOurs} {
		if i == 0 && !peer {
			continue
		}
		var err error
		if sides[i].train, err = draw(train); err != nil {
			return nil, err
		}
		if sides[i].test, err = draw(read); err != nil {
			return nil, err
		}
	}
	fmt.Fprintf(w, `
## Programs that read

Share of %d fresh pictures whose whole text is read exactly, upper and lower case told apart; readers that learn did so from %d
labelled pictures of the same kind. OCR is told the preset.

| reader | svg-captcha | ours |
|---|--:|--:|
`, read, train)
	most := map[*kind]float64{}
	for _, a := range chosen {
		var shares [2]float64
		for i := range sides {
			if i == 0 && !peer {
				continue
			}
			var err error
			if shares[i], err = a.read(&sides[i]); err != nil {
				return nil, fmt.Errorf("%s: %w", a.name, err)
			}
		}
		others := fmt.Sprintf("%.1f %%", 100*shares[0])
		if !peer {
			others = "not measured"
		}
		fmt.Fprintf(w, "| %s | %s | %.1f %% |\n", a.name, others, 100*shares[1])
		most[a.kind] = max(most[a.kind], 100*shares[1])
	}
	var aims []aim
	for _, k := range []*kind{signatures, contours, templates, optical} {
		if share, tried := most[k]; tried {
			aims = append(aims, aim{fmt.Sprintf("read by %s: at most %.0f %%", k.name, k.limit), fmt.Sprintf("%.1f %%", share), share <= k.limit})
		}
	}
	return aims, nil
}
