package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// tally counts the outcomes of a set of files.
type tally struct {
	conflicts, solved, people, unparsable, refused, wrongTypes int
	compiled, asWanted                                         int // solved, without new type errors
	clean, cleanPeople, overcareful, otherwise                 int
}

func (t *tally) add(o outcome) {
	if !o.conflict {
		t.clean++
		if o.gitAsPeople {
			t.cleanPeople++
		}
		switch o.kind {
		case overcareful:
			t.overcareful++
		case otherwise:
			t.otherwise++
		}
		return
	}
	t.conflicts++
	switch o.kind {
	case unsolved:
		return
	case refused:
		t.refused++
		return
	case unparsable:
		t.unparsable++
	case asPeople:
		t.people++
	}
	t.solved++
	switch {
	case o.err != "":
		t.wrongTypes++
		return
	case o.kind == asPeople, o.kind == orderOnly, o.kind == elsewhere:
		t.asWanted++
	}
	t.compiled++
}

// report writes the figures, by repository and by cause.
func report(w io.Writer, outcomes []outcome) error {
	by := map[repository]*tally{}
	var all tally
	kinds, broken := map[string]int{}, map[string]int{}
	for _, o := range outcomes {
		if by[o.repo] == nil {
			by[o.repo] = &tally{}
		}
		by[o.repo].add(o)
		all.add(o)
		if o.conflict {
			kinds[o.kind]++
			if o.err != "" {
				broken[o.kind]++
			}
		}
	}
	fmt.Fprint(w, "| repository | commit | files in which git conflicts | solved | as the people | new type "+
		"errors | solved "+
		"and compiled | "+
		"as the people, but for the order of two additions and what they changed elsewhere | do not parse "+
		"| refused | "+
		"files in which git is clean | git as the people | we conflict | we differ |\n"+strings.Repeat("|---",
		14)+"|\n")
	row := func(name, commit string, t tally) {
		fmt.Fprintf(w, "| %s | %.12s | %d | %d (%s) | %d (%s) | %d | %d (%s) | %d (%s) | %d | %d | %d | %s | "+
			"%d | %d |\n", name, commit, t.conflicts, t.solved, percent(t.solved, t.conflicts), t.people,
			percent(t.people, t.solved), t.wrongTypes, t.compiled, percent(t.compiled, t.conflicts), t.asWanted,
			percent(t.asWanted, t.compiled), t.unparsable, t.refused, t.clean, percent(t.cleanPeople, t.clean),
			t.overcareful, t.otherwise)
	}
	for _, r := range slices.Sorted(maps.Keys(by)) {
		head, err := r.git(nil, "rev-parse", "HEAD")
		if err != nil {
			return err
		}
		row(r.name(), string(head), *by[r])
	}
	row("all", "", all)
	fmt.Fprintf(w, "\nThe solved files that differ from the people's, by cause:\n\n| cause | files | of these "+
		"with new type "+
		"errors |\n|---|---|---|\n")
	for _, c := range causes {
		fmt.Fprintf(w, "| %s | %d | %d |\n", c, kinds[c], broken[c])
	}
	intro := "\nThe files whose result does not parse, that are refused, or in which git is clean and our result is " +
		"another:\n"
	for _, o := range outcomes {
		if !o.conflict && o.kind != asGit || o.kind == unparsable || o.kind == refused {
			fmt.Fprint(w, intro)
			intro = ""
			fmt.Fprintf(w, "\n- %s %.12s %s: %s", o.repo.name(), o.merge, o.name, o.kind)
		}
	}
	_, err := fmt.Fprintln(w)
	return err
}

// name is the owner and name of a repository whose directory is called so.
func (r repository) name() string {
	for _, part := range slices.Backward(strings.Split(path.Clean(string(r)), "/")) {
		if strings.Contains(part, "+") {
			return strings.Replace(part, "+", "/", 1)
		}
	}
	return cmp.Or(path.Base(string(r)), string(r))
}

func percent(n, of int) string {
	if of == 0 {
		return "-"
	}
	return fmt.Sprintf("%d %%", (100*n+of/2)/of)
}
