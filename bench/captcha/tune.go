package main

import (
	"fmt"
	"log"
)

func tune() {
	tests, err := ours(tutorial(), 300)
	if err != nil {
		log.Fatal(err)
	}
	for _, i := range []int{2, 4, 6, 7} {
		r, err := pipelines[i].rate(tests, tutorial().CharPreset)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s %.1f; ", pipelines[i].name, 100*r)
	}
	train, _ := ours(tutorial(), 2000)
	fmt.Printf("slot %.1f\n", 100*rate(trainSlots(train, 1, false), tests[:200]))
}
