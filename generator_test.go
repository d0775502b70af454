package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/golden"
	"github.com/sessionseed/sessionseed/golden/postgrestest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	postgrestest.Stop()
	os.Exit(code)
}

// go mod tidy would change nothing: only the store decides what is required,
// so one project a store, with every other part in and then out.
func TestModulesAreTidy(t *testing.T) {
	for _, c := range golden.Combinations() {
		all := c.Captcha == "pow" && c.Demo && c.AllTests && c.CSRF && c.Clear && c.Koa
		none := c.Captcha == "off" && !c.Demo && !c.AllTests && !c.CSRF && !c.Clear && !c.Koa
		if !all && !none {
			continue
		}
		t.Run(c.String(), func(t *testing.T) {
			o := c.Options()
			dir := created(t, o)
			if out := golden.GoCommand(t, dir, golden.Environment(t, o), "mod", "tidy", "-diff"); out != "" {
				t.Errorf("go mod tidy would change:\n%s", out)
			}
		})
	}
}

// created is a project of the options, in a directory of the test.
func created(t *testing.T, o options.Options) string {
	t.Helper()
	tree, err := golden.Engine.Render(o, golden.Secrets)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "project")
	if _, err := state.Create(context.Background(), dir, state.Creation{Tree: tree, Options: o,
		Version: golden.Engine.Version, Generated: golden.Engine.Owned()}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The binary itself, in an empty directory, cut off from every network.
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
