package regenerate_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
)

func TestNothingToDo(t *testing.T) {
	g, before := engine(), map[string]string(nil)
	dir := sample(t, g)
	before = snapshot(t, dir)
	cs := plan(t, g, dir, changeset.Options{})
	if cs.Changed() || cs.Blocked() != nil || len(cs.Options) > 0 {
		t.Errorf("a fresh project: changed %v, blocked %v, options %v, diff %s", cs.Changed(), cs.Blocked(), cs.Options,
			cs.Diff())
	}
	run(t, g, dir, changeset.Options{})
	same(t, "after a run without a change", snapshot(t, dir), before)
}

// What two options change is told apart file by file.
func TestChangeValueAndStore(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	cs := run(t, g, dir, changeset.Options{}, "key", "shop.sid", "store", "sqlite")
	for name, want := range map[string]struct {
		action changeset.Action
		why    []string
	}{
		"internal/config/defaults.go":    {changeset.Update, []string{"key", "store"}},
		"README.md":                      {changeset.Update, []string{"key", "store"}},
		"main.go":                        {changeset.Update, []string{"store"}},
		"internal/store/sqlite/store.go": {changeset.Add, []string{"store"}},
		"go.sum":                         {changeset.Add, []string{"store"}},
		"internal/web/routes.go":         {changeset.Unchanged, nil},
	} {
		if f := file(cs, name); f.Action != want.action || !slices.Equal(f.Why, want.why) {
			t.Errorf("%s: %s because of %v, want %s because of %v", name, f.Action, f.Why, want.action, want.why)
		}
	}
	if !strings.Contains(read(t, dir, "main.go"), "/internal/store/sqlite\"") ||
		!strings.Contains(read(t, dir, "internal/config/defaults.go"), `"shop.sid"`) {
		t.Error("the files do not say what the plan did")
	}
}

func TestOwnersEditsStay(t *testing.T) {
	g := engine()
	dir := sample(t, g, "tests", "all")
	edit(t, dir, "README.md", "\n", "\nMine in the README.\n")
	edit(t, dir, "internal/captcha/cut.go", "package captcha\n", "package captcha\n\n// Mine in the captcha.\n")
	os.Remove(filepath.Join(dir, "compose.yaml"))
	edit(t, dir, "sessionseed.yaml", "key: ", "# mine above key\nkey: ")
	env := read(t, dir, ".env")
	cs := run(t, g, dir, changeset.Options{}, "captcha.enabled", "false", "docker", "false", "key", "shop.sid")

	if f := file(cs, "internal/captcha/cut.go"); f.Action != changeset.Orphan {
		t.Errorf("an edited file of a component switched off: %s", f.Action)
	}
	for _, name := range []string{"internal/captcha/svg.go", "internal/captcha/testdata/AC39.svg"} {
		if f := file(cs, name); f.Action != changeset.Orphan || !strings.Contains(f.Note, "cut.go") {
			t.Errorf("the rest of its package, %s: %s, %q", name, f.Action, f.Note)
		}
	}
	if f := file(cs, "internal/web/captcha.go"); f.Action != changeset.Delete {
		t.Errorf("an unedited file of a component switched off: %s", f.Action)
	}
	if !strings.Contains(read(t, dir, "README.md"), "Mine in the README.") {
		t.Error("the README lost an edit")
	}
	if yaml := read(t, dir, "sessionseed.yaml"); !strings.Contains(yaml, "# mine above key\nkey: \"shop.sid\"") {
		t.Errorf("sessionseed.yaml lost a comment, or has another key: %s", yaml)
	}
	if read(t, dir, ".env") != env {
		t.Error(".env was touched")
	}
	if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
		t.Errorf("the second run changes %s", again.Diff())
	}

	// On again: what stayed is merged, not refused.
	cs = run(t, g, dir, changeset.Options{}, "captcha.enabled", "true", "docker", "true")
	if !strings.Contains(read(t, dir, "internal/captcha/cut.go"), "Mine in the captcha.") {
		t.Error("switching the component on again lost an edit")
	}
	if f := file(cs, "internal/web/captcha.go"); f.Action != changeset.Add {
		t.Errorf("a file of a component switched on: %s", f.Action)
	}
}

func TestNotOurs(t *testing.T) {
	g := engine()
	dir := sample(t, g, "captcha.enabled", "false", "demo", "false")
	write(t, dir, "internal/web/captcha.go", "package web\n")
	before := snapshot(t, dir)
	cs := plan(t, g, dir, changeset.Options{}, "captcha.enabled", "true")
	if len(cs.Refused()) != 1 || cs.Refused()[0].Path != "internal/web/captcha.go" {
		t.Errorf("refused: %v", cs.Refused())
	}
	if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err == nil {
		t.Error("a blocked set was applied")
	}
	same(t, "after a refusal", snapshot(t, dir), before)
	run(t, g, dir, changeset.Options{ReplaceExisting: true}, "captcha.enabled", "true")
	if read(t, dir, "internal/web/captcha.go") == "package web\n" {
		t.Error("--replace-existing did not replace the file")
	}
}

