// Command captcha measures how well programs read the captcha's pictures, and how fast they are drawn, beside those
// of peers: svg-captcha for the reading, dchest/captcha and steambap/captcha as well for the speed. All draw 4
// characters at 120x30, ours and svg-captcha with the options that tutorials use (fontSize 46, background #F5F7FA).
//
//	npm ci
//	go run . -o RESULTS.md
//	go run . -at 120x30x4 -sheet sheet.png -key key.txt
//
// It needs node and tesseract; the sheet, 48 pictures to read blind, needs chromium.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	out := flag.String("o", "", "write the results to this `file` when all is measured, and to standard error as they "+
		"come, not to standard output")
	only := flag.String("only", "", "measure only what has this `word` in its name: speed, command, contour, "+
		"slots, tesseract")
	train := flag.Int("train", 3000, "labelled pictures that readers learn from")
	read := flag.Int("read", 1000, "fresh pictures that they read")
	peer := flag.Bool("peer", true, "let the readers read svg-captcha's pictures as well")
	at := flag.String("at", "", "in the table of sizes only this `size`, such as 160x60x4 for 4 characters; for a "+
		"sheet 120x30x4 if none is given")
	png := flag.String("sheet", "", "draw a sheet of 48 pictures to this PNG `file` instead")
	key := flag.String("key", "key.txt", "write what the sheet says to this `file`")
	flag.Parse()

	sizes := pictures
	if *at != "" {
		sizes = []picture{{}}
		if _, err := fmt.Sscanf(*at, "%dx%dx%d", &sizes[0].width, &sizes[0].height, &sizes[0].size); err != nil {
			log.Fatalf("-at %q: %v", *at, err)
		}
	}
	var err error
	if *png != "" {
		err = sheet(sizes[0], *png, *key)
	} else {
		err = run(*out, *only, *train, *read, *peer, sizes)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// run measures and writes the results to a file, or to standard output.
func run(file, only string, train, read int, peer bool, sizes []picture) error {
	var report bytes.Buffer
	w := io.Writer(os.Stdout)
	if file != "" {
		w = io.MultiWriter(&report, os.Stderr)
	}
	started := time.Now()
	if err := writeHead(w, train, read); err != nil {
		return err
	}
	var reached []aim
	if strings.Contains("speed", only) {
		aims, err := writeSpeeds(w)
		if err != nil {
			return err
		}
		reached = append(reached, aims...)
	}
	if chosen := choose(only); len(chosen) > 0 {
		if peer {
			if err := writeReaders(w, chosen, train, read); err != nil {
				return err
			}
		}
		aims, err := writeSizes(w, chosen, sizes, train, read)
		if err != nil {
			return err
		}
		reached = append(reached, aims...)
	}
	writeAims(w, reached)
	fmt.Fprintf(w, "\nThe run took %v. A trained network is not among the readers: it reads all of these "+
		"captchas.\n",
		time.Since(started).Round(time.Second))
	if _, err := w.Write(readByPeople()); err != nil || file == "" {
		return err
	}
	return os.WriteFile(file, report.Bytes(), 0o644)
}
