package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var (
	screenshots = flag.String("screenshots", "", "`directory` to write pictures of the demo page to")
	generator   = flag.String("generator", "", "`path` of a sessionseed to test, instead of one built from the "+
		"parent directory")
)

// Set once by TestMain.
var (
	runDir          string // everything that the run writes
	generatorBinary string // the generator's binary
)

func TestMain(m *testing.M) {
	flag.Parse()
	os.Exit(withRunDir(m.Run))
}

// withRunDir builds the generator in a directory that is gone afterwards.
func withRunDir(run func() int) int {
	var err error
	if runDir, err = os.MkdirTemp("", "sessionseed-e2e-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(runDir)
	if *generator != "" {
		if generatorBinary, err = filepath.Abs(*generator); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return run()
	}
	generatorBinary = filepath.Join(runDir, "sessionseed")
	build := exec.Command("go", "build", "-o", generatorBinary, ".")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the generator: %v\n%s", err, out)
		return 1
	}
	return run()
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := writeNew(name, text); err != nil {
		t.Fatal(err)
	}
}

// writeNew writes a file and makes the directories that it lies in.
func writeNew(name, text string) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o600)
}