func TestHandEditedYAML(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "sessionseed.yaml", "\nmaxAge: "+options.FormatDuration(24*time.Hour),
		"\nmaxAge: 3600000 # koa's milliseconds")
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "options" {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	cs := run(t, g, dir, changeset.Options{})
	if len(cs.Options) != 1 || cs.Options[0].Name != "maxAge" {
		t.Errorf("options = %v", cs.Options)
	}
	if !strings.Contains(read(t, dir, "sessionseed.yaml"), "maxAge: 3600000 # koa's milliseconds") {
		t.Error("the spelling of the value, or its comment, changed")
	}
	if f := file(cs, "internal/config/defaults.go"); f.Action != changeset.Update || len(f.Why) != 1 ||
		f.Why[0] != "maxAge" {
		t.Errorf("defaults.go: %s because of %v", f.Action, f.Why)
	}
	if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
		t.Errorf("Check afterwards = %+v, %v", drift, err)
	}
}

func TestAdopt(t *testing.T) {
	g := engine()
	dir := sample(t, g, "key", "mine.sid")
	edit(t, dir, "README.md", "\n", "\nMine.\n")
	os.RemoveAll(filepath.Join(dir, ".sessionseed"))
	before := snapshot(t, dir)
	_, err := regenerate.Plan(ctx, g, dir, nil, changeset.Options{})
	if p := problem.List(err); len(p) != 1 || !strings.Contains(p[0].Hint, "--adopt") {
		t.Errorf("without state: %v with the hints %q", err, hintsOf(err))
	}
	run(t, g, dir, changeset.Options{Adopt: true})
	after := snapshot(t, dir)
	for name := range after {
		if strings.HasPrefix(name, ".sessionseed/") {
			delete(after, name)
		}
	}
	same(t, "adopted", after, before)
	cs := run(t, g, dir, changeset.Options{}, "store", "redis")
	if len(cs.Options) != 1 || !strings.Contains(read(t, dir, "README.md"), "Mine.") {
		t.Errorf("after adoption: options %v, README.md is\n%s", cs.Options, read(t, dir, "README.md"))
	}
}

func TestRenamedByTheOwner(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	os.Rename(filepath.Join(dir, "internal/web/parts.go"), filepath.Join(dir, "internal/web/chosen.go"))
	cs := run(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
	if f := file(cs, "internal/web/chosen.go"); f.RenamedFrom != "internal/web/parts.go" ||
		f.Action != changeset.Update {
		t.Errorf("the renamed file: %s from %q", f.Action, f.RenamedFrom)
	}
	if _, err := os.Stat(filepath.Join(dir, "internal/web/parts.go")); err == nil {
		t.Error("the old name came back")
	}
	if cs := plan(t, g, dir, changeset.Options{}); cs.Changed() {
		t.Errorf("the second run changes %s", cs.Diff())
	}
}

// A file of a component that is switched off goes under its new name too, stays
// with its package if it was edited, and is the owner's own once it was moved to
// another directory.
func TestRenamedAndSwitchedOff(t *testing.T) {
	for name, tt := range map[string]struct {
		to, add string
		action  changeset.Action
	}{
		"renamed":            {"internal/captcha/pieces.go", "", changeset.Delete},
		"renamed and edited": {"internal/captcha/pieces.go", "\n// Mine.\n", changeset.Orphan},
		"moved away":         {"mine/pieces.go", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			g := engine()
			dir := sample(t, g)
			text := read(t, dir, "internal/captcha/cut.go") + tt.add
			os.Remove(filepath.Join(dir, "internal/captcha/cut.go"))
			write(t, dir, tt.to, text)
			cs := run(t, g, dir, changeset.Options{}, "captcha.enabled", "false")
			if f := file(cs, tt.to); f.Action != tt.action {
				t.Errorf("%s: %s, want %q", tt.to, f.Action, tt.action)
			}
			_, err := os.Stat(filepath.Join(dir, "internal/captcha/svg.go"))
			if stays := err == nil; stays != (tt.action == changeset.Orphan) {
				t.Errorf("the rest of the package stays: %v", stays)
			}
			if again := plan(t, g, dir, changeset.Options{}); again.Changed() {
				t.Errorf("the second run changes %s", again.Diff())
			}
			run(t, g, dir, changeset.Options{}, "captcha.enabled", "true")
			if tt.action != changeset.Delete {
				if got := read(t, dir, tt.to); got != text {
					t.Errorf("%s is %q", tt.to, got)
				}
			}
		})
	}
}

