//go:build long

package regenerate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/golden"
)

// share is the part of the runs of TestEveryInvitedEdit that SESSIONSEED_INVITED asks
// for: "2/3" is the second of three, "/3" that of today, so that three days have all;
// nothing is the whole.
func share(t *testing.T) (part, of int) {
	text := os.Getenv("SESSIONSEED_INVITED")
	if text == "" {
		return 0, 1
	}
	which, parts, _ := strings.Cut(text, "/")
	of, err := strconv.Atoi(parts)
	if err != nil || of < 1 {
		t.Fatalf("SESSIONSEED_INVITED is %q, want 2/3 or /3", text)
	}
	if which == "" {
		return time.Now().YearDay() % of, of
	}
	part, err = strconv.Atoi(which)
	if err != nil || part < 1 || part > of {
		t.Fatalf("SESSIONSEED_INVITED is %q, want 2/3 or /3", text)
	}
	return part - 1, of
}

// Each edit alone in its files, times every option in both directions. What is
// known to fail must fail, so that its row goes once it works.
func TestEveryInvitedEdit(t *testing.T) {
	s := newEditSuite(t)
	bundles := s.bundles()
	part, of := share(t)
	t.Logf("part %d of %d", part+1, of)
	t.Run("runs", func(t *testing.T) {
		var forward []flip // from the default project, which all of these share
		for n, f := range s.flips {
			if f.base == nil {
				forward = append(forward, f)
				continue
			}
			t.Run(f.key(), func(t *testing.T) {
				t.Parallel()
				p := s.project(t, f)
				for i, edits := range bundles {
					if (n+i)%of == part {
						p.runEach(t, edits, f)
					}
				}
			})
		}
		for i, edits := range bundles {
			t.Run(fmt.Sprintf("edits %d", i), func(t *testing.T) {
				t.Parallel()
				var flips []flip
				for n, f := range forward {
					if (n+i)%of == part {
						flips = append(flips, f)
					}
				}
				s.project(t, flip{}).runEach(t, edits, flips...)
			})
		}
	})
	for i, k := range knownOutcomes {
		if s.seen[i] == 0 && of == 1 {
			t.Errorf("no longer so, take it out of knownOutcomes: %+v", k)
		}
	}
}

// Pairs of edits are drawn, of which each option meets two. SESSIONSEED_SEED draws
// other pairs.
func TestPairsOfInvitedEdits(t *testing.T) {
	s := newEditSuite(t)
	runs := map[string][]editRun{} // one project on disk for those of a change
	for _, r := range s.pairs(seedOfEdits(t), len(s.flips)) {
		runs[r.flip.key()] = append(runs[r.flip.key()], r)
	}
	for key, runs := range runs {
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			p := s.project(t, runs[0].flip)
			for _, r := range runs {
				p.run(t, r)
			}
		})
	}
}

// pairs draws n runs of two edits. The edits come up as often as each other,
// and so do the options.
func (s *editSuite) pairs(seed uint64, n int) []editRun {
	r := rand.New(rand.NewPCG(seed, 0))
	var edits, flips []int
	next := func(deck *[]int, size int) int {
		if len(*deck) == 0 {
			*deck = r.Perm(size)
		}
		i := (*deck)[0]
		*deck = (*deck)[1:]
		return i
	}
	var runs []editRun
	for range n {
		a, b := s.edits[next(&edits, len(s.edits))], s.edits[next(&edits, len(s.edits))]
		runs = append(runs, editRun{[]ownersEdit{a, b}, s.flips[next(&flips, len(s.flips))]})
	}
	return runs
}

// times is how often something is done: n unless the environment variable name says otherwise.
func times(name string, n int) int {
	if given, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return given
	}
	return n
}

// seedOfEdits is fixed unless SESSIONSEED_SEED sets it.
func seedOfEdits(t *testing.T) uint64 {
	seed := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("SESSIONSEED_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("SESSIONSEED_SEED=%d", seed)
	return seed
}

// Some of them are applied, and the project that comes of it passes its own
// tests. Its store needs no module beside the standard library.
func TestInvitedEditsBuild(t *testing.T) {
	s := newEditSuite(t)
	bundles := s.bundles()
	for i, f := range []flip{
		{"captcha.enabled", nil, []string{"captcha.enabled", "false"}},
		{"captcha.enabled", []string{"captcha.enabled", "false"},
			[]string{"captcha.enabled", "true", "captcha.pow", "true"}},
		{"csrfToken", nil, []string{"csrfToken", "true", "maxSessions", "5", "module", otherModule}},
	} {
		t.Run(f.key(), func(t *testing.T) {
			p := s.project(t, f)
			edited := p.fresh.clone()
			for _, e := range bundles[i] {
				if try := edited.clone(); !strings.HasPrefix(e.name, "uninvited") && e.edit(try) {
					edited = try
				}
			}
			p.write(t, p.fresh, edited)
			cs := plan(t, s.g, p.dir, changeset.Options{}, f.to...)
			if r, err := changeset.Apply(ctx, cs, changeset.ApplyOptions{}); err != nil || !r.Verified {
				t.Fatalf("Apply = %+v, %v", r, err)
			}
			golden.Prove(t, p.dir, golden.Offline(t))
		})
	}
}
