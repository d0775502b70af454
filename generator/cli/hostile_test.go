//go:build linux

package cli

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/templates"
)

// What a stranger's repository may make a command do at most, in memory and time.
// An ordinary run needs 60 MB and a second.
const (
	hostileKB   = 300 << 10
	hostileTime = time.Minute
)

// A stranger wrote the repository that somebody cloned, all of it. No command runs
// anything of it, changes what is not the generator's, makes anything executable,
// or needs more than its share of memory and time.
func TestHostileClone(t *testing.T) {
	journal := func(path string) string {
		data, err := json.Marshal(map[string]any{"files": []map[string]any{{"path": path, "new": hexSum("planted"),
			"newMode": 0o755}}})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	runHostile(t, map[string]func(c clone){
		"a run to finish that writes a hook": func(c clone) {
			c.put(".sessionseed/tx/journal", journal(".git/hooks/pre-commit"))
			c.put(".sessionseed/tx/new/0000", "planted")
		},
		"a run to finish that git tracks": func(c clone) {
			c.put(".sessionseed/tx/journal", journal("internal/web/planted.go"))
			c.put(".sessionseed/tx/new/0000", "planted")
			c.git("add", "-f", ".")
		},
		"a run to finish that makes a file executable": func(c clone) {
			c.remove("internal/web/routes.go")
			c.put(".sessionseed/tx/journal", journal("internal/web/routes.go"))
			c.put(".sessionseed/tx/new/0000", "planted")
			c.check(os.Chmod(c.path(".sessionseed/tx/new/0000"), 0o755))
		},
		"a run to undo that writes a hook": func(c clone) {
			c.put(".sessionseed/undo/journal",
				fmt.Sprintf(`[{"path": ".git/hooks/pre-commit", "old": %q, "oldMode": 493}]`, hexSum("planted")))
			c.put(".sessionseed/undo/old/0000", "planted")
		},
		"a manifest that has a file deleted": func(c clone) {
			c.replace(".sessionseed/manifest.json", `"files": {`,
				`"files": {"Makefile": ["scaffolded", "0644"], ".git/config": ["scaffolded", "0644"], `)
			c.replace(".sessionseed/base.txt", "-- .dockerignore --", "-- Makefile --\nall:\n-- .dockerignore --")
		},
		"a manifest of the older form that has a file deleted": func(c clone) {
			c.put(".sessionseed/manifest.json",
				fmt.Sprintf(`{"schema": 1, "files": [{"path": "Makefile", "class": "scaffolded", "mode": "0644",
						"sha256": %q}]}`, hexSum("all:\n")))
			c.remove(".sessionseed/base.txt")
			c.put(".sessionseed/base.zip", zipped(t, map[string][]byte{"Makefile": []byte("all:\n")}))
		},
		"files without end": func(c clone) {
			for _, name := range []string{
				".sessionseed/base.txt", "main.go", "README.md", "internal/web/routes.go", "mine.go", "go.mod",
			} {
				c.put(name, "")
				c.check(os.Truncate(c.path(name), 8<<30))
			}
		},
		"options without end":          func(c clone) { c.link("/dev/zero", "sessionseed.yaml") },
		"options that open themselves": func(c clone) { c.put("sessionseed.yaml", bomb()) },
		"a manifest that nests": func(c clone) {
			c.put(".sessionseed/manifest.json", strings.Repeat("[", 900_000))
		},
		"a state that is git's": func(c clone) {
			c.check(os.RemoveAll(c.path(".sessionseed")))
			c.link(".git", ".sessionseed")
		},
		"a package that is git's": func(c clone) {
			c.check(os.RemoveAll(c.path("internal/captcha")))
			c.link("../.git/hooks", "internal/captcha")
		},
		"a package that is elsewhere": func(c clone) {
			c.check(os.Rename(c.path("internal/captcha"), c.path("ext")))
			c.link("../ext", "internal/captcha")
		},
		"keys that are elsewhere": func(c clone) {
			c.remove(".env")
			c.link("../outside", ".env")
			c.link(".git/hooks/pre-commit", ".env.sessionseed")
		},
		"new keys that are elsewhere": func(c clone) { c.link(".git/hooks/pre-commit", ".env.sessionseed") },
	})
}

// runHostile has each command meet each clone.
func runHostile(t *testing.T, clones map[string]func(c clone)) {
	commands := [][]string{
		{"new", ".", "--yes", "--module", "example.com/shop"},
		{"new", ".", "--yes", "--module", "example.com/shop", "--force", "--captcha=false"},
		{"regenerate", "--yes", "--captcha=false", "--no-verify"},
		{"regenerate", "--undo"},
		{"regenerate", "--yes", "--adopt", "--captcha=false", "--no-verify"},
		{"check"},
		{"diff", "--captcha=false"},
		{"keys", "rotate"},
		{"explain", "."},
	}
	program, err := exec.LookPath("sessionseed")
	if err != nil {
		t.Fatal(err)
	}
	pristine := filepath.Join(t.TempDir(), "shop")
	out, err := exec.Command(program, "new", pristine, "--yes", "--module", "example.com/shop").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	repository := filepath.Join(t.TempDir(), "shop")
	makeRepository(t, repository, pristine)
	owned := (&render.Generator{Templates: templates.FS()}).Owned()
	for name, prepare := range clones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var c clone
			var before map[string]string
			for _, command := range commands {
				if before == nil {
					c = newClone(t, repository)
					prepare(c)
					before = c.snapshot()
				}
				out := c.run(program, command)
				after := c.snapshot()
				for _, m := range []map[string]string{before, after} {
					for name := range m {
						inside, _ := strings.CutPrefix(name, "shop/")
						_, generated := owned.File(inside)
						switch {
						case before[name] == after[name]:
						case !generated && !strings.HasPrefix(inside, ".sessionseed/") && inside != ".env.sessionseed":
							t.Errorf("%q: %s was %.80q and is %.80q\n%s", command, name, before[name], after[name], out)
						case strings.HasPrefix(inside, ".sessionseed/"):
						case strings.Contains(after[name][:min(10, len(after[name]))], "x"):
							t.Errorf("%q: %s became executable\n%s", command, name, out)
						}
					}
				}
				if !maps.Equal(before, after) {
					before = nil // the next command gets a clone of its own
				}
			}
		})
	}
}

