package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/sessionseed/sessionseed/generator/internal/merge"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

type options struct {
	clean int
	types bool
	out   string
}

// entry is a line of the corpus.
type entry struct {
	file
	conflict bool // of git
	n        int
}

// outcome is what became of a file.
type outcome struct {
	entry
	kind        string
	err         string // of the type check
	gitAsPeople bool   // git's clean merge is the people's
}

// The outcomes of a file.
const (
	asPeople    = "as the people"
	unsolved    = "conflict"
	unparsable  = "does not parse"
	refused     = "error"
	asGit       = "as git"
	overcareful = "conflict where git is clean"
	otherwise   = "other than git"
)

func readCorpus(name string, clean int) ([]entry, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var entries []entry
	n := 0
	for l := range strings.Lines(string(data)) {
		w := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		if len(w) != 8 {
			return nil, fmt.Errorf("%s: not a line of a corpus: %q", name, l)
		}
		e := entry{file{repository(w[0]), w[1], w[7], w[3], w[4], w[5], w[6]}, w[2] == "conflict", len(entries)}
		if !e.conflict {
			if n++; n%clean != 0 {
				continue
			}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func replay(corpus string, o options) error {
	entries, err := readCorpus(corpus, o.clean)
	if err != nil {
		return err
	}
	outcomes := make([]outcome, len(entries))
	errs := make(chan error, runtime.NumCPU())
	next := make(chan int)
	var workers sync.WaitGroup
	for range runtime.NumCPU() {
		workers.Go(func() {
			if err := work(entries, outcomes, next, o); err != nil {
				errs <- err
				for range next { // let the sender go on
				}
			}
		})
	}
	for i := range entries {
		next <- i
	}
	close(next)
	workers.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	return report(os.Stdout, outcomes)
}

// work replays the entries that it gets.
func work(entries []entry, outcomes []outcome, next <-chan int, o options) error {
	scratch, err := os.MkdirTemp("", "merge")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	open := map[repository]*blobs{}
	defer func() {
		for _, b := range open {
			b.close()
		}
	}()
	for i := range next {
		e := entries[i]
		b := open[e.repo]
		if b == nil {
			if b, err = openBlobs(e.repo); err != nil {
				return err
			}
			open[e.repo] = b
		}
		if outcomes[i], err = one(e, b, scratch, o); err != nil {
			return fmt.Errorf("%s %s %s: %w", e.repo, e.merge, e.name, err)
		}
	}
	return nil
}

// one replays a file.
func one(e entry, b *blobs, scratch string, o options) (outcome, error) {
	v, err := e.read(b)
	if err != nil {
		return outcome{}, err
	}
	r, fault := merge.File("a.go", v.base, v.ours, v.theirs, textmerge.Options{})
	out := outcome{entry: e}
	var git []byte
	if !e.conflict || o.out != "" || len(r.Conflicts) == 0 {
		if git, _, err = gitMerge(scratch, v.base, v.ours, v.theirs); err != nil {
			return outcome{}, err
		}
	}
	out.gitAsPeople = !e.conflict && read(git).equal(read(v.result))
	switch {
	case !e.conflict && len(r.Conflicts) > 0:
		out.kind = overcareful
	case !e.conflict && (read(r.Data).equal(read(git)) || !parses(git)):
		out.kind = asGit
	case !e.conflict:
		out.kind = otherwise
	case len(r.Conflicts) > 0:
		out.kind = unsolved
	case fault != nil:
		out.kind = refused
	case !parses(r.Data):
		out.kind = unparsable
	case read(r.Data).equal(read(v.result)):
		out.kind = asPeople
	default:
		out.kind = cause(v, git, r.Data)
	}
	if o.types && e.conflict && len(r.Conflicts) == 0 && fault == nil {
		if out.err, err = typeError(e, b, r.Data); err != nil {
			return outcome{}, err
		}
	}
	if o.out != "" && out.kind != asPeople && out.kind != asGit {
		return out, keep(filepath.Join(o.out, strings.ReplaceAll(out.kind, " ", "-"), fmt.Sprint(e.n)), e, v, r.Data,
			git)
	}
	return out, nil
}

// keep writes the texts of a file for reading.
func keep(dir string, e entry, v versions, got, git []byte) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	about := fmt.Appendf(nil, "%s %s %s\n", e.repo, e.merge, e.name)
	for name, data := range map[string][]byte{
		"base.go": v.base, "ours.go": v.ours, "theirs.go": v.theirs, "people.go": v.result, "got.go": got,
		"git.go": git,
		"about":  bytes.TrimSpace(about),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			return err
		}
	}
	return nil
}
