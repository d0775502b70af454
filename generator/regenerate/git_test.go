package regenerate_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// repository is a project in a git repository of its own.
type repository struct {
	t   testing.TB
	dir string
}

// tryGit runs git without the configuration of this machine.
func (r repository) tryGit(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_EDITOR=true",
		"GIT_AUTHOR_NAME=Owner", "GIT_AUTHOR_EMAIL=owner@example.com", "GIT_COMMITTER_NAME=Owner",
		"GIT_COMMITTER_EMAIL=owner@example.com")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func (r repository) git(args ...string) string {
	r.t.Helper()
	out, err := r.tryGit(args...)
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return out
}

func (r repository) commit(message string) {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", message)
}

// branch makes a branch of main on which regenerate ran with the options.
func (r repository) branch(name string, set ...string) {
	r.t.Helper()
	r.git("checkout", "-q", "-b", name, "main")
	run(r.t, engine(), r.dir, changeset.Options{}, set...)
	r.commit(name)
}

// conflicts lists the files in conflict, those of the state apart.
func (r repository) conflicts() (code, state []string) {
	r.t.Helper()
	for name := range strings.Lines(r.git("diff", "--name-only", "--diff-filter=U")) {
		if name = strings.TrimSpace(name); strings.HasPrefix(name, ".sessionseed/") {
			state = append(state, name)
		} else {
			code = append(code, name)
		}
	}
	return code, state
}

// settles takes our lines in each conflict of the files, and the whole file where
// one side deleted it.
func (r repository) settles(files []string) {
	r.t.Helper()
	for _, name := range files {
		var b strings.Builder
		ours := true
		for line := range strings.Lines(read(r.t, r.dir, name)) {
			switch {
			case strings.HasPrefix(line, "<<<<<<< "):
			case strings.HasPrefix(line, "======="):
				ours = false
			case strings.HasPrefix(line, ">>>>>>> "):
				ours = true
			case ours:
				b.WriteString(line)
			}
		}
		write(r.t, r.dir, name, b.String())
	}
}

// forward runs regenerate and expects that it works, that the options are those
// of sessionseed.yaml then, and that check agrees afterwards.
func (r repository) forward(o changeset.Options) {
	r.t.Helper()
	run(r.t, engine(), r.dir, o)
	drift, err := regenerate.Check(ctx, engine(), r.dir)
	if err != nil || !drift.UpToDate() {
		r.t.Errorf("Check = %+v, %v", drift, err)
	}
	for name, text := range snapshot(r.t, r.dir) {
		if strings.HasPrefix(name, ".sessionseed/") && strings.Contains(text, "\n<<<<<<< ") {
			r.t.Errorf("%s holds markers", name)
		}
	}
}