// bomb is a YAML text whose aliases stand for 10^9 values.
func bomb() string {
	var b strings.Builder
	b.WriteString("a: &a [x,x,x,x,x,x,x,x,x,x]\n")
	for c := 'b'; c < 'j'; c++ {
		fmt.Fprintf(&b, "%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*%c,", c-1), 10), ","))
	}
	b.WriteString("corsOrigins: *i\n")
	return b.String()
}

func hexSum(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }

// clone is a repository as it was just cloned, beside other files of its user's.
type clone struct {
	t   *testing.T
	top string
}

// makeRepository is what clones are copies of: git runs once, and its objects are in one file.
func makeRepository(t *testing.T, dir, pristine string) {
	t.Helper()
	c := clone{t, filepath.Dir(dir)}
	c.check(os.CopyFS(dir, os.DirFS(pristine)))
	c.put("Makefile", "all:\n")
	c.git("init", "-q")
	c.git("add", ".")
	c.git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-q", "-m", "first")
	c.git("repack", "-adq")
	c.check(os.RemoveAll(c.path(".git/hooks"))) // git's samples
	c.put(".git/hooks/post-checkout", "#!/bin/sh\ntouch ../ran\n")
	c.check(os.Chmod(c.path(".git/hooks/post-checkout"), 0o755))
}

