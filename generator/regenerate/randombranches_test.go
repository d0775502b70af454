//go:build long

package regenerate_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// Two branches, on each of which the owner edits what the project leaves to him, changes up to three options and
// regenerates. Where git merges the code, it merges the state; then regenerate makes the project of all options, with
// the edits of both. SESSIONSEED_ROUNDS says how many times, SESSIONSEED_SEED which ones.
func TestRandomBranches(t *testing.T) {
	rounds := times("SESSIONSEED_ROUNDS", 6)
	s := newEditSuite(t)
	r := rand.New(rand.NewPCG(seedOfEdits(t), 4))
	outcomes := map[string]int{}
	for done := 0; done < rounds && !t.Failed(); {
		if outcome := s.branchRound(t, r); outcome != "" {
			outcomes[outcome]++
			done++
		}
	}
	t.Logf("%d rounds: %v", rounds, outcomes)
	if outcomes["merged"] == 0 {
		t.Error("no round was merged")
	}
}

// branchRound says what came of it; "" where the owner's edits do not go together.
func (s *editSuite) branchRound(t *testing.T, r *rand.Rand) string {
	o := options.Defaults()
	o.Module = "example.com/shop"
	base := s.choose(t, r, o, r.IntN(2))
	apply(t, &o, base...)
	repo, checker := newRepository(t, base...), s.checker.Fork()
	main := withoutGit(readProject(t, repo.dir))
	want := ownersLines(main)
	var changed []string
	for _, branch := range []string{"a", "b"} {
		edited := main.clone()
		for range 1 + r.IntN(2) {
			e := s.edits[r.IntN(len(s.edits))]
			if try := edited.clone(); !strings.HasPrefix(e.name, "uninvited") && e.edit(try) {
				edited = try
			}
		}
		if len(checker.Check(treeOf(edited))) > 0 {
			return ""
		}
		for line, n := range ownersLines(edited) {
			want[line] += n - ownersLines(main)[line]
		}
		set := s.choose(t, r, o, 1+r.IntN(3))
		changed = append(changed, strings.Join(set, " "))
		repo.git("checkout", "-q", "-b", branch, "main")
		(&editedProject{s: s, dir: repo.dir}).write(t, main, edited)
		repo.commit("edit")
		run(t, s.g, repo.dir, changeset.Options{}, set...)
		repo.commit(branch)
	}
	if _, err := repo.tryGit("merge", "-q", "a", "-m", "merge"); err != nil {
		code, state := repo.conflicts()
		if len(code) == 0 {
			t.Errorf("%q from %q: the code merges, and %q does not:\n%s", changed, base, state, repo.git("diff"))
		}
		return "the code conflicts in git"
	}
	merged := withoutGit(readProject(t, repo.dir))
	compiled := len(checker.Check(treeOf(merged))) == 0
	cs, err := regenerate.Plan(ctx, s.g, repo.dir, func(*options.Options) error { return nil }, changeset.Options{})
	switch {
	case err != nil && strings.Contains(err.Error(), "cannot be combined"):
		return "the options of both cannot be combined"
	case err != nil:
		t.Errorf("%q from %q: %v", changed, base, err)
	case len(cs.InConflict()) > 0 && !compiled:
		return "git's merge does not compile, and is shown as a conflict"
	case len(cs.InConflict()) > 0:
		c := cs.InConflict()[0]
		t.Errorf("%q from %q: conflict in %s: %+v", changed, base, c.Path, c.Conflicts)
	default:
		repo.forward(changeset.Options{})
		result := withoutGit(readProject(t, repo.dir))
		if problems := checker.Check(treeOf(result)); len(problems) > 0 && compiled {
			t.Errorf("%q from %q: broken: %s", changed, base, strings.Join(problems, "\n"))
		} else if len(problems) > 0 {
			return "git's merge does not compile"
		}
		got := ownersLines(result)
		for line, n := range want {
			if got[line] != n && ownersLines(merged)[line] == n {
				t.Errorf("%q from %q: %q is there %d times, want %d", changed, base, line, got[line], n)
			}
		}
	}
	return "merged"
}

// withoutGit leaves out what git keeps.
func withoutGit(p pages) pages {
	for name := range p {
		if strings.HasPrefix(name, ".git/") {
			delete(p, name)
		}
	}
	return p
}