// A value changed in sessionseed.yaml is not an edit of a DO-NOT-EDIT file, also
// where the machine state is lost.
func TestAdoptAfterAChangeOfOptions(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "sessionseed.yaml", `key: "koa.sess"`, `key: "mine.sid"`)
	os.RemoveAll(filepath.Join(dir, ".sessionseed"))
	edit(t, dir, "internal/config/captcha.go", "\nconst ", "\nvar mine = 1\n\nconst ")
	cs := plan(t, g, dir, changeset.Options{Adopt: true})
	if f := file(cs, "internal/config/captcha.go"); cs.Blocked() != nil || f.Action != changeset.Keep || f.Note == "" {
		t.Errorf("captcha.go: %s, %q, blocked: %v", f.Action, f.Note, cs.Blocked())
	}
	if f := file(cs, "internal/config/defaults.go"); f.Action != changeset.Update || f.Note == "" {
		t.Errorf("defaults.go: %s, %q", f.Action, f.Note)
	}
}

// A byte order mark, which some Windows editors write, hides no variable.
func TestEnvBehindAByteOrderMark(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	for _, before := range []string{"\ufeff", "\t"} {
		write(t, dir, ".env",
			before+"SESSION_KEYS=mine\n"+strings.Replace(read(t, dir, ".env"), "\nSESSION_KEYS=", "\n#", 1))
		env := read(t, dir, ".env")
		run(t, g, dir, changeset.Options{}, "key", "shop.sid"+strconv.Itoa(len(before)))
		if read(t, dir, ".env") != env {
			t.Errorf("behind %q: .env = %q, want %q", before, read(t, dir, ".env"), env)
		}
	}
}

// A directory without sessionseed.yaml is not a project: nothing adopts it.
func TestNotAProject(t *testing.T) {
	g := engine()
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/other\n\ngo 1.26.0\n")
	before := snapshot(t, dir)
	for _, o := range []changeset.Options{{}, {Adopt: true}} {
		_, err := regenerate.Plan(ctx, g, dir, nil, o)
		var none *state.NotProjectError
		if p := problem.List(err); !errors.As(err, &none) || len(p) != 1 ||
			!strings.Contains(p[0].Hint, "sessionseed add") {
			t.Errorf("Plan with %+v = %T %v with the hints %q", o, err, err, hintsOf(err))
		}
	}
	same(t, "afterwards", snapshot(t, dir), before)
}

// A DO-NOT-EDIT file that was edited by hand does not block an option that
// does not touch it, and is reported all the same.
func TestEditedFileThatTheRunDoesNotTouch(t *testing.T) {
	g := engine()
	dir := sample(t, g)
	edit(t, dir, "internal/config/captcha.go", "\nconst ", "\nvar mine = 1\n\nconst ")
	cs := run(t, g, dir, changeset.Options{}, "key", "shop.sid")
	if f := file(cs, "internal/config/captcha.go"); f.Action != changeset.Keep || len(cs.Notes) != 1 ||
		!strings.HasPrefix(cs.Notes[0], f.Path+" says DO NOT EDIT") {
		t.Errorf("%s, notes %q", f.Action, cs.Notes)
	}
	drift, err := regenerate.Check(ctx, g, dir)
	if err != nil || len(drift.Findings) != 1 || drift.Findings[0].Code != "tampered" {
		t.Errorf("Check = %+v, %v", drift, err)
	}
	if cs := plan(t, g, dir, changeset.Options{}, "captcha.size", "6"); cs.Blocked() == nil {
		t.Error("a change of that file is not refused")
	}
}

// A file that the owner renamed or moved is not called deleted, whether or not a
// run changes it, and --restore puts no copy beside it; one that they deleted is
// no news to any run that does not change it.
func TestRenamedIsNotDeleted(t *testing.T) {
	for _, to := range []string{"internal/web/router.go", "internal/other/routes.go"} {
		t.Run(to, func(t *testing.T) {
			g := engine()
			dir := sample(t, g)
			const from, test = "internal/web/routes.go", "internal/web/login_test.go"
			write(t, dir, to, read(t, dir, from))
			os.Remove(filepath.Join(dir, from))
			os.Remove(filepath.Join(dir, test))
			for _, o := range []changeset.Options{{}, {Restore: true}} {
				cs := plan(t, g, dir, o, "key", "shop.sid")
				f := file(cs, from)
				if f.Action != changeset.DeletedByOwner || f.Note != "its text is in "+to || f.News() {
					t.Errorf("%+v: %s, %q, news %v", o, f.Action, f.Note, f.News())
				}
				if f := file(cs, test); f.News() != o.Restore || (f.Action == changeset.Add) != o.Restore {
					t.Errorf("%+v: a deleted test: %s, news %v", o, f.Action, f.News())
				}
			}
		})
	}
}
