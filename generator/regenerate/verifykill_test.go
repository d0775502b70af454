//go:build unix

package regenerate_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/project"
)

// A run that is killed while the compiler works leaves nothing but its stage, and
// the next run removes that.
func TestKilledWhileCompiling(t *testing.T) {
	if os.Getenv("REGENERATE_IN") != "" {
		g := engine()
		cs := plan(t, g, os.Getenv("REGENERATE_IN"), changeset.Options{}, "store", "cookie")
		changeset.Apply(ctx, cs, changeset.ApplyOptions{})
		return
	}
	g := engine()
	dir := sample(t, g, "captcha.enabled", "false", "demo", "false")
	before := snapshot(t, dir)
	// A go command that says that it runs, and never ends by itself.
	bin := t.TempDir()
	write(t, bin, "go", "#!/bin/sh\nmkdir "+bin+"/running\nexec sleep 60\n")
	if err := os.Chmod(filepath.Join(bin, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	child := exec.Command(os.Args[0], "-test.run=^TestKilledWhileCompiling$")
	child.Env = append(os.Environ(), "REGENERATE_IN="+dir, "PATH="+bin+":"+os.Getenv("PATH"))
	child.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the go command goes with it
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(bin, "running")); err == nil {
			break
		}
		if time.Since(start) > time.Minute {
			t.Fatal("the go command was not started")
		}
	}
	added := filepath.Join(dir, "internal/store/cookie")
	if _, err := os.Stat(added); err == nil {
		t.Error("a directory of a new package is made before the project compiles")
	}
	syscall.Kill(-child.Process.Pid, syscall.SIGKILL)
	child.Wait()

	left := snapshot(t, dir)
	for name := range left {
		if strings.HasPrefix(name, ".sessionseed/tx/") {
			delete(left, name)
		}
	}
	same(t, "killed", left, before)
	said, err := project.Recover(dir, engine().Owned())
	for start := time.Now(); errors.Is(err, project.ErrBusy) && time.Since(start) < 10*time.Second; {
		time.Sleep(time.Millisecond) // what was being started when it was killed has the lock for a moment
		said, err = project.Recover(dir, engine().Owned())
	}
	if err != nil || !strings.Contains(said.Text, "before it changed anything") {
		t.Errorf("Recover: %+v, %v", said, err)
	}
	same(t, "recovered", snapshot(t, dir), before)
	if _, err := os.Stat(added); err == nil {
		t.Error("an empty directory is left behind")
	}
}