// isOf compares the project, but for lines of the owner's, with one that was made
// of the options.
func (r repository) isOf(set ...string) {
	r.t.Helper()
	want := snapshot(r.t, sample(r.t, engine(), set...))
	got := snapshot(r.t, r.dir)
	for name := range want {
		if name == ".env" {
			continue
		}
		mine := strings.ReplaceAll(got[name], ownersLine, "")
		if mine != want[name] {
			r.t.Errorf("%s: %s", name, changeset.Diff(name, []byte(want[name]), []byte(mine)))
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok && !strings.HasPrefix(name, ".git/") {
			r.t.Errorf("%s should not be there", name)
		}
	}
}

const ownersLine = "\n// Mine.\n"

func newRepository(t testing.TB, set ...string) repository {
	t.Helper()
	r := repository{t, sample(t, engine(), set...)}
	r.git("init", "-q", "-b", "main")
	r.commit("new")
	return r
}

var branches = map[string][]string{
	"captcha": {"captcha.enabled", "false"},
	"store":   {"store", "redis"},
	"csrf":    {"csrfToken", "true"},
	"key":     {"key", "shop.sid"},
	"docker":  {"docker", "false"},
	"list":    {"maxSessions", "5"},
	"times":   {"maxAge", "3h"},
	"tests":   {"tests", "all"},
}

// Two branches that both regenerated merge in git. Where the code does, so does
// the state; where the code does not, its owner settles it and the state follows
// by itself. What comes out is the project of both options.
func TestBranchesMerge(t *testing.T) {
	t.Parallel()
	branchesMerge(t, 6)
}

// branchesMerge tries every nth pair, where n is the argument every.
func branchesMerge(t *testing.T, every int) {
	clean, n := 0, 0
	names := slices.Sorted(maps.Keys(branches))
	for i, a := range names {
		for _, b := range names[:i] {
			if n++; n%every != 0 {
				continue
			}
			t.Run(a+" and "+b, func(t *testing.T) {
				r := newRepository(t)
				r.branch("a", branches[a]...)
				edit(t, r.dir, "internal/web/routes.go", "package web\n", "package web\n"+ownersLine)
				r.commit("mine")
				r.branch("b", branches[b]...)
				_, err := r.tryGit("merge", "-q", "a", "-m", "merge")
				code, state := r.conflicts()
				switch {
				case err == nil:
					clean++
				case len(code) == 0:
					t.Fatalf("the code merges, and %q does not:\n%s", state, r.git("diff"))
				default:
					t.Logf("conflicts in %q and in %q", code, state)
					r.settles(code)
					if drift, err := regenerate.Check(ctx, engine(), r.dir); err != nil || drift.UpToDate() {
						t.Errorf("Check before = %+v, %v", drift, err)
					}
				}
				r.forward(changeset.Options{})
				r.isOf(slices.Concat(branches[a], branches[b])...)
			})
		}
	}
	t.Logf("%d merges were clean", clean)
	if clean == 0 {
		t.Error("no merge was clean")
	}
}

// Whoever takes whole files of one side takes its state too, and regenerate makes
// what the other side's options say.
func TestWholeFilesOfOneSide(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"--ours", "--theirs"} {
		r := newRepository(t)
		r.branch("a", branches["store"]...)
		r.branch("b", branches["key"]...)
		if _, err := r.tryGit("merge", "-q", "a"); err == nil {
			t.Fatal("git sees no conflict")
		}
		code, _ := r.conflicts()
		r.git(append([]string{"checkout", side, "--", ".sessionseed"}, code...)...)
		r.forward(changeset.Options{})
		r.isOf(slices.Concat(branches["store"], branches["key"])...)
	}
}

// A merge with -X of branches that conflict takes the lines of one side, in the
// state as in the code.
func TestMergeOfConflictsTakesASide(t *testing.T) {
	t.Parallel()
	for _, side := range []string{"ours", "theirs"} {
		for _, style := range []string{"merge", "diff3", "zdiff3"} {
			r := newRepository(t)
			r.git("config", "merge.conflictStyle", style)
			r.branch("a", branches["csrf"]...)
			r.branch("b", branches["captcha"]...)
			if _, err := r.tryGit("merge", "-q", "a"); err == nil {
				t.Fatal("git sees no conflict")
			}
			r.git("merge", "--abort")
			r.git("merge", "-q", "-X", side, "a")
			r.forward(changeset.Options{})
			r.isOf(slices.Concat(branches["captcha"], branches["csrf"])...)
		}
	}
}

// A run that is reverted at once, and one that is reverted when another has followed it.
func TestRevert(t *testing.T) {
	r := newRepository(t)
	run(t, engine(), r.dir, changeset.Options{}, branches["captcha"]...)
	r.commit("captcha")
	run(t, engine(), r.dir, changeset.Options{}, branches["times"]...)
	r.commit("times")
	r.git("revert", "--no-edit", "HEAD")
	r.forward(changeset.Options{})
	r.isOf(branches["captcha"]...)
	r.git("reset", "-q", "--hard", "HEAD^")
	r.git("revert", "--no-edit", "HEAD^")
	r.forward(changeset.Options{})
	r.isOf(branches["times"]...)
}

