package golden

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

func TestRecordedProjectsProveThemselves(t *testing.T) {
	if *update {
		t.Skip("they are being recorded")
	}
	archives, err := filepath.Glob("*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("golden projects: %q, %v", archives, err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			third := false
			for _, f := range a.Files {
				data := f.Data
				if strings.HasSuffix(f.Name, ".min.js") { // recorded by hash
					if data, err = os.ReadFile(filepath.Join("../templates/service", f.Name)); err != nil {
						t.Fatal(err)
					}
				}
				third = third || f.Name == "go.sum"
				file := filepath.Join(dir, f.Name)
				if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			var env []string
			if !third {
				env = Offline(t)
			}
			Prove(t, dir, env)
		})
	}
}
