//go:build long

package regenerate_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/golden"
)

// Each edit alone in its files, times every option in both directions. What is
// known to fail must fail, so that its row goes once it works.
func TestEveryInvitedEdit(t *testing.T) {
	s := newEditSuite(t)
	bundles := s.bundles()
	t.Run("runs", func(t *testing.T) {
		var forward []flip // from the default project, which all of these share
		for _, f := range s.flips {
			if f.base == nil {
				forward = append(forward, f)
				continue
			}
			t.Run(f.key(), func(t *testing.T) {
				t.Parallel()
				p := s.project(t, f)
				for _, edits := range bundles {
					p.runEach(t, edits, f)
				}
			})
		}
		for i, edits := range bundles {
			t.Run(fmt.Sprintf("edits %d", i), func(t *testing.T) {
				t.Parallel()
				s.project(t, flip{}).runEach(t, edits, forward...)
			})
		}
	})
	for i, k := range knownOutcomes {
		if s.seen[i] == 0 {
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