func newClone(t *testing.T, repository string) clone {
	t.Helper()
	c := clone{t, t.TempDir()}
	c.check(os.CopyFS(c.path("."), os.DirFS(repository)))
	c.check(os.WriteFile(filepath.Join(c.top, "outside"), []byte("SESSION_KEYS=mine\n"), 0o600))
	c.check(os.Mkdir(filepath.Join(c.top, "bin"), 0o755))
	for _, program := range []string{"git", "sh", "bash", "go", "gofmt", "git-lfs"} {
		c.check(os.WriteFile(filepath.Join(c.top, "bin", program),
			[]byte("#!/bin/sh\necho \"$0 $*\" >> \"${0%/*}/../ran\"\nexit 1\n"), 0o755))
	}
	return c
}

func (c clone) path(name string) string { return filepath.Join(c.top, "shop", name) }

func (c clone) check(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c clone) put(name, text string) {
	c.t.Helper()
	c.check(os.MkdirAll(filepath.Dir(c.path(name)), 0o755))
	c.check(os.WriteFile(c.path(name), []byte(text), 0o644))
}

func (c clone) replace(name, old, new string) {
	c.t.Helper()
	text, err := os.ReadFile(c.path(name))
	c.check(err)
	if !bytes.Contains(text, []byte(old)) {
		c.t.Fatalf("%s does not hold %q", name, old)
	}
	c.put(name, strings.Replace(string(text), old, new, 1))
}

func (c clone) remove(name string) { c.check(os.Remove(c.path(name))) }

func (c clone) link(to, name string) {
	c.t.Helper()
	c.check(os.RemoveAll(c.path(name)))
	c.check(os.Symlink(to, c.path(name)))
}

func (c clone) git(args ...string) {
	c.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = c.path(".")
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

// zipped is an archive of the kind in which an older generator kept its state.
func zipped(t *testing.T, files map[string][]byte) string {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for name, data := range files {
		e, err := w.Create(name)
		if err == nil {
			_, err = e.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// snapshot is everything that the user has.
func (c clone) snapshot() map[string]string {
	c.t.Helper()
	m := map[string]string{}
	c.check(filepath.WalkDir(c.top, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		text, _ := os.Readlink(name)
		switch {
		case info.Mode().IsRegular() && info.Size() > 1<<20:
			text = fmt.Sprint(info.Size())
		case info.Mode().IsRegular():
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = hexSum(string(data))
		}
		rel, err := filepath.Rel(c.top, name)
		m[filepath.ToSlash(rel)] = info.Mode().String() + " " + text
		return err
	}))
	return m
}

// run runs a command in the clone, with a PATH whose programs leave a trace.
func (c clone) run(program string, args []string) string {
	c.t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = c.path(".")
	cmd.Env = []string{"PATH=" + filepath.Join(c.top, "bin"), "HOME=" + c.top}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	c.check(cmd.Start())
	ends := time.AfterFunc(hostileTime, func() { _ = cmd.Process.Kill() })
	err := cmd.Wait()
	var exit *exec.ExitError
	switch {
	case err != nil && !errors.As(err, &exit):
		c.t.Fatal(err)
	case !ends.Stop(),
		cmd.ProcessState.ExitCode() < 0,
		strings.Contains(out.String(), "panic:"),
		strings.Contains(out.String(), "goroutine "):
		c.t.Errorf("%q: %v\n%.2000s", args, cmd.ProcessState, out.String())
	}
	c.t.Logf("%q: %d MB, %v", args, cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss>>10,
		cmd.ProcessState.UserTime())
	if used := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss; used > hostileKB {
		c.t.Errorf("%q took %d MB", args, used>>10)
	}
	ran, _ := os.ReadFile(filepath.Join(c.top, "ran"))
	for line := range strings.Lines(string(ran)) {
		if name, _, _ := strings.Cut(line, " "); args[0] != "regenerate" ||
			filepath.Base(name) != "go" { // which compiles
			c.t.Errorf("%q ran %s", args, line)
		}
	}
	_ = os.Remove(filepath.Join(c.top, "ran"))
	return out.String()
}
