// Command merge replays the merges of public repositories: where git conflicts
// in a Go file, it reports how many of the conflicts the project's merge solves,
// and how many of those as the people did who merged. Where git is clean, it
// reports where the project's merge is not, or says something else.
//
//	go run . -corpus corpus.txt collect DIR...   # git directories
//	go run . -corpus corpus.txt -types -clean 12 replay    # prints the tables of RESULTS.md (-clean 3 for the second)
//
// The text around the tables is written by hand. The corpus lists blobs by name; nothing of a repository is copied.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	corpus := flag.String("corpus", "corpus.txt", "the list of files to merge")
	limit := flag.Int("merges", 20_000, "at most this many merges of a repository, the newest")
	clean := flag.Int("clean", 10, "replay one in this many of the files in which git is clean")
	types := flag.Bool("types", false, "type-check the package of each solved file")
	out := flag.String("out", "", "write the texts of what is not as it should be below this `directory`")
	flag.Parse()
	var err error
	switch flag.Arg(0) {
	case "collect":
		err = collectAll(*corpus, flag.Args()[1:], *limit)
	case "replay":
		err = replay(*corpus, options{*clean, *types, *out})
	default:
		err = fmt.Errorf("say collect or replay")
	}
	if err != nil {
		log.Fatal(err)
	}
}

// collectAll writes the corpus: a line a file.
func collectAll(corpus string, dirs []string, limit int) error {
	f, err := os.Create(corpus)
	if err != nil {
		return err
	}
	defer f.Close()
	dir, err := os.MkdirTemp("", "merge")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	w := bufio.NewWriter(f)
	for _, d := range dirs {
		if err := collectOne(w, repository(d), dir, limit); err != nil {
			return err
		}
	}
	return w.Flush()
}

func collectOne(w *bufio.Writer, r repository, scratch string, limit int) error {
	files, err := collect(r, limit)
	if err != nil {
		return err
	}
	b, err := openBlobs(r)
	if err != nil {
		return err
	}
	defer b.close()
	conflicts, n := 0, 0
	for _, f := range files {
		v, err := f.read(b)
		if err != nil || generated(v.ours) || !parses(v.ours) || !parses(v.theirs) || !parses(v.base) ||
			!parses(v.result) {
			continue // a blob too large for the copy, or nothing to judge by
		}
		_, clean, err := gitMerge(scratch, v.base, v.ours, v.theirs)
		if err != nil {
			continue // not text
		}
		n++
		state := "clean"
		if !clean {
			state = "conflict"
			conflicts++
		}
		fmt.Fprintln(w, strings.Join([]string{string(r), f.merge, state, f.base, f.ours, f.theirs, f.result, f.name},
			"\t"))
	}
	log.Printf("%s: %d files, %d with a conflict", r, n, conflicts)
	return w.Flush()
}

// versions are the texts of a file.
type versions struct{ base, ours, theirs, result []byte }

func (f file) read(b *blobs) (v versions, err error) {
	for _, x := range []struct {
		to   *[]byte
		name string
	}{{&v.base, f.base}, {&v.ours, f.ours}, {&v.theirs, f.theirs}, {&v.result, f.result}} {
		if *x.to, err = b.read(x.name); err != nil {
			return v, err
		}
	}
	return v, nil
}
