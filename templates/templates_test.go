package templates

import (
	"io/fs"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// The embed directive silently leaves out directories with a go.mod, links and odd
// names, and a .gitignore may keep a file out of the repository: what is embedded and
// what is on disk must be one list, of which git ignores nothing.
func TestEmbeddedIsOnDiskAndTracked(t *testing.T) {
	list := func(fsys fs.FS) (names []string) {
		for _, dir := range []string{"service", "text"} {
			err := fs.WalkDir(fsys, dir, func(name string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() {
					names = append(names, name)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		return names
	}
	embedded, disk := list(FS()), list(os.DirFS("."))
	if !slices.Equal(embedded, disk) {
		t.Errorf("embedded:\n%s\non disk:\n%s", strings.Join(embedded, "\n"), strings.Join(disk, "\n"))
	}
	for _, name := range disk {
		if out, err := exec.Command("git", "check-ignore", "-v", name).CombinedOutput(); err == nil {
			t.Errorf("git ignores a template: %s", out)
		}
	}
}

func TestNoGoSourceIsMadeFromText(t *testing.T) {
	entries, err := fs.ReadDir(FS(), "text")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), ".go") {
			t.Errorf("text/%s looks like Go source: move it to service/", e.Name())
		}
	}
}
