package regenerate_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
)

// A project's files can be checked out on Windows and on disks that do not
// distinguish upper from lower case.
func TestPathsFitEverySystem(t *testing.T) {
	reserved := regexp.MustCompile(`(?i)^(con|prn|aux|nul|com\d|lpt\d)(\.|$)`)
	seen := 0
	for _, store := range []string{"memory", "cookie", "sqlite", "postgres", "redis"} {
		o := options.Defaults()
		o.Module = "example.com/shop"
		apply(t, &o, "store", store, "captcha.pow", "true", "csrfToken", "true")
		if store != "cookie" {
			apply(t, &o, "maxSessions", "5")
		}
		whole, err := engine().Render(o, render.Secrets{})
		if err == nil {
			whole, err = state.WithState(whole, o, "v1.0.0", engine().Owned())
		}
		if err != nil {
			t.Fatal(err)
		}
		lower := map[string]string{}
		for _, f := range whole.Files {
			seen++
			for name := range strings.SplitSeq(f.Path, "/") {
				if strings.ContainsAny(name, "<>:\"\\|?*\x7f") || strings.TrimRight(name, ". ") != name ||
					reserved.MatchString(name) {
					t.Errorf("%s: Windows has no file named %q", f.Path, name)
				}
			}
			if len(f.Path) > 120 {
				t.Errorf("%s has %d characters: below a directory of some depth it passes the 260 of Windows", f.Path,
					len(f.Path))
			}
			if other, taken := lower[strings.ToLower(f.Path)]; taken {
				t.Errorf("%s and %s differ by case alone", f.Path, other)
			}
			lower[strings.ToLower(f.Path)] = f.Path
		}
	}
	if seen < 300 {
		t.Errorf("only %d files looked at", seen)
	}
}

// Git on Windows writes CRLF into every text file by default, and a project has
// no edits for that: options change, and every line that is written ends as the
// others do.
func TestCheckedOutWithCRLF(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	for name := range snapshot(t, dir) {
		if text := read(t, dir, name); !strings.Contains(text, "\x00") {
			write(t, dir, name, strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\n", "\r\n"))
		}
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Fatalf("Check of a checkout with CRLF = %+v, %v", drift, err)
	}
	edit(t, dir, "internal/web/routes.go", "package web\r\n", "package web\r\n\r\n// mine\r\n")
	for _, set := range [][]string{
		{"store", "redis"}, {"module", "example.org/other"}, {"captcha.enabled", "false"}, {"maxAge", "1h"},
		{"captcha.enabled", "true"}, {"store", "memory"},
	} {
		before := snapshot(t, dir)
		cs := run(t, g, dir, changeset.Options{}, set...)
		if err := cs.Blocked(); err != nil {
			t.Fatalf("%q: %v", set, err)
		}
		if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
			t.Errorf("%q: the second run changes %s", set, again.Diff())
		}
		for name, text := range snapshot(t, dir) {
			_, there := before[name]
			if !there || strings.HasPrefix(name, ".sessionseed/") {
				continue // a file of this run's own has the generator's endings
			}
			if n := strings.Count(text, "\n") - strings.Count(text, "\r\n"); n > 0 && !strings.Contains(text, "\x00") &&
				strings.Contains(before[name], "\r\n") {
				t.Errorf("%q: %s has %d lines that end in LF alone", set, name, n)
			}
		}
	}
	if text := read(t, dir, "internal/web/routes.go"); !strings.Contains(text, "\r\n// mine\r\n") {
		t.Error("the owner's line is gone")
	}
}

// Windows, FAT and some network disks keep fewer modes than they are asked for.
// A run on them is finished and undone like any other.
func TestDiskWithoutModes(t *testing.T) {
	g := engine()
	dir := sample(t, g, "captcha.enabled", "false")
	flatten := func() {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return os.Chmod(path, 0o666)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	flatten()
	before := snapshot(t, dir)
	cs := plan(t, g, dir, changeset.Options{}, "captcha.enabled", "true", "store", "redis")
	// What the disk makes of the modes it was asked for is seen once the files are staged.
	_, err := changeset.Apply(ctx, cs, regenerate.AtEachStep(func(name string) error {
		if name == "write journal" {
			flatten()
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if _, there := snapshot(t, dir)["internal/captcha/desk.go"]; !there {
		t.Fatal("nothing was applied")
	}
	if err := project.Undo(dir, engine().Owned()); err != nil {
		t.Fatalf("Undo: %v", err)
	}
	same(t, "undo", snapshot(t, dir), before)
}
