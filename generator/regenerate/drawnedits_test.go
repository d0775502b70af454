//go:build long

package regenerate_test

import (
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// Two and three edits at a time, and one and three options: what they do together is no more than what each does alone.
// Beside it, in the log, what git merge-file makes of the same versions. SESSIONSEED_DRAWS says how many,
// SESSIONSEED_SEED which ones.
func TestDrawnEdits(t *testing.T) {
	draws := times("SESSIONSEED_DRAWS", 60)
	s := newEditSuite(t)
	r := rand.New(rand.NewPCG(seedOfEdits(t), 3))
	fresh := s.project(t, flip{})
	git, none := map[string]int{}, sample(t, s.g)
	for done := 0; done < draws; {
		var edits []ownersEdit
		for range 2 + r.IntN(2) {
			edits = append(edits, s.edits[r.IntN(len(s.edits))])
		}
		f := s.draw(t, r, 1+2*r.IntN(2))
		p, untouched := fresh, none
		if f.base != nil {
			p, untouched = s.project(t, f), sample(t, s.g, f.base...)
		}
		if edited, _ := p.edited(edits); len(p.checker.Check(treeOf(edited))) > 0 {
			continue // both declare the same name, or one renames what the other uses
		}
		done++
		p.run(t, editRun{edits, f})
		git[p.gitsOutcome(t, edits, f, untouched)]++
	}
	t.Logf("git merge-file: %v", git)
}

// draw changes n options of the default project, or changes them back.
func (s *editSuite) draw(t *testing.T, r *rand.Rand, n int) flip {
	o := options.Defaults()
	o.Module = "example.com/shop"
	f := flip{option: "drawn", to: s.choose(t, r, o, n)}
	if r.IntN(2) == 0 {
		return f
	}
	return f.back()
}

// choose finds n options that can be changed together, and their new values.
func (s *editSuite) choose(t *testing.T, r *rand.Rand, from options.Options, n int) []string {
	for n > 0 {
		o, set := from, []string(nil)
		for range 20 * n {
			one := s.flips[r.IntN(len(s.flips))]
			d, _ := options.Lookup(one.option)
			wanted := o
			if one.base != nil || one.option == "module" || slices.Contains(set, one.option) ||
				d.Set(&wanted, one.to[1]) != nil || wanted.Validate() != nil {
				continue
			}
			if o, set = wanted, append(set, one.to...); len(set) == 2*n {
				return set
			}
		}
	}
	return nil
}

// gitsOutcome is what becomes of the edits where git merges the files of the project before and after the change:
// "conflict", "broken" (it does not compile) or "clean".
func (p *editedProject) gitsOutcome(t *testing.T, edits []ownersEdit, f flip, untouched string) string {
	theirs := p.fresh.clone()
	ours, _ := p.edited(edits)
	for _, c := range plan(t, p.s.g, untouched, changeset.Options{}, f.to...).Files {
		if data, there := regenerate.After(c); there {
			theirs[c.Path] = string(data)
		} else {
			delete(theirs, c.Path)
		}
	}
	merged := theirs.clone()
	names := slices.AppendSeq(slices.Collect(maps.Keys(p.fresh)), maps.Keys(ours))
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		base, before := p.fresh[name]
		mine, kept := ours[name]
		other, there := theirs[name]
		switch {
		case kept == before && mine == base: // not edited
		case there == before && other == base, there == kept && other == mine:
			if merged[name] = mine; !kept {
				delete(merged, name)
			}
		case !before || !kept || !there:
			return "conflict"
		default:
			text, ok := gitMerge(t, mine, base, other)
			if !ok {
				return "conflict"
			}
			merged[name] = text
		}
	}
	if len(p.checker.Check(treeOf(merged))) > 0 {
		return "broken"
	}
	return "clean"
}

// gitMerge is git merge-file; false for a conflict.
func gitMerge(t *testing.T, ours, base, theirs string) (string, bool) {
	dir := t.TempDir()
	args := []string{"merge-file", "-p", "--quiet"}
	for i, text := range []string{ours, base, theirs} {
		name := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		args = append(args, name)
	}
	var out strings.Builder
	cmd := exec.Command("git", args...)
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() < 0 || cmd.ProcessState.ExitCode() > 127 {
			t.Fatal(err)
		}
		return "", false
	}
	return out.String(), true
}
