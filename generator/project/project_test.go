package project

import (
	"os"
	"path/filepath"
	"testing"

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
