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
	conflicts, solved, people, unparsable, refused, checked, wrongTypes int
	clean, overcareful, otherwise                                       int
}

func (t *tally) add(o outcome) {
	if !o.conflict {
		t.clean++
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
	if o.err != "" {
		t.wrongTypes++
	}
}

// report writes the figures, by repository and by cause.
func report(w io.Writer, outcomes []outcome) error {
	by := map[repository]*tally{}
	var all tally
	kinds := map[string]int{}
	for _, o := range outcomes {
		if by[o.repo] == nil {
			by[o.repo] = &tally{}
		}
		by[o.repo].add(o)
		all.add(o)
		if o.conflict {
			kinds[o.kind]++
		}
	}
	fmt.Fprintf(w, "| repository | commit | files in which git conflicts | solved | of these as the people | do not parse | "+
		"refused | new type errors | files in which git is clean | we conflict | we differ |\n|---|---|---|---|---|---|---|---|---|---|---|\n")
	row := func(name, commit string, t tally) {
		fmt.Fprintf(w, "| %s | %.12s | %d | %d (%s) | %d (%s) | %d | %d | %d | %d | %d | %d |\n", name, commit, t.conflicts,
			t.solved, percent(t.solved, t.conflicts), t.people, percent(t.people, t.solved), t.unparsable, t.refused, t.wrongTypes,
			t.clean, t.overcareful, t.otherwise)
	}
	for _, r := range slices.Sorted(maps.Keys(by)) {
		head, err := r.git(nil, "rev-parse", "HEAD")
		if err != nil {
			return err
		}
		row(r.name(), string(head), *by[r])
	}
	row("all", "", all)
	fmt.Fprintf(w, "\nThe solved files that differ from the people's, by cause:\n\n| cause | files |\n|---|---|\n")
	for _, c := range causes {
		fmt.Fprintf(w, "| %s | %d |\n", c, kinds[c])
	}
	for _, o := range outcomes {
		if !o.conflict && o.kind != asGit || o.err != "" || o.kind == unparsable {
			fmt.Fprintf(w, "\n- %s %.12s %s: %s %s", o.repo.name(), o.merge, o.name, o.kind, o.err)
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
