package regenerate_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

func TestSymbolicLinks(t *testing.T) {
	g := engine()
	outside := t.TempDir()
	write(t, outside, "README.md", "outside\n")
	write(t, outside, "web/routes.go", "outside\n")
	for name, target := range map[string]string{"README.md": "README.md", "internal/web": "web"} {
		t.Run(name, func(t *testing.T) {
			dir := sample(t, g)
			link := filepath.Join(dir, filepath.FromSlash(name))
			os.RemoveAll(link)
			if err := os.Symlink(filepath.Join(outside, target), link); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, outside)
			cs := plan(t, g, dir, changeset.Options{ReplaceEdited: true, ReplaceExisting: true}, "captcha.enabled",
				"false")
			if len(cs.Refused()) == 0 {
				t.Error("nothing is refused")
			}
			changeset.Apply(ctx, cs, regenerate.WithoutCompiling())
			same(t, "outside", snapshot(t, outside), before)
		})
	}
}

// A link in the place of a file that the run has nothing to change in is left
// alone, and no reason to refuse the run.
func TestSymbolicLinkOfNoConcern(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	os.Rename(filepath.Join(dir, ".gitignore"), filepath.Join(dir, "ignored"))
	if err := os.Symlink("ignored", filepath.Join(dir, ".gitignore")); err != nil {
		t.Fatal(err)
	}
	cs := run(t, g, dir, changeset.Options{}, "key", "shop.sid")
	if f := file(cs, ".gitignore"); f.Action != changeset.Keep || len(cs.Notes) != 1 ||
		!strings.Contains(cs.Notes[0], ".gitignore is a symbolic link") {
		t.Errorf(".gitignore: %s, notes %q", f.Action, cs.Notes)
	}
	if target, err := os.Readlink(filepath.Join(dir, ".gitignore")); err != nil || target != "ignored" {
		t.Errorf("the link is %q, %v", target, err)
	}
	if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
		t.Errorf("the second run changes %s", again.Diff())
	}
}

func TestApplyRefuses(t *testing.T) {
	g := engine()
	tests := []struct {
		name, want string
		spoil      func(t *testing.T, dir string)
	}{
		{"read-only file", "README.md is read-only",
			func(t *testing.T, dir string) { os.Chmod(filepath.Join(dir, "README.md"), 0o444) }},
		{"changed since the plan", "README.md was changed",
			func(t *testing.T, dir string) { edit(t, dir, "README.md", "\n", "\nmine\n") }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := sample(t, g)
			if tt.name == "read-only file" {
				tt.spoil(t, dir)
			}
			cs := plan(t, g, dir, changeset.Options{}, "key", "shop.sid")
			if tt.name != "read-only file" {
				tt.spoil(t, dir)
			}
			before := snapshot(t, dir)
			if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err == nil ||
				!strings.Contains(err.Error(), tt.want) {
				t.Errorf("Apply: %v, want %q", err, tt.want)
			}
			same(t, "after a refusal", snapshot(t, dir), before)
		})
	}
	t.Run("two at once", func(t *testing.T) {
		dir := sample(t, g)
		cs := plan(t, g, dir, changeset.Options{}, "key", "shop.sid")
		var second error
		if _, err := changeset.Apply(ctx, cs, regenerate.AtEachStep(func(string) error {
			_, second = changeset.Apply(ctx, cs, regenerate.WithoutCompiling())
			return nil
		})); err != nil || !errors.Is(second, project.ErrBusy) {
			t.Errorf("first %v, second %v", err, second)
		}
	})
	t.Run("changed while it is applied", func(t *testing.T) {
		dir := sample(t, g)
		cs := plan(t, g, dir, changeset.Options{}, "key", "shop.sid")
		if _, err := changeset.Apply(ctx, cs, regenerate.AtEachStep(func(step string) error {
			if step == "commit journal" {
				edit(t, dir, "sessionseed.yaml", "\n", "\n# mine\n")
			}
			return nil
		})); err == nil || !strings.Contains(err.Error(), "sessionseed.yaml was changed") {
			t.Errorf("Apply: %v", err)
		}
		if cs := plan(t, g, dir, changeset.Options{}); len(cs.Options) > 0 ||
			!strings.Contains(read(t, dir, "sessionseed.yaml"), "# mine") {
			t.Errorf("after the refusal: options %v, sessionseed.yaml is\n%s", cs.Options,
				read(t, dir, "sessionseed.yaml"))
		}
	})
}
