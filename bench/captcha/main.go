package main

import (
	"fmt"
	"log"
	"os"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/captcha"
)

func main() {
	log.SetFlags(0)
	train, err := ours(tutorial(), 3000)
	if err != nil {
		log.Fatal(err)
	}
	tests, err := ours(tutorial(), 500)
	if err != nil {
		log.Fatal(err)
	}
	if len(os.Args) == 2 && os.Args[1] == "tune" {
		tune()
		return
	}
	if len(os.Args) > 3 && os.Args[1] == "sheet" {
		if err := sheet(os.Args[2], os.Args[3]); err != nil {
			log.Fatal(err)
		}
		return
	}
	if len(os.Args) > 1 {
		train, err := peers(3000)
		if err != nil {
			log.Fatal(err)
		}
		tests, err := peers(500)
		if err != nil {
			log.Fatal(err)
		}
		quick("peer", train, tests, captcha.AlphaNumeric)
		return
	}
	quick("ours", train, tests, tutorial().CharPreset)
}

func quick(name string, train, tests []sample, preset string) {
	t := time.Now()
	show := func(what string, r float64) {
		fmt.Printf("%-10s %-30s %5.1f %%  %v\n", name, what, 100*r, time.Since(t).Round(time.Millisecond))
		t = time.Now()
	}
	show("signature", rate(trainSignatures(train), tests))
	show("slot signature", rate(trainSlotSignatures(train), tests))
	show("contour", rate(trainContours(train), tests))
	if name == "peer" {
		show("slot fixed", rate(trainSlots(train, 0, true), tests[:300]))
	}
	for _, r := range []float64{0, 1, 1.3} {
		show(fmt.Sprint("slot ", r), rate(trainSlots(train, r, false), tests[:200]))
	}
	for _, p := range pipelines {
		r, err := p.rate(tests[:100], preset)
		if err != nil {
			log.Fatal(err)
		}
		show(p.name, r)
	}
}
