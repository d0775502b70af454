package golden

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
)

// GoCommand runs the go command in dir with extra environment and returns what
// it printed. All runs share one build cache with the go test that runs them, and so
// its flags: with GOFLAGS=-trimpath, equal packages of two projects are built once.
func GoCommand(t testing.TB, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), append([]string{"GOWORK=off"}, env...)...)
	var out, said bytes.Buffer // what it downloads is said aside
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Errorf("go %s in %s: %v\n%s%s", strings.Join(args, " "), filepath.Base(dir), err, &out, &said)
	}
	return out.String()
}

// Offline cuts the go command off: no proxy, and an empty module cache.
func Offline(t testing.TB) []string {
	t.Helper()
	return []string{"GOPROXY=off", "GOFLAGS=" + os.Getenv("GOFLAGS") + " -mod=mod", "GOMODCACHE=" + t.TempDir()}
}

// Prove runs what an emitted project promises about itself. One command does it all:
// it compiles every package, vets it, and runs its tests.
func Prove(t testing.TB, dir string, env []string) {
	t.Helper()
	GoCommand(t, dir, env, "test", "-vet=all", "./...")
	if out, err := exec.Command("gofmt", "-l", dir).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("gofmt -l: %v\n%s", err, out)
	}
}

// Environment cuts off projects that promise to need no network; the others
// find their driver in this module's own download cache.
func Environment(t testing.TB, o options.Options) []string {
	t.Helper()
	if o.Store == "memory" || o.Store == "cookie" {
		return Offline(t)
	}
	return nil
}
