package regenerate_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/render"
)

// added is a module of an owner's to which packages were added.
func added(t testing.TB, g *render.Generator, files map[string]string, set ...string) (dir string, cs *changeset.Set) {
	t.Helper()
	dir = t.TempDir()
	write(t, dir, "go.mod", "module example.com/mine\n\ngo 1.26.0\n\nrequire example.com/dep v1.2.3 // why\n")
	for name, text := range files {
		write(t, dir, name, text)
	}
	o := options.AddDefaults()
	o.Module = "example.com/mine"
	apply(t, &o, set...)
	cs, err := regenerate.Add(ctx, g, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := changeset.Apply(ctx, cs, regenerate.WithoutCompiling()); err != nil {
		t.Fatal(err)
	}
	return dir, cs
}

// An added project can be brought to any option and back, as one that new made can, and its
// owner's files stay what they were.
func TestAddedProjectFollowsOptions(t *testing.T) {
	t.Parallel()
	g := engine()
	mine := map[string]string{"main.go": "package main\n", ".gitignore": "*.log\n", "Dockerfile": "FROM mine\n",
		"README.md": "# Mine\n", ".env": "PORT=1\n"}
	dir, _ := added(t, g, mine, "into", "pkg/auth", "store", "redis")
	if mod := read(t, dir, "go.mod"); !strings.Contains(mod, "example.com/dep v1.2.3 // why") ||
		!strings.Contains(mod, "go-redis") {
		t.Errorf("go.mod is not merged:\n%s", mod)
	}
	if cs := plan(t, g, dir, changeset.Options{}); cs.Changed() {
		t.Errorf("a fresh project changes: %s", cs.Diff())
	}
	edit(t, dir, "pkg/auth/web/session.go", "\tpartFields\n", "\tCart []string\n\n\tpartFields\n")
	before := read(t, dir, "pkg/auth/web/session.go")
	for _, change := range [][]string{
		{"store", "sqlite"}, {"captcha.enabled", "false"}, {"maxSessions", "3"}, {"csrfToken", "true"},
		{"tests", "all"}, {"demo", "true"},
		{"store", "memory"}, {"captcha.enabled", "true"}, {"demo", "false"}, {"tests", "app"},
	} {
		run(t, g, dir, changeset.Options{}, change...)
		if drift, err := regenerate.Check(ctx, g, dir); err != nil || !drift.UpToDate() {
			t.Fatalf("after %v: %+v, %v", change, drift, err)
		}
	}
	if got := read(t, dir, "pkg/auth/web/session.go"); got != before {
		t.Errorf("session.go lost an edit:\n%s", got)
	}
	for name, text := range mine {
		if got := read(t, dir, name); !strings.HasPrefix(got, text) {
			t.Errorf("%s = %q, want it to begin with what it was", name, got)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "internal")); err == nil {
		t.Error("there are files in internal, and the packages are in pkg/auth")
	}
	cs := run(t, g, dir, changeset.Options{}, "module", "example.com/renamed")
	if !strings.Contains(read(t, dir, "pkg/auth/web/mount.go"), `"example.com/renamed/pkg/auth/config"`) {
		t.Errorf("the imports do not follow the module path: %s", cs.Diff())
	}
}

// A lost state is adopted with the packages where they are, and an import of the store
// beside which the owner wrote follows the chosen store, or the run speaks of it.
func TestAddedProjectIsAdopted(t *testing.T) {
	g := engine()
	dir, _ := added(t, g, nil, "into", "pkg/auth")
	if err := os.RemoveAll(filepath.Join(dir, ".sessionseed")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, dir)
	run(t, g, dir, changeset.Options{Adopt: true})
	after := snapshot(t, dir)
	for name := range after {
		if strings.HasPrefix(name, ".sessionseed/") {
			delete(after, name)
		}
	}
	same(t, "adopted", after, before)
	edit(t, dir, "pkg/auth/web/mount.go", "\"example.com/mine/pkg/auth/store/memory\"",
		"\"example.com/mine/pkg/auth/store/memory\" // mine")
	if cs := plan(t, g, dir, changeset.Options{}, "store", "cookie"); !slices.ContainsFunc(cs.Depend,
		func(d changeset.Dependent) bool { return d.File == "pkg/auth/web/mount.go" }) && cs.Blocked() == nil &&
		!strings.Contains(cs.Diff(), "auth/store/cookie\"") {
		t.Errorf("nothing is said of mount.go: depend %q, and the diff is\n%s", cs.Depend, cs.Diff())
	}
}

// The state comes with a cloned repository, so another place of the packages in it is refused: other files would be
// changed.
func TestAddedStateIsNotTrusted(t *testing.T) {
	g := engine()
	for into, want := range map[string]string{
		".git": "has the packages in", "../up": "has the packages in", "a/../../b": "has the packages in",
		"vendor/x": "has the packages in", "elsewhere": "does not generate",
	} {
		dir, _ := added(t, g, nil)
		edit(t, dir, ".sessionseed/manifest.json", "\"into\":\n  [\"internal\"]", "\"into\":\n  [\""+into+"\"]")
		_, err := regenerate.Plan(ctx, g, dir, nil, changeset.Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("packages in %q: %v, want an error that says %q", into, err, want)
		}
	}
}

// Of files that a module shares with the packages only missing lines are added, in the
// form that they have.
func TestAddKeepsSharedFiles(t *testing.T) {
	g := engine()
	env := "\ufeffSESSION_KEYS=" + strings.Repeat("A", 43) + "\r\nexport X=1\r\nACCOUNT_USERNAME=me\r\n" +
		"ACCOUNT_PASSWORD_HASH=h"
	dir, cs := added(t, g, map[string]string{".env": env, ".gitignore": "/bin\r\n.env\r\n",
		".env.example": "#PORT=1\n"})
	if got := read(t, dir, ".env"); got != env || file(cs, ".env").Action != changeset.Keep {
		t.Errorf(".env: %s, %q, want %s, %q", file(cs, ".env").Action, got, changeset.Keep, env)
	}
	if got := read(t, dir, ".gitignore"); !strings.HasPrefix(got, "/bin\r\n.env\r\n*.db\r\n") ||
		strings.Count(got, ".env") != 1 {
		t.Errorf(".gitignore = %q", got)
	}
	if got := read(t, dir, ".env.example"); !strings.HasPrefix(got, "#PORT=1\n") ||
		!strings.Contains(got, "\nSESSION_KEYS=\n") {
		t.Errorf(".env.example = %q", got)
	}
}
