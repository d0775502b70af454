package cli

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/sessionseed/sessionseed/golden/scratch"
)

// TestMain puts the test binary into PATH as the program.
func TestMain(m *testing.M) {
	scratch.InMemory()
	testscript.Main(m, map[string]func(){
		"sessionseed": func() {
			os.Exit(
				Main(
					Process{
						Args:    os.Args[1:],
						Stdin:   os.Stdin,
						Stdout:  os.Stdout,
						Stderr:  os.Stderr,
						Environ: os.Environ(),
					},
				),
			)
		},
	})
}

// entries are the names in a directory.
func entries(t *testing.T, dir string) []string {
	t.Helper()
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range list {
		names = append(names, e.Name())
	}
	return names
}
