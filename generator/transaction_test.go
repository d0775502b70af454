package generator

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// killable is a project between two states that the tests below tell apart:
// a file changed, one removed with its directory, one added with a directory,
// one made executable, and n more changed.
func killable(t *testing.T, n int) (dir string, old, new map[string]string) {
	t.Helper()
	dir = t.TempDir()
	old, new = killableIn(t, dir, n)
	return dir, old, new
}

func killableIn(t *testing.T, dir string, n int) (old, new map[string]string) {
	t.Helper()
	old = map[string]string{"a": "old a", "gone/b": "old b", "run.sh": "#!/bin/sh", "mine": "mine", stateDir + "/manifest.json": "old"}
	for i := range n {
		old[fmt.Sprintf("many/%d", i)] = "old"
	}
	for name, text := range old {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	new = maps.Clone(old)
	delete(new, "gone/b")
	new["a"], new["added/deep/c"], new[stateDir+"/manifest.json"] = "new a", "new c", "new"
	for i := range n {
		new[fmt.Sprintf("many/%d", i)] = "new"
	}
	return old, new
}

func killableChanges(p *project) []FileChange {
	var changes []FileChange
	names := []string{"a", "gone/b", "added/deep/c", "run.sh"}
	for i := 0; ; i++ {
		name := fmt.Sprintf("many/%d", i)
		if f, _ := p.read(name); f == nil {
			break
		}
		names = append(names, name)
	}
	for _, name := range append(names, stateDir+"/manifest.json") {
		before, _ := p.read(name)
		c := FileChange{Path: name, before: before, after: &diskFile{0o644, []byte("new")}}
		switch name {
		case "a", "added/deep/c":
			c.after.data = []byte("new " + name[len(name)-1:])
		case "gone/b":
			c.after = nil
		case "run.sh":
			c.after = &diskFile{0o755, before.data}
		}
		changes = append(changes, c)
	}
	return changes
}

// TestTransactionChild is what the tests below run in a process of its own and
// kill; in an ordinary run it has nothing to do.
func TestTransactionChild(t *testing.T) {
	dir := os.Getenv("TRANSACTION_IN")
	if dir == "" {
		return
	}
	at, _ := strconv.Atoi(os.Getenv("TRANSACTION_KILL_AT"))
	n := 0
	step := func(string) error {
		if n++; n == at {
			self, err := os.FindProcess(os.Getpid())
			if err != nil {
				return err
			}
			if err := self.Kill(); err != nil {
				return err
			}
			select {} // it may take a moment
		}
		return nil
	}
	p, err := openProject(dir)
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("TRANSACTION_RECOVER") != "" {
		_, err = p.recover(step)
	} else {
		err = p.replaceAll(killableChanges(p), step)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// child runs TestTransactionChild and reports whether it came to its end.
func child(t *testing.T, dir string, killAt int, recovering bool, delay time.Duration) bool {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestTransactionChild$")
	cmd.Env = append(os.Environ(), "TRANSACTION_IN="+dir, "TRANSACTION_KILL_AT="+strconv.Itoa(killAt))
	if recovering {
		cmd.Env = append(cmd.Env, "TRANSACTION_RECOVER=1")
	}
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if delay > 0 {
		time.AfterFunc(delay, func() { cmd.Process.Kill() })
	}
	err := cmd.Wait()
	if err != nil && cmd.ProcessState != nil && cmd.ProcessState.ExitCode() > 0 {
		t.Fatalf("child: %v\n%s", err, out.String())
	}
	return err == nil
}

// projectFiles is what stands in a project, machine leftovers left out.
func projectFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := onDisk(t, dir)
	for name := range m {
		if strings.HasPrefix(name, undoDir+"/") || strings.HasPrefix(name, txDir+"/") {
			delete(m, name)
		}
	}
	return m
}

// settled recovers and says which of the two states the project is in.
func settled(t *testing.T, what, dir string, old, new map[string]string) string {
	t.Helper()
	for name, text := range projectFiles(t, dir) {
		if text != old[name] && text != new[name] {
			t.Fatalf("%s: half a file: %s is %q", what, name, text)
		}
	}
	if _, err := Recover(dir); err != nil {
		t.Fatalf("%s: Recover: %v", what, err)
	}
	if _, err := os.Stat(filepath.Join(dir, txDir)); err == nil {
		t.Fatalf("%s: leftovers", what)
	}
	info, err := os.Stat(filepath.Join(dir, "run.sh"))
	if err != nil {
		t.Fatal(err)
	}
	now, executable := projectFiles(t, dir), info.Mode()&0o100 != 0
	switch {
	case maps.Equal(now, old) && !executable:
		return "old"
	case maps.Equal(now, new) && executable:
		return "new"
	}
	t.Fatalf("%s: neither the old nor the new project: %v", what, now)
	return ""
}

// Killed with -9 at each step, and the recovery at each of its steps: the
// project is always all old or all new.
func TestKilledAtEachStep(t *testing.T) {
	outcome := map[string]int{}
	for n := 1; ; n++ {
		dir, old, new := killable(t, 0)
		if child(t, dir, n, false, 0) {
			if n < 15 {
				t.Errorf("the run has only %d steps", n-1)
			}
			break
		}
		p, err := openProject(dir)
		if err != nil {
			t.Fatal(err)
		}
		committed := p.interrupted()
		p.close()
		outcome[settled(t, fmt.Sprintf("killed at step %d", n), dir, old, new)]++
		for m := 1; committed; m++ {
			dir, old, new := killable(t, 0)
			child(t, dir, n, false, 0)
			done := child(t, dir, m, true, 0)
			outcome[settled(t, fmt.Sprintf("killed at step %d, recovery at %d", n, m), dir, old, new)]++
			if done {
				break
			}
		}
	}
	t.Logf("outcomes: %v", outcome)
	if outcome["old"] == 0 || outcome["new"] == 0 {
		t.Errorf("outcomes %v, want both kinds", outcome)
	}
}

// Killed after random delays, up to as long as a run takes.
func TestKilledAtRandom(t *testing.T) {
	dir, _, _ := killable(t, 60)
	began := time.Now()
	child(t, dir, 0, false, 0)
	whole := time.Since(began)
	outcome := map[string]int{}
	for range 16 {
		dir, old, new := killable(t, 60)
		child(t, dir, 0, false, 1+time.Duration(rand.Int64N(int64(whole))))
		outcome[settled(t, "killed at random", dir, old, new)]++
	}
	t.Logf("outcomes: %v", outcome)
}

// A disk that is full at any step leaves the project as it was and says so.
func TestDiskFullAtEachStep(t *testing.T) {
	for n := 1; ; n++ {
		dir, old, new := killable(t, 0)
		p, err := openProject(dir)
		if err != nil {
			t.Fatal(err)
		}
		i, name := 0, ""
		err = p.replaceAll(killableChanges(p), func(step string) error {
			if i++; i == n {
				name = step
				return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
			}
			return nil
		})
		p.close()
		if name == "" {
			if err != nil || settled(t, "no failure", dir, old, new) != "new" {
				t.Errorf("without a failure: %v", err)
			}
			return
		}
		if err == nil || !strings.Contains(applyProblem(err).Error(), "disk is full") {
			t.Errorf("full at %q: %v", name, err)
		}
		if got := settled(t, "full at "+name, dir, old, new); got != "old" {
			t.Errorf("full at %q: the project is %s", name, got)
		}
	}
}

// What someone changes between the kill and the next run is never overwritten.
func TestRecoverKeepsLaterEdits(t *testing.T) {
	for n := 1; ; n++ {
		dir, _, _ := killable(t, 0)
		if child(t, dir, n, false, 0) {
			return
		}
		if err := os.WriteFile(filepath.Join(dir, "a"), []byte("edited since"), 0o644); err != nil {
			t.Fatal(err)
		}
		said, err := Recover(dir)
		if got := projectFiles(t, dir)["a"]; err != nil || got != "edited since" {
			t.Errorf("killed at step %d: a is %q, %q, %v", n, got, said, err)
		}
	}
}

func TestUndo(t *testing.T) {
	dir, old, new := killable(t, 3)
	if err := Undo(dir); err == nil {
		t.Error("undo without a run: no error")
	}
	p, err := openProject(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.replaceAll(killableChanges(p), nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"old", "new", "old"} {
		if err := Undo(dir); err != nil {
			t.Fatal(err)
		}
		if got := settled(t, "undo", dir, old, new); got != want {
			t.Errorf("undo %d: the project is %s, want %s", i+1, got, want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "a"), []byte("edited since"), 0o644); err != nil {
		t.Fatal(err)
	}
	before := projectFiles(t, dir)
	if err := Undo(dir); err == nil || !strings.Contains(err.Error(), "a was changed") {
		t.Errorf("undo over a later edit: %v", err)
	}
	if !maps.Equal(projectFiles(t, dir), before) {
		t.Error("a refused undo wrote something")
	}
}
