package main

import (
	"fmt"
	"io"
	"slices"
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

// kind is a group of attacks with what the best of them may reach on our pictures, in per cent; at 100 it is only shown.
type kind struct {
	name  string
	limit float64
}

var (
	signatures = &kind{"command letters", 0.1}
	contours   = &kind{"contour shapes", 15}
	templates  = &kind{"slots as pixels", 30}
	optical    = &kind{"OCR, the best of all", 15}
	tailored   = &kind{"what knows how ours are built", 100}
)

// attacks returns all ways of reading.
func attacks() []attack {
	trained := func(k *kind, name string, train func([]sample) reader) attack {
		return attack{k, name, func(s *side) (float64, error) { return rate(train(s.train), s.test), nil }}
	}
	all := []attack{
		trained(signatures, "command letters of each path", func(s []sample) reader { return trainSignatures(s) }),
		trained(signatures, "command letters of each contour",
			func(s []sample) reader { return trainSlotSignatures(s) }),
		trained(contours, "contour shapes, k nearest", func(s []sample) reader { return trainContours(s, false) }),
		trained(tailored, "contour shapes where the text is, k nearest",
			func(s []sample) reader { return trainContours(s, true) }),
	}
	for _, radius := range []float64{0, 1, 1.3} {
		opened := ""
		if radius > 0 {
			opened = fmt.Sprintf(", opened %.1f px", radius)
		}
		all = append(all, attack{templates, "slots as pixels, k nearest" + opened, func(s *side) (float64, error) {
			best := 0.0
			for _, fixed := range s.slots {
				best = max(best, rate(trainSlots(s.train, radius, fixed), s.test))
			}
			return best, nil
		}})
		all = append(all, trained(tailored, "slots between valleys, k nearest"+opened,
			func(s []sample) reader { return trainValleys(s, radius) }))
	}
	for _, p := range pipelines {
		all = append(all, attack{optical, "tesseract, " + p.name,
			func(s *side) (float64, error) { return p.rate(s.test, s.preset) }})
	}
	return all
}

// choose returns the attacks whose name has the word.
func choose(word string) []attack {
	return slices.DeleteFunc(attacks(), func(a attack) bool { return !strings.Contains(a.name, word) })
}

// writeReaders lets the chosen attacks read the tutorials' pictures, svg-captcha's and ours, and writes what each
// reaches.
func writeReaders(w io.Writer, chosen []attack, train, read int) error {
	theirs := side{preset: captcha.AlphaNumeric, slots: []bool{true, false}}
	var err error
	if theirs.train, err = peers(train); err != nil {
		return err
	}
	if theirs.test, err = peers(read); err != nil {
		return err
	}
	own, err := ownSide(tutorial, train, read)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, `
## Programs that read

Share of %d fresh pictures whose whole text is read exactly, case included. The readers, from the
simplest:

- **command letters**: renders nothing; knows the sequence of SVG commands (M, L, Q, Z) that draws each character.
- **contour shapes**, **slots**: compare the outlines, or the pixels at each place, with %d labelled pictures of the same
  kind, from which they have learned (k nearest).
- **contour shapes where the text is**, **slots between valleys**: the same, made for our pictures. They look in a
  rendering where the text begins and ends, or cut it at columns with little ink. In the table of sizes they are "what
  knows how ours are built", which has no aim.
- **tesseract**: OCR that is given the characters that can occur. It reads the picture in black and four times as large
  ("black, 4x"), or after thin lines were removed ("opened") or gaps filled ("closed").

| reader | svg-captcha | ours |
|---|--:|--:|
`, read, train)
	for _, a := range chosen {
		other, err := a.read(&theirs)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		share, err := a.read(own)
		if err != nil {
			return fmt.Errorf("%s: %w", a.name, err)
		}
		fmt.Fprintf(w, "| %s | %.1f %% | %.1f %% |\n", a.name, 100*other, 100*share)
	}
	return nil
}

// ownSide draws pictures of ours to learn from and to read.
func ownSide(p picture, train, read int) (*side, error) {
	s := &side{preset: p.options().CharPreset, slots: []bool{false}}
	var err error
	if s.train, err = ours(p.options(), train); err != nil {
		return nil, err
	}
	s.test, err = ours(p.options(), read)
	return s, err
}

// writeSizes lets the chosen attacks read ours at each size, and writes what the best of each kind reaches.
func writeSizes(w io.Writer, chosen []attack, sizes []picture, train, read int) ([]aim, error) {
	var kinds []*kind
	for _, a := range chosen {
		if !slices.Contains(kinds, a.kind) {
			kinds = append(kinds, a.kind)
		}
	}
	fmt.Fprintf(w, "\nThe best reader of each kind at each size, of %d fresh pictures each, the fontSize in "+
		"proportion:\n\n|", read)
	for _, k := range kinds {
		fmt.Fprintf(w, " | %s", k.name)
	}
	fmt.Fprintf(w, " |\n|---|%s\n", strings.Repeat("--:|", len(kinds)))
	most := map[*kind]float64{}
	for _, p := range sizes {
		s, err := ownSide(p, train, read)
		if err != nil {
			return nil, err
		}
		here := map[*kind]float64{}
		for _, a := range chosen {
			share, err := a.read(s)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.name, err)
			}
			here[a.kind] = max(here[a.kind], 100*share)
		}
		fmt.Fprintf(w, "| %v", p)
		for _, k := range kinds {
			fmt.Fprintf(w, " | %.1f %%", here[k])
			most[k] = max(most[k], here[k])
		}
		fmt.Fprintln(w, " |")
	}
	var aims []aim
	for _, k := range kinds {
		if k.limit == 100 {
			continue
		}
		aims = append(aims, aim{fmt.Sprintf("read by %s, at any size: at most %v %%", k.name, k.limit),
			fmt.Sprintf("%.1f %%", most[k]), most[k] <= k.limit})
	}
	return aims, nil
}
