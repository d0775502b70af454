package state

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// killedAt leaves dir in the state left by a Create in it that was killed once n of the
// files were in place.
func killedAt(t *testing.T, dir string, whole *tree.Tree, n int) {
	t.Helper()
	p, err := project.Open(dir, whole)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	changes, _, err := creation(p, Creation{Tree: whole, Options: options.Defaults(), Version: "v1.0.0"})
	if err != nil {
		t.Fatal(err)
	}
	if n == len(whole.Files) {
		n = len(changes) // machine state too
	}
	dead, done := errors.New("killed here"), 0
	step := func(name string) error {
		applying := strings.HasPrefix(name, "apply ")
		if applying {
			done++
		}
		if done > n || !applying && done == n && n == len(changes) || strings.HasPrefix(name, "take back ") ||
			name == "drop journal" {
			return dead
		}
		return nil
	}
	err = p.Create(context.Background(), changes, step)
	if err == nil || !strings.Contains(err.Error(), dead.Error()) {
		t.Fatalf("Create = %v, want it stopped after %d files", err, n)
	}
}

// A run that was killed after its last file has made a project, and what was
// made of it since is its owner's: no later run takes it back.
func TestCreateKilledAfterTheLastFile(t *testing.T) {
	whole, other := sampleTree(20), tree.New([]tree.File{{Path: "other.txt", Mode: 0o644, Class: tree.Scaffolded,
		Data: []byte("other")}})
	for _, owner := range []struct {
		name string
		does func(dir string) error
	}{
		{"as it was written", func(string) error { return nil }},
		{"a file removed since", func(dir string) error { return os.Remove(filepath.Join(dir, "d1", "e1", "f1.txt")) }},
		{"a file of the owner's", func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "mine"), nil,
				0o644)
		}},
	} {
		for _, force := range []bool{false, true} {
			dir := t.TempDir()
			killedAt(t, dir, whole, len(whole.Files))
			if err := owner.does(dir); err != nil {
				t.Fatal(err)
			}
			before := onDisk(t, dir)
			err := createTree(context.Background(), dir, other, force)
			after := onDisk(t, dir)
			if force {
				delete(after, "other.txt")
			}
			for _, m := range []map[string]string{before, after} {
				maps.DeleteFunc(m, func(name, _ string) bool { return strings.HasPrefix(name, project.StateDir+"/") })
			}
			if (err == nil) != force || !maps.Equal(before, after) {
				t.Errorf("%s, force %v: Create = %v, and the files were %v and are %v", owner.name, force, err,
					before, after)
			}
		}
	}
}

// What a run left that was killed before its last file is taken back, but not where a
// file of the owner's was put beside it: the next run is then refused, and a refused
// run removes nothing.
func TestCreateKilledBeforeTheLastFile(t *testing.T) {
	whole := sampleTree(20)
	for _, n := range []int{0, 1, len(whole.Files) - 1} {
		dir := t.TempDir()
		killedAt(t, dir, whole, n)
		shown, err := Preview(dir,
			Creation{Tree: whole, Options: options.Defaults(), Version: "v1.0.0", Generated: whole})
		if err != nil || shown.Kept != nil || shown.Replaced != nil || shown.Count() != len(whole.Files)+2 {
			t.Errorf("after %d files: the preview: %v, keeps %q, replaces %q, %d files", n, err, shown.Kept,
				shown.Replaced, shown.Count())
		}
		if err := createTree(context.Background(), dir, whole, false); err != nil || !isWhole(t, dir, whole) {
			t.Errorf("after %d files: the retry: %v, on disk %v", n, err, onDisk(t, dir))
		}
	}
	for _, mine := range []string{"mine.txt", "d1/mine.txt", "d1/e1/f1.txt"} {
		dir := t.TempDir()
		killedAt(t, dir, whole, len(whole.Files)-1)
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(mine)), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		before := onDisk(t, dir)
		err := createTree(context.Background(), dir, whole, false)
		first, _, _ := strings.Cut(mine, "/")
		if p := problem.List(err); len(p) != 1 || !strings.Contains(p[0].Fact, "it holds "+first) {
			t.Errorf("with %s beside it: Create = %v, want one refusal: it holds %s", mine, err, first)
		}
		if !maps.Equal(before, onDisk(t, dir)) {
			t.Errorf("with %s beside it: the refused run changed the directory", mine)
		}
	}
}

// The directories for a file are made one by one, and a run can be killed
// between them.
func TestCreateKilledBetweenTwoDirectories(t *testing.T) {
	dir, whole := t.TempDir(), tree.New([]tree.File{{Path: "d/e/f.txt", Mode: 0o644, Class: tree.Scaffolded,
		Data: []byte("f")}})
	killedAt(t, dir, whole, 0)
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := createTree(context.Background(), dir, whole, false); err != nil || !isWhole(t, dir, whole) {
		t.Errorf("the retry: %v, on disk %v", err, onDisk(t, dir))
	}
}

// The first run on a project whose creation was killed finishes it; if that was after
// the last file, whatever was made of it since.
func TestRecoverFinishesACreation(t *testing.T) {
	whole := sampleTree(20)
	for _, missing := range []int{0, 1, len(whole.Files)} {
		dir := t.TempDir()
		killedAt(t, dir, whole, len(whole.Files)-missing)
		if _, err := project.Recover(dir, whole); err != nil || !isWhole(t, dir, whole) {
			t.Errorf("killed with %d files to go: %v, on disk %v", missing, err, onDisk(t, dir))
		}
		if err := project.Undo(dir, whole); err == nil || !isWhole(t, dir, whole) {
			t.Errorf("undo of a creation: %v, want an error and the whole project; on disk %v", err, onDisk(t, dir))
		}
	}
	dir := t.TempDir()
	killedAt(t, dir, whole, len(whole.Files))
	if err := os.Remove(filepath.Join(dir, "d1", "e1", "f1.txt")); err != nil {
		t.Fatal(err)
	}
	if _, err := project.Recover(dir, whole); err != nil || len(onDisk(t, dir)) != len(whole.Files)+1 {
		t.Errorf("with a file removed since: %v, with %d files on disk", err, len(onDisk(t, dir)))
	}
}
