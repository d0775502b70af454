package project

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

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
	p, err := Open(dir, killableOwned())
	if err != nil {
		t.Fatal(err)
	}
	if os.Getenv("TRANSACTION_RECOVER") != "" {
		_, err = p.recover(step)
	} else {
		err = p.replaceAll(killableChanges(p), false, step)
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

// settled recovers and says which of the two states the project is in.
func settled(t *testing.T, what, dir string, old, new map[string]string) string {
	t.Helper()
	for name, text := range projectFiles(t, dir) {
		if text != old[name] && text != new[name] {
			t.Fatalf("%s: half a file: %s is %q", what, name, text)
		}
	}
	if _, err := Recover(dir, killableOwned()); err != nil {
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
	t.Fatalf("%s: neither the old nor the new project: %v, run.sh executable: %t", what, now, executable)
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
		p, err := Open(dir, killableOwned())
		if err != nil {
			t.Fatal(err)
		}
		committed := p.Interrupted()
		p.Close()
		got := settled(t, fmt.Sprintf("killed at step %d", n), dir, old, new)
		if committed && got != "new" {
			t.Errorf("killed at step %d, after the commit: the project is %s, want it finished", n, got)
		}
		outcome[got]++
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
		said, err := Recover(dir, killableOwned())
		if got := projectFiles(t, dir)["a"]; err != nil || got != "edited since" {
			t.Errorf("killed at step %d: a is %q, %+v, %v", n, got, said, err)
		}
	}
}
