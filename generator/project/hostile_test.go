package project

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// hostileOwned lists the files that the generator makes; a stranger wrote the project.
func hostileOwned() *tree.Tree {
	var files []tree.File
	for _, name := range []string{
		"main.go", "README.md", "Dockerfile", ".gitignore", ".github/workflows/ci.yml",
		"internal/web/routes.go", "demo/app.js",
	} {
		files = append(files, tree.File{Path: name, Mode: 0o644, Class: tree.Scaffolded})
	}
	return tree.New(append(files, tree.File{Path: ".env", Mode: 0o600, Class: tree.Secret}))
}

func TestOwned(t *testing.T) {
	o := NewOwned(hostileOwned())
	for _, tt := range []struct {
		name               string
		generated, changed bool
	}{
		{"main.go", true, true},
		{".gitignore", true, true},
		{".github/workflows/ci.yml", true, true},
		{"internal/web/older.go", true, true},
		{"internal/web/testdata/older.go", true, true},
		{".env", false, true},
		{ManifestPath, false, true},
		{"docs/README.md", false, true},
		{"mine/mine.go", false, true},
		{"internal/mine/mine.go", false, true},
		{"build/Dockerfile", false, true},
		{"mine/mine.txt", false, false},
		{"Makefile", false, false},
		{".envrc", false, false},
		{".git/hooks/pre-commit", false, false},
		{".git/config", false, false},
		{".git/x.go", false, false},
		{".GIT/x.go", false, false},
		{"GIT~1/x.go", false, false},
		{".github/workflows/other.yml", false, false},
		{".github/x.go", false, false},
		{"internal/web/.x.go", false, false},
		{"node_modules/x/x.js", false, false},
		{"vendor/x/x.go", false, false},
		{StateDir + "/tx/journal", false, false},
		{StateDir + "/x.go", false, false},
		{"../x.go", false, false},
		{"/x.go", false, false},
		{"a/../x.go", false, false},
		{`a\x.go`, false, false},
		{"c:x.go", false, false},
		{"", false, false},
		{".", false, false},
	} {
		if g, c := o.Generated(tt.name), o.changed(tt.name); g != tt.generated || c != tt.changed {
			t.Errorf("%q: generated %v, changed %v, want %v, %v", tt.name, g, c, tt.generated, tt.changed)
		}
	}
}

