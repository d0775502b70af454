package merge

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// edits returns how many random merges a test tries: the number in
// SESSIONSEED_MERGE_EDITS, else standard, or a tenth of that with -short.
func edits(t *testing.T, standard int) int {
	text := os.Getenv("SESSIONSEED_MERGE_EDITS")
	if text == "" {
		if testing.Short() {
			return standard / 10
		}
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SESSIONSEED_MERGE_EDITS is %q, want a number above 0", text)
	}
	return n
}

// seed is fixed in an ordinary run, which must not fail by chance, and new each
// time where many edits were asked for.
func seed(now time.Time) uint64 {
	if os.Getenv("SESSIONSEED_MERGE_EDITS") == "" {
		return 1
	}
	return uint64(now.UnixNano())
}

// triple is one random case.
type triple struct{ base, Ours, Theirs []byte }

// RandomTriple makes a base and two edited versions. Few distinct lines make
// the alignment ambiguous, which is where merges go wrong.
func RandomTriple(r *rand.Rand) triple {
	words := 2 + r.IntN(60)
	fresh := func() string {
		switch r.IntN(4) {
		case 0:
			return "}"
		case 1:
			return ""
		default:
			return "line " + strconv.Itoa(r.IntN(words))
		}
	}
	size, changes := 50, 5
	if r.IntN(10) == 0 {
		size, changes = 400, 40
	}
	var base []string
	for range r.IntN(size) {
		base = append(base, fresh())
	}
	n := 0
	edit := func() []string {
		out := append([]string(nil), base...)
		for range r.IntN(changes) {
			n++
			at := r.IntN(len(out) + 1)
			end := min(len(out), at+r.IntN(4))
			switch r.IntN(6) {
			case 0: // insert something new
				out = append(out[:at], append([]string{"new " + strconv.Itoa(n)}, out[at:]...)...)
			case 1: // insert something that may exist
				out = append(out[:at], append([]string{fresh()}, out[at:]...)...)
			case 2: // delete
				out = append(out[:at], out[end:]...)
			case 3: // replace
				out = append(out[:at], append([]string{fresh()}, out[end:]...)...)
			case 4: // duplicate
				out = append(out[:end], append(append([]string(nil), out[at:end]...), out[end:]...)...)
			case 5: // move
				moved := append([]string(nil), out[at:end]...)
				out = append(out[:at], out[end:]...)
				to := r.IntN(len(out) + 1)
				out = append(out[:to], append(moved, out[to:]...)...)
			}
		}
		return out
	}
	text := func(lines []string) []byte {
		if len(lines) == 0 {
			return nil
		}
		return []byte(strings.Join(lines, "\n") + "\n")
	}
	tr := triple{base: text(base)}
	tr.Ours = text(edit())
	if r.IntN(8) == 0 {
		tr.Theirs = tr.Ours
	} else {
		tr.Theirs = text(edit())
	}
	return tr
}

// TestAgainstGitMerge gives git one commit with thousands of files to merge.
// git merge and git merge-file share the code that merges one file; a process
// for each file would take minutes.
func TestAgainstGitMerge(t *testing.T) {
	n := edits(t, 1000)
	start := time.Now()
	seed := seed(start)
	r := rand.New(rand.NewPCG(seed, 1))
	cases := make([]triple, n)
	for i := range cases {
		cases[i] = RandomTriple(r)
	}
	merged, conflicted := gitMergeAll(t, cases)
	compareWithGit(t, seed, cases, merged, conflicted)
	t.Logf("%d merges compared in %v", n, time.Since(start).Round(time.Millisecond))
}

// TestAgainstGitMergeFile asks git merge-file itself, as often as fits into a
// few seconds, or SESSIONSEED_MERGE_EDITS times.
func TestAgainstGitMergeFile(t *testing.T) {
	n := edits(t, 100000)
	budget := 3 * time.Second
	if os.Getenv("SESSIONSEED_MERGE_EDITS") != "" {
		budget = time.Hour
	}
	seed := seed(time.Now())
	r := rand.New(rand.NewPCG(seed, 2))
	deadline := time.Now().Add(budget)
	type job struct {
		n int
		triple
	}
	work := make(chan job)
	cases := make([]triple, 0, n)
	merged, conflicted := make([][]byte, n), make([]bool, n)
	var wg sync.WaitGroup
	for range 4 {
		dir := t.TempDir()
		wg.Go(func() {
			for j := range work {
				out, conflict, err := gitMergeFile(dir, j.triple)
				if err != nil {
					t.Error(err)
				}
				merged[j.n], conflicted[j.n] = out, conflict
			}
		})
	}
	for len(cases) < n && time.Now().Before(deadline) {
		cases = append(cases, RandomTriple(r))
		work <- job{len(cases) - 1, cases[len(cases)-1]}
	}
	close(work)
	wg.Wait()
	compareWithGit(t, seed, cases, merged, conflicted)
	t.Logf("%d merges compared", len(cases))
	if want := min(n, 20); len(cases) < want {
		t.Errorf("only %d merges fitted into %v, want at least %d", len(cases), budget, want)
	}
}

