//go:build long

package regenerate_test

import (
	"fmt"
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