// What a clone makes of the state, and how a project comes out of any damage.
func TestDamagedState(t *testing.T) {
	t.Parallel()
	const manifest, base = ".sessionseed/manifest.json", ".sessionseed/base.txt"
	for name, tt := range map[string]struct {
		damage func(r repository)
		hint   string // "": none is needed
	}{
		"shallow clone": {func(r repository) {
			r.git("clone", "-q", "--depth=1", "file://"+r.dir, "clone")
			cloned := filepath.Join(r.dir, "cloned")
			if err := os.Rename(filepath.Join(r.dir, "clone", ".sessionseed"), cloned); err != nil {
				t.Fatal(err)
			}
			os.RemoveAll(filepath.Join(r.dir, "clone"))
			os.RemoveAll(filepath.Join(r.dir, ".sessionseed"))
			if err := os.Rename(filepath.Join(r.dir, "cloned"), filepath.Join(r.dir, ".sessionseed")); err != nil {
				t.Fatal(err)
			}
		}, ""},
		"CRLF": {func(r repository) {
			r.git("config", "core.autocrlf", "true")
			r.git("rm", "-q", "-r", "--cached", ".")
			r.git("reset", "-q", "--hard")
			if !strings.Contains(read(t, r.dir, base), "\r\n") {
				t.Fatal("the checkout has no CRLF")
			}
		}, ""},
		"truncated base":     {func(r repository) { truncate(t, r.dir, base, 100_000) }, "--adopt"},
		"empty base":         {func(r repository) { truncate(t, r.dir, base, 0) }, "--adopt"},
		"no base":            {func(r repository) { os.Remove(filepath.Join(r.dir, base)) }, "--adopt"},
		"truncated manifest": {func(r repository) { truncate(t, r.dir, manifest, 1000) }, "--adopt"},
		"no manifest":        {func(r repository) { os.Remove(filepath.Join(r.dir, manifest)) }, "--adopt"},
		"no state":           {func(r repository) { os.RemoveAll(filepath.Join(r.dir, ".sessionseed")) }, "--adopt"},
		"half a conflict": {func(r repository) {
			write(t, r.dir, manifest, "<<<<<<< a\n"+read(t, r.dir, manifest))
		}, "--adopt"},
		"conflict in the manifest": {func(r repository) {
			text := read(t, r.dir, manifest)
			write(t, r.dir, manifest, "<<<<<<< a\n"+text+"||||||| b\nwhatever\n=======\n"+text+">>>>>>> c\n")
		}, ""},
		"two manifests": {func(r repository) {
			write(t, r.dir, manifest, read(t, r.dir, manifest)+read(t, r.dir, manifest))
		}, "--adopt"},
		"pointer for the base": {func(r repository) {
			write(t, r.dir, base, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
		}, "git lfs pull"},
		"pointer for the manifest": {func(r repository) {
			write(t, r.dir, manifest, "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
		}, "--adopt"},
		"a directory for the base": {func(r repository) {
			os.Remove(filepath.Join(r.dir, base))
			write(t, r.dir, base+"/x", "x")
			os.Remove(filepath.Join(r.dir, base, "x"))
		}, "--adopt"},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t, "key", "mine.sid")
			edit(t, r.dir, "README.md", "\n", "\nMine.\n")
			r.commit("mine")
			tt.damage(r)
			files := snapshot(t, r.dir)
			maps.DeleteFunc(files, func(name, _ string) bool {
				return strings.HasPrefix(name, ".git/") || strings.HasPrefix(name, ".sessionseed/")
			})
			_, err := regenerate.Plan(ctx, engine(), r.dir, nil, changeset.Options{})
			if p := problem.List(err); (err == nil) != (tt.hint == "") ||
				err != nil && (len(p) != 1 || !strings.Contains(p[0].Hint, tt.hint)) {
				t.Fatalf("Plan = %v with the hints %q, want %q", err, hintsOf(err), tt.hint)
			}
			if _, err := regenerate.Check(ctx, engine(), r.dir); (err == nil) != (tt.hint == "") {
				t.Errorf("Check = %v", err)
			}
			if name == "a directory for the base" {
				os.Remove(filepath.Join(r.dir, base)) // as the hint of the next run says
			}
			r.forward(changeset.Options{Adopt: tt.hint != ""})
			after := snapshot(t, r.dir)
			maps.DeleteFunc(after, func(name, _ string) bool {
				return strings.HasPrefix(name, ".git/") || strings.HasPrefix(name, ".sessionseed/")
			})
			same(t, "afterwards", after, files)
			run(t, engine(), r.dir, changeset.Options{}, "store", "redis")
			if text := read(t, r.dir, "README.md"); !strings.Contains(text, "Mine.") ||
				!strings.Contains(text, "redis://") {
				t.Error("README.md lost an edit, or the change")
			}
		})
	}
}

func truncate(t testing.TB, dir, name string, size int64) {
	t.Helper()
	if err := os.Truncate(filepath.Join(dir, name), size); err != nil {
		t.Fatal(err)
	}
}