// planted writes a journal and its staged files as a stranger would.
func planted(t *testing.T, dir, at string, journal any, staged map[string]string) {
	t.Helper()
	data, err := json.Marshal(journal)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, at+"/"+journalName, string(data))
	for name, text := range staged {
		put(t, dir, at+"/"+name, text)
		if err := os.Chmod(filepath.Join(dir, at, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// modes lists everything in dir: files with mode and content, links with their target.
func modes(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		text, _ := os.Readlink(name)
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text = string(data)
		}
		m[filepath.ToSlash(rel)] = info.Mode().String() + " " + text
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sum(text string) string { return (&tree.Blob{Data: []byte(text)}).Sum() }

// A journal that came with a cloned repository changes nothing that is not the
// generator's, in tx and in undo.
func TestPlantedJournalIsRefused(t *testing.T) {
	long := journal{Files: []operation{}}
	for n := range 50_000 {
		long.Files = append(long.Files, operation{Path: fmt.Sprintf("a%d.go", n), New: sum("x")})
	}
	write := func(name string) journal {
		return journal{Files: []operation{{Path: name, New: sum("planted"), NewMode: 0o755, Old: ""}}}
	}
	for name, tt := range map[string]struct {
		journal any
		prepare func(dir string) error
	}{
		"a hook":                {journal: write(".git/hooks/pre-commit")},
		"a file of the owner's": {journal: write("Makefile")},
		"outside":               {journal: write("../planted.go")},
		"absolute":              {journal: write("/planted.go")},
		"another workflow":      {journal: write(".github/workflows/planted.yml")},
		"the same file twice":   {journal: journal{Files: append(write("main.go").Files, write("main.go").Files...)}},
		"another form":          {journal: "planted"},
		"a list alone, as earlier generators wrote": {journal: write(".git/config").Files},
		"as a creation": {journal: journal{Create: true, Files: write(".git/config").Files}},
		"too long":      {journal: long},
		"deletes": {journal: journal{Files: []operation{
			{Path: ".git/config", Old: sum("[core]\n"), OldMode: 0o644},
		}}},
		"behind a link": {journal: write("demo/hooks/planted.go"), prepare: func(dir string) error {
			return os.Symlink(".git", filepath.Join(dir, "demo"))
		}},
		"too much": {journal: write("main.go"), prepare: func(dir string) error {
			return os.Truncate(filepath.Join(dir, txDir, "new", "0000"), 1<<30)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, at := range []string{txDir, undoDir} {
				dir := filepath.Join(t.TempDir(), "project")
				put(t, dir, ".git/config", "[core]\n")
				put(t, dir, ".git/hooks/sample", "sample")
				planted(t, dir, at, tt.journal, map[string]string{"new/0000": "planted", "old/0000": "planted"})
				if tt.prepare != nil {
					if at == undoDir && name == "too much" {
						continue
					}
					if err := tt.prepare(dir); err != nil {
						t.Fatal(err)
					}
				}
				before := map[string]string{}
				if name != "too much" {
					before = modes(t, filepath.Dir(dir))
				}
				var err error
				if at == txDir {
					_, err = Recover(dir, hostileOwned())
				} else {
					err = Undo(dir, hostileOwned())
				}
				if err == nil || !strings.Contains(err.Error(), at+"/journal") {
					t.Errorf("%s: %v, want a refusal that names the journal", at, err)
				}
				if name != "too much" && !maps.Equal(modes(t, filepath.Dir(dir)), before) {
					t.Errorf("%s: something was changed", at)
				}
			}
		})
	}
}

// What a planted journal may name, it does not make executable, and it moves
// nothing into place but what it says.
func TestPlantedJournalMakesNothingExecutable(t *testing.T) {
	for name, j := range map[string]journal{
		"new": {Files: []operation{{Path: "demo/app.js", New: sum("planted"), NewMode: 0o755}}},
		"changed": {Files: []operation{
			{Path: "main.go", Old: sum("mine"), OldMode: 0o644, New: sum("planted"), NewMode: 0o755},
		}},
		"taken back": {Files: []operation{
			{Path: "main.go", Old: sum("planted"), OldMode: 0o755, New: sum("mine"), NewMode: 0o644},
			{Path: "README.md", Old: sum("other"), New: sum("another"), OldMode: 0o644},
		}},
		"something else": {Files: []operation{
			{Path: "main.go", Old: sum("other"), OldMode: 0o755, New: sum("mine"), NewMode: 0o644},
			{Path: "README.md", Old: sum("other"), New: sum("another"), OldMode: 0o644},
		}},
	} {
		dir := t.TempDir()
		put(t, dir, "main.go", "mine")
		planted(t, dir, txDir, j, map[string]string{"new/0000": "planted", "old/0000": "planted"})
		if _, err := Recover(dir, hostileOwned()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for file, is := range modes(t, dir) {
			if strings.Contains(is[:10], "x") && !strings.HasPrefix(file, StateDir) {
				t.Errorf("%s: %s is %s", name, file, is)
			}
		}
		if text := modes(t, dir)["main.go"]; name == "something else" && !strings.HasSuffix(text, " mine") {
			t.Errorf("%s: main.go is %q", name, text)
		}
		if err := Undo(dir, hostileOwned()); err == nil {
			for file, is := range modes(t, dir) {
				if strings.Contains(is[:10], "x") && !strings.HasPrefix(file, StateDir) {
					t.Errorf("%s, undone: %s is %s", name, file, is)
				}
			}
		}
	}
}

// The state's own directories are not links.
func TestStateBehindALink(t *testing.T) {
	for _, name := range []string{StateDir, txDir, undoDir} {
		dir := t.TempDir()
		put(t, dir, ".git/tx/journal", "[]")
		put(t, dir, ".git/journal", "[]")
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(filepath.Join(dir, ".git"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		before := modes(t, dir)
		for command, err := range map[string]error{"undo": Undo(dir, hostileOwned()), "recover": func() error {
			_, err := Recover(dir, hostileOwned())
			return err
		}()} {
			if err == nil || !strings.Contains(err.Error(), "not a directory") {
				t.Errorf("%s with a link %s: %v", command, name, err)
			}
		}
		if !maps.Equal(modes(t, dir), before) {
			t.Errorf("%s: something was changed", name)
		}
	}
}

// What lies ready in the place of the staged files is not written through.
func TestStagingWritesThroughNothing(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, ".git/hooks/0000", "hook")
	put(t, dir, "main.go", "mine")
	if err := os.MkdirAll(filepath.Join(dir, txDir), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"new", "old"} {
		if err := os.Symlink(filepath.Join("..", "..", ".git", "hooks"), filepath.Join(dir, txDir, name)); err != nil {
			t.Fatal(err)
		}
	}
	p, err := Open(dir, hostileOwned())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	before, err := p.Read("main.go")
	if err != nil {
		t.Fatal(err)
	}
	err = p.replaceAll([]tree.Change{{Path: "main.go", Before: before,
		After: &tree.Blob{Mode: 0o644, Data: []byte("new")}}}, false, nil)
	if got := modes(t, dir); err != nil || got[".git/hooks/0000"] != "-rw-r--r-- hook" ||
		got["main.go"] != "-rw-r--r-- new" {
		t.Errorf("%v, %v", err, got)
	}
}

// A journal that git tracks is not of a run on this machine. Git's own ways of
// keeping its index, and a project inside of a repository, make no difference.
func TestTrackedJournal(t *testing.T) {
	for name, setup := range map[string][][]string{
		"version 2":     {{"init", "-q"}, {"update-index", "--index-version", "2"}},
		"version 3":     {{"init", "-q"}, {"add", "-N", "a"}, {"update-index", "--index-version", "3"}},
		"version 4":     {{"init", "-q"}, {"update-index", "--index-version", "4"}},
		"sha256":        {{"init", "-q", "--object-format=sha256"}},
		"without index": {{"init", "-q"}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, inside := range []string{".", "services/shop"} {
				top := t.TempDir()
				dir := filepath.Join(top, inside)
				git := func(args ...string) {
					t.Helper()
					cmd := exec.Command("git", args...)
					cmd.Dir = top
					if out, err := cmd.CombinedOutput(); err != nil {
						t.Fatalf("git %q: %v\n%s", args, err, out)
					}
				}
				for i := range 300 {
					put(t, top, fmt.Sprintf("a/%d", i), "x")
					put(t, top, fmt.Sprintf("z/%d", i), "x")
				}
				j := journal{Files: []operation{{Path: "main.go", New: sum("new"), NewMode: 0o644}}}
				planted(t, dir, txDir, j, map[string]string{"new/0000": "new"})
				for _, args := range setup {
					git(args...)
				}
				if name != "without index" {
					git("add", "-f", "a", "z")
					if _, err := Recover(dir, hostileOwned()); err != nil {
						t.Errorf("in %s, a journal that git does not track: %v", inside, err)
					}
					if err := os.RemoveAll(filepath.Join(dir, undoDir)); err != nil {
						t.Fatal(err)
					}
					if err := os.Remove(filepath.Join(dir, "main.go")); err != nil {
						t.Fatal(err)
					}
					planted(t, dir, txDir, j, map[string]string{"new/0000": "new"})
					git("add", "-f", ".")
				}
				_, err := Recover(dir, hostileOwned())
				refused := err != nil && strings.Contains(err.Error(), "came with the repository")
				if refused != (name != "without index") {
					t.Errorf("in %s: Recover = %v, refused as tracked: %t, want %t", inside, err, refused,
						name != "without index")
				}
			}
		})
	}
}

func FuzzIndex(f *testing.F) {
	f.Add([]byte("DIRC\x00\x00\x00\x02\x00\x00\x00\x01" + strings.Repeat("\x00", 60) + "\x00\x01a\x00"))
	f.Add([]byte("DIRC\x00\x00\x00\x04\xff\xff\xff\xff" + strings.Repeat("\x00", 62) + "\x80\x80\x80a\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, hash := range []int64{20, 32} {
			found, err := inIndex(strings.NewReader(string(data)), hash, ".sessionseed/tx/")
			if found && (err != nil || !strings.Contains(string(data), "/")) {
				t.Errorf("found a name with a slash in %q, %v", data, err)
			}
		}
	})
}

// Whatever a journal says, only what the generator changes is touched.
func FuzzJournal(f *testing.F) {
	for _, j := range []any{
		[]operation{{Path: "main.go", New: sum("planted")}},
		journal{Create: true, Files: []operation{{Path: ".git/config", Old: sum("config")}}},
		journal{Files: []operation{{Path: "Makefile", Old: sum("make"), OldMode: 0o644}}},
	} {
		data, err := json.Marshal(j)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		put(t, dir, ".git/config", "config")
		put(t, dir, "Makefile", "make")
		for _, at := range []string{txDir, undoDir} {
			put(t, dir, at+"/"+journalName, string(data))
			put(t, dir, at+"/new/0000", "planted")
			put(t, dir, at+"/old/0000", "planted")
		}
		before := modes(t, dir)
		_, _ = Recover(dir, hostileOwned())
		_ = Undo(dir, hostileOwned())
		after := modes(t, dir)
		o := NewOwned(hostileOwned())
		for _, m := range []map[string]string{before, after} {
			for name := range m {
				if before[name] != after[name] && !o.changed(name) && !strings.HasPrefix(name, StateDir+"/") {
					t.Errorf("%s was %q and is %q", name, before[name], after[name])
				}
			}
		}
	})
}

// A directory that its owner keeps elsewhere, with a link in its place, is neither
// read nor emptied nor unlinked.
func TestNothingIsChangedBehindALink(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "ext/web/routes.go", "mine")
	put(t, dir, "internal/keep.go", "mine")
	if err := os.Symlink("../ext/web", filepath.Join(dir, "internal", "web")); err != nil {
		t.Fatal(err)
	}
	before := modes(t, dir)
	p, err := Open(dir, hostileOwned())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if f, err := p.Read("internal/web/routes.go"); f != nil || err == nil {
		t.Errorf("Read = %v, %v", f, err)
	}
	change := tree.Change{Path: "internal/web/routes.go", Before: &tree.Blob{Mode: 0o644, Data: []byte("mine")}}
	if err := p.CheckUnchanged([]tree.Change{change}); err == nil {
		t.Error("CheckUnchanged: no error")
	}
	if err := p.replaceAll([]tree.Change{change}, false, nil); err == nil || !maps.Equal(modes(t, dir), before) {
		t.Errorf("replaceAll = %v, and there is %v", err, modes(t, dir))
	}
	if err := p.remove("internal/web/routes.go"); err != nil { // as if all of that had failed
		t.Fatal(err)
	}
	if _, err := os.Lstat(filepath.Join(dir, "internal", "web")); err != nil {
		t.Error("the link is gone")
	}
}
