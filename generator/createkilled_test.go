package generator

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// killedAt leaves dir as a Create within it does that is killed once n of the
// files are in place.
func killedAt(t *testing.T, dir string, tree *Tree, n int) {
	t.Helper()
	stage, err := makeStage(dir, stagePrefix)
	if err == nil {
		err = writeTree(context.Background(), filepath.Join(stage, "files"), tree)
	}
	if err == nil {
		err = writeJournal(stage, tree)
	}
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, f := range tree.Files[:n] {
		if err := moveFile(root, filepath.Join(filepath.Base(stage), "files"), f.Path); err != nil {
			t.Fatal(err)
		}
	}
}

// A run that was killed after its last file has made a project, and what was
// made of it since is its owner's: no later run takes it back.
func TestCreateKilledAfterTheLastFile(t *testing.T) {
	tree, other := sampleTree(20), newTree([]File{{"other.txt", 0o644, Scaffolded, []byte("other")}})
	for _, owner := range []struct {
		name string
		does func(dir string) error
	}{
		{"as it was written", func(string) error { return nil }},
		{"a file removed since", func(dir string) error { return os.Remove(filepath.Join(dir, "d1", "e1", "f1.txt")) }},
		{"a file of the owner's", func(dir string) error { return os.WriteFile(filepath.Join(dir, "mine"), nil, 0o644) }},
	} {
		for _, force := range []bool{false, true} {
			dir := t.TempDir()
			killedAt(t, dir, tree, len(tree.Files))
			if err := owner.does(dir); err != nil {
				t.Fatal(err)
			}
			before := onDisk(t, dir)
			err := Create(context.Background(), dir, other, force)
			after := onDisk(t, dir)
			if force {
				delete(after, "other.txt")
				maps.DeleteFunc(before, func(name, _ string) bool { return strings.HasPrefix(name, stagePrefix) })
			}
			if (err == nil) != force || !maps.Equal(before, after) {
				t.Errorf("%s, force %v: Create = %v, and of %d files there are %d", owner.name, force, err, len(before), len(after))
			}
		}
	}
}

// What a run left that was killed before its last file is taken back, but not
// where something of the owner's has come to stand beside it: that run is
// refused, and a refused run removes nothing.
func TestCreateKilledBeforeTheLastFile(t *testing.T) {
	tree := sampleTree(20)
	for _, n := range []int{0, 1, len(tree.Files) - 1} {
		dir := t.TempDir()
		killedAt(t, dir, tree, n)
		if err := Create(context.Background(), dir, tree, false); err != nil || !isWhole(t, dir, tree) {
			t.Errorf("after %d files: the retry: %v, with %d files on disk", n, err, len(onDisk(t, dir)))
		}
	}
	for _, mine := range []string{"mine.txt", "d1/mine.txt", "d1/e1/f1.txt"} {
		dir := t.TempDir()
		killedAt(t, dir, tree, len(tree.Files)-1)
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(mine)), []byte("mine"), 0o644); err != nil {
			t.Fatal(err)
		}
		before := onDisk(t, dir)
		err := Create(context.Background(), dir, tree, false)
		first, _, _ := strings.Cut(mine, "/")
		if p := Problems(err); len(p) != 1 || !strings.Contains(p[0].Fact, "it holds "+first) {
			t.Errorf("with %s beside it: Create = %v, want a refusal that names %s", mine, err, first)
		}
		if !maps.Equal(before, onDisk(t, dir)) {
			t.Errorf("with %s beside it: the refused run changed the directory", mine)
		}
	}
}

// The directories for a file are made one by one, and a run can be killed
// between them.
func TestCreateKilledBetweenTwoDirectories(t *testing.T) {
	dir, tree := t.TempDir(), newTree([]File{{"d/e/f.txt", 0o644, Scaffolded, []byte("f")}})
	killedAt(t, dir, tree, 0)
	if err := os.Mkdir(filepath.Join(dir, "d"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Create(context.Background(), dir, tree, false); err != nil || !isWhole(t, dir, tree) {
		t.Errorf("the retry: %v, on disk %v", err, onDisk(t, dir))
	}
}

// The first run on a project that was made so removes what is left of that.
func TestRecoverDropsACreationsStage(t *testing.T) {
	for _, missing := range []int{0, 1} {
		dir, tree := t.TempDir(), sampleTree(20)
		killedAt(t, dir, tree, len(tree.Files)-missing)
		before := onDisk(t, dir)
		if _, err := Recover(dir); err != nil {
			t.Fatal(err)
		}
		if got := isWhole(t, dir, tree); got != (missing == 0) {
			t.Errorf("killed with %d files to go: the project alone: %v", missing, got)
		}
		if missing > 0 && !maps.Equal(before, onDisk(t, dir)) {
			t.Errorf("killed with %d files to go: files went", missing)
		}
	}
}
