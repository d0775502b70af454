//go:build long

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/sessionseed/sessionseed/golden"
)

// TestGoInstall: go install takes the module from a proxy as it would from the public one, here a directory. The zip is
// made of the files in git's index (git add a change first) by the rules of the proxies, so a file that they leave out
// is missing here too.
func TestGoInstall(t *testing.T) {
	const path, version = "github.com/sessionseed/sessionseed", "v0.0.1"
	cache := strings.TrimSpace(golden.GoCommand(t, ".", nil, "env", "GOMODCACHE"))
	proxy := t.TempDir()
	dir := filepath.Join(proxy, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	archive, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	tracked := t.TempDir()
	if out, err := exec.Command("git", "checkout-index", "--all", "--prefix="+tracked+"/").CombinedOutput(); err != nil {
		t.Fatalf("git checkout-index: %v\n%s", err, out)
	}
	if err := zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, tracked); err != nil {
		t.Fatal(err)
	}
	gomod, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"list": version + "\n", version + ".mod": string(gomod),
		version + ".info": `{"Version":"` + version + `","Time":"2026-11-01T00:00:00Z"}`} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}

	bin, work := t.TempDir(), t.TempDir()
	env := []string{"GOPROXY=file://" + proxy + ",file://" + filepath.Join(cache, "cache", "download"), "GONOSUMDB=*",
		"GOMODCACHE=" + t.TempDir(), "GOFLAGS=-modcacherw -trimpath", "GOBIN=" + bin, "GOWORK=off"}
	golden.GoCommand(t, work, env, "install", path+"@latest")
	installed := filepath.Join(bin, "sessionseed")
	for _, run := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "sessionseed " + version + " "},
		{[]string{"new", "shop", "--yes", "--module", "example.com/shop"}, "Created shop"},
		{[]string{"check", "shop"}, "Up to date"},
	} {
		cmd := exec.Command(installed, run.args...)
		cmd.Dir = work
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), run.want) {
			t.Errorf("sessionseed %s: %v, want %q:\n%s", strings.Join(run.args, " "), err, run.want, out)
		}
	}
}
