package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/tree"
	"github.com/sessionseed/sessionseed/golden/scratch"
)

func TestMain(m *testing.M) {
	scratch.InMemory()
	m.Run()
}

// TestReplace: nothing is written through a link that lies where the part goes, and what
// a killed call left there is no obstacle.
func TestReplace(t *testing.T) {
	for name, plant := range map[string]func(part, outside string) error{
		"nothing":           func(string, string) error { return nil },
		"a part":            func(part, _ string) error { return os.WriteFile(part, []byte("half"), 0o644) },
		"a link":            func(part, outside string) error { return os.Symlink(outside, part) },
		"a link to the old": func(part, _ string) error { return os.Symlink(".env", part) },
	} {
		t.Run(name, func(t *testing.T) {
			dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "outside")
			for _, file := range []string{filepath.Join(dir, ".env"), outside} {
				if err := os.WriteFile(file, []byte("old"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			part := filepath.Join(dir, ".env.sessionseed")
			if err := plant(part, outside); err != nil {
				t.Fatal(err)
			}
			p, err := Open(dir, tree.New(nil))
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			if err := p.Replace(".env", &tree.Blob{Mode: 0o640, Data: []byte("new")}); err != nil {
				t.Fatal(err)
			}
			f, err := p.Read(".env")
			if err != nil || string(f.Data) != "new" || f.Mode != 0o640 {
				t.Errorf(".env = %+v, %v", f, err)
			}
			if data, err := os.ReadFile(outside); err != nil || string(data) != "old" {
				t.Errorf("outside = %q, %v", data, err)
			}
			if _, err := os.Lstat(part); !os.IsNotExist(err) {
				t.Errorf("the part is there: %v", err)
			}
		})
	}
}

// The remedy for what cannot be read is about what is there.
func TestReadHint(t *testing.T) {
	for name, tt := range map[string]struct {
		plant func(dir string) error
		want  string
	}{
		"a file in the place of its directory": {func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "internal"), nil, 0o644)
		}, "move away what is in the place of its directory"},
		"a link in the place of its directory": {func(dir string) error {
			return os.Symlink(t.TempDir(), filepath.Join(dir, "internal"))
		}, "move away what is in the place of its directory"},
		"a directory in its place": {func(dir string) error {
			return os.MkdirAll(filepath.Join(dir, "internal", "file.go"), 0o755)
		}, "make it a plain file"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := tt.plant(dir); err != nil {
				t.Fatal(err)
			}
			p, err := Open(dir, tree.New(nil))
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			_, err = p.Read("internal/file.go")
			if err == nil || !strings.Contains(ReadHint(err), tt.want) {
				t.Errorf("Read = %v with the hint %q, want %q", err, ReadHint(err), tt.want)
			}
		})
	}
	err := &fs.PathError{Op: "open", Path: "file.go", Err: syscall.EACCES}
	if got := ReadHint(err); !strings.Contains(got, "readable and writable for you") {
		t.Errorf("ReadHint(%v) = %q", err, got)
	}
}

// A journal that cannot be read says which directory to remove, and what is lost with it.
func TestReadJournalHint(t *testing.T) {
	for dir, want := range map[string]string{
		txDir:   "compare with version control, then remove the directory " + txDir,
		undoDir: "remove the directory " + undoDir + "; the last run can then not be undone",
	} {
		project := t.TempDir()
		name := filepath.Join(project, filepath.FromSlash(dir), journalName)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Open(project, tree.New(nil))
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		_, err = p.readJournal(dir)
		var damaged *problem.Problem
		if !errors.As(err, &damaged) || !strings.Contains(damaged.Fact, "is damaged") ||
			!strings.Contains(damaged.Hint, want) {
			t.Errorf("a damaged journal in %s: %v, %#v, want it damaged, with the hint %q", dir, err, damaged, want)
		}
	}
}
