package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/golden"
	"github.com/sessionseed/sessionseed/golden/postgrestest"
	"github.com/sessionseed/sessionseed/golden/scratch"
)

func TestMain(m *testing.M) {
	scratch.InMemory()
	code := m.Run()
	postgrestest.Stop()
	os.Exit(code)
}

// The binary itself, in an empty directory, without other commands, module proxy and module cache.
func TestNewWithoutNetwork(t *testing.T) {
	bin := filepath.Join(t.TempDir(), "sessionseed")
	golden.GoCommand(t, ".", nil, "build", "-o", bin, ".")
	work := t.TempDir()
	cmd := exec.Command(bin, "new", "shop", "--yes", "--module", "example.com/shop",
		"--public-url", "http://localhost:8080", "--cors-origin", "http://localhost:5173")
	cmd.Dir = work
	cmd.Env = []string{"HOME=" + t.TempDir(), "PATH=/nonexistent", "GOPROXY=off", "GOMODCACHE=" + t.TempDir()}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		t.Fatalf("new: %v\n%s%s", err, stdout.Bytes(), stderr.Bytes())
	}
	t.Logf("from exec to files on disk: %v", time.Since(start).Round(time.Millisecond))

	dir := filepath.Join(work, "shop")
	env := golden.Offline(t)
	golden.Prove(t, dir, env)
	if out := golden.GoCommand(t, dir, env, "mod", "tidy", "-diff"); out != "" {
		t.Errorf("go mod tidy would change:\n%s", out)
	}
	info, err := os.Stat(filepath.Join(dir, ".env"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf(".env: %v, %v, want mode 0600", info, err)
	}
	secret, err := os.ReadFile(filepath.Join(dir, ".env"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(secret)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && strings.Contains(name, "KEY") &&
			len(value) > 20 {
			for where, text := range map[string]string{"stdout": stdout.String(), "stderr": stderr.String()} {
				if strings.Contains(text, value) {
					t.Errorf("%s prints the value of %s", where, name)
				}
			}
		}
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
		t.Error("new made a git repository, which nobody asked for")
	}
}