// compareWithGit is the judgement: never clean where git conflicts, the same
// bytes where both are clean, and hardly ever a conflict where git has none.
func compareWithGit(t *testing.T, seed uint64, cases []triple, merged [][]byte, conflicted []bool) {
	t.Helper()
	clean, overcautious := 0, 0
	for i, c := range cases {
		got := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{})
		switch {
		case conflicted[i] && len(got.Conflicts) == 0:
			t.Errorf("seed %d case %d: clean where git conflicts\nbase %q\nours %q\ntheirs %q\ngot %q", seed, i,
				c.base, c.Ours, c.Theirs, got.Data)
		case !conflicted[i] && len(got.Conflicts) > 0:
			overcautious++
		case !conflicted[i]:
			clean++
			if !bytes.Equal(got.Data, merged[i]) {
				t.Errorf("seed %d case %d: other bytes than git\nbase %q\nours %q\ntheirs %q\ngot %q\ngit %q", seed, i,
					c.base, c.Ours, c.Theirs, got.Data, merged[i])
			}
		}
		if t.Failed() {
			return
		}
	}
	if overcautious*100 > len(cases) {
		t.Errorf("seed %d: conflict where git has none in %d of %d", seed, overcautious, len(cases))
	}
	t.Logf("%d clean with equal bytes, %d conflicts where git has none", clean, overcautious)
}

// gitMergeFile runs git merge-file -p.
func gitMergeFile(dir string, c triple) (out []byte, conflict bool, err error) {
	names := []string{"ours", "base", "theirs"}
	for i, data := range [][]byte{c.Ours, c.base, c.Theirs} {
		if err := os.WriteFile(filepath.Join(dir, names[i]), data, 0o600); err != nil {
			return nil, false, err
		}
	}
	cmd := exec.Command("git", "merge-file", "-p", "-q", "ours", "base", "theirs")
	cmd.Dir = dir
	out, err = cmd.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() > 0 && exit.ExitCode() < 128 {
		return out, true, nil
	}
	return out, false, err
}

// gitMergeAll merges all cases as files of one repository with the plain Myers
// diff, which is what git merge-file uses.
func gitMergeAll(t *testing.T, cases []triple) (merged [][]byte, conflicted []bool) {
	dir := t.TempDir()
	git := func(in []byte, args ...string) ([]byte, error) {
		cmd := exec.Command("git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com", "-c",
			"core.autocrlf=false", "-c", "gc.auto=0"}, args...)...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		cmd.Stdin = bytes.NewReader(in)
		return cmd.CombinedOutput()
	}
	if out, err := git(nil, "init", "-q"); err != nil {
		t.Fatalf("git init: %v\n%s", err, out)
	}
	var in bytes.Buffer
	commit := func(ref string, mark, from int, pick func(triple) []byte) {
		fmt.Fprintf(&in, "commit refs/heads/%s\nmark :%d\ncommitter t <t@example.com> 1700000000 +0000\ndata 1\nx\n",
			ref, mark)
		if from > 0 {
			fmt.Fprintf(&in, "from :%d\n", from)
		}
		for i, c := range cases {
			data := pick(c)
			fmt.Fprintf(&in, "M 100644 inline %03d/%d\ndata %d\n%s\n", i/500, i, len(data), data)
		}
	}
	commit("base", 1, 0, func(c triple) []byte { return c.base })
	commit("ours", 2, 1, func(c triple) []byte { return c.Ours })
	commit("theirs", 3, 1, func(c triple) []byte { return c.Theirs })
	for _, step := range []struct {
		in   []byte
		args []string
	}{
		{in.Bytes(), []string{"fast-import", "--quiet"}},
		{nil, []string{"checkout", "-q", "ours"}},
	} {
		if out, err := git(step.in, step.args...); err != nil {
			t.Fatalf("git %v: %v\n%s", step.args, err, out)
		}
	}
	// Conflicts make this fail; the index says where.
	if out, err := git(nil, "merge", "-q", "-s", "recursive", "-X", "diff-algorithm=myers", "-X", "no-renames",
		"--no-commit", "--no-ff", "theirs"); err != nil && !bytes.Contains(out, []byte("CONFLICT")) {
		t.Fatalf("git merge: %v\n%s", err, out)
	}
	unmerged, err := git(nil, "diff", "--name-only", "--diff-filter=U")
	if err != nil {
		t.Fatalf("git diff: %v\n%s", err, unmerged)
	}
	merged, conflicted = make([][]byte, len(cases)), make([]bool, len(cases))
	for name := range strings.Lines(string(unmerged)) {
		i, err := strconv.Atoi(filepath.Base(strings.TrimSpace(name)))
		if err != nil {
			t.Fatalf("git diff says %q", name)
		}
		conflicted[i] = true
	}
	for i := range cases {
		merged[i], err = os.ReadFile(filepath.Join(dir, fmt.Sprintf("%03d/%d", i/500, i)))
		if err != nil {
			t.Fatal(err)
		}
	}
	return merged, conflicted
}
