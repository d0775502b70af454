package generator

import (
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("CREATE_IN"); dir != "" { // the child that TestCreateKilled kills
		if err := Create(context.Background(), dir, sampleTree(300), false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func sampleTree(n int) *Tree {
	files := []File{{".env", 0o600, Secret, []byte("KEY=1\n")}, {".sessionseed/manifest.json", 0o644, StateFile, []byte("{}\n")}}
	for i := range n {
		files = append(files, File{fmt.Sprintf("d%d/e%d/f%d.txt", i%7, i%3, i), 0o644, Scaffolded, []byte(strings.Repeat("x", i))})
	}
	return newTree(files)
}

// onDisk lists all files under dir with their content.
func onDisk(t *testing.T, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		m[filepath.ToSlash(rel)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func isWhole(t *testing.T, dir string, tree *Tree) bool {
	t.Helper()
	disk := onDisk(t, dir)
	for _, f := range tree.Files {
		if disk[f.Path] != string(f.Data) {
			return false
		}
	}
	return len(disk) == len(tree.Files)
}

func TestCreate(t *testing.T) {
	tree := sampleTree(20)
	ctx := context.Background()
	t.Run("absent, with absent parents", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		if err := Create(ctx, dir, tree, false); err != nil || !isWhole(t, dir, tree) {
			t.Errorf("Create: %v, whole: %v", err, isWhole(t, dir, tree))
		}
		if info, _ := os.Stat(filepath.Join(dir, ".env")); info.Mode().Perm() != 0o600 {
			t.Errorf(".env has mode %v, want 0600", info.Mode())
		}
		if info, _ := os.Stat(dir); info.Mode().Perm()&0o055 == 0 {
			t.Errorf("the project's directory has mode %v, which locks others out", info.Mode())
		}
		if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".sessionseed*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	t.Run("empty directory", func(t *testing.T) {
		dir := t.TempDir()
		if err := Create(ctx, dir, tree, false); err != nil || !isWhole(t, dir, tree) {
			t.Errorf("Create: %v, on disk %v", err, onDisk(t, dir))
		}
	})
	t.Run("not empty", func(t *testing.T) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "mine"), []byte("1"), 0o644)
		err := Create(ctx, dir, tree, false)
		if p := Problems(err); len(p) != 1 || !strings.Contains(p[0].Fact, "mine") || p[0].Hint == "" {
			t.Errorf("Create: %v, want a refusal that names the file", err)
		}
		if disk := onDisk(t, dir); len(disk) != 1 {
			t.Errorf("a refused run wrote %v", disk)
		}
	})
	t.Run("force keeps what is not in the tree", func(t *testing.T) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "mine"), []byte("1"), 0o644)
		os.WriteFile(filepath.Join(dir, ".env"), []byte("OLD"), 0o644)
		if err := Create(ctx, dir, tree, true); err != nil {
			t.Fatal(err)
		}
		disk := onDisk(t, dir)
		if disk["mine"] != "1" || disk[".env"] != "KEY=1\n" || len(disk) != len(tree.Files)+1 {
			t.Errorf("on disk: %v", disk)
		}
	})
	t.Run("a symbolic link does not lead out", func(t *testing.T) {
		dir, outside := t.TempDir(), t.TempDir()
		os.Symlink(outside, filepath.Join(dir, "d1"))
		if err := Create(ctx, dir, tree, true); err == nil {
			t.Error("Create through a link out of the directory: no error")
		}
		if disk := onDisk(t, outside); len(disk) > 0 {
			t.Errorf("written outside: %v", disk)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if err := Create(gone, dir, tree, false); err == nil {
			t.Error("Create with a cancelled context: no error")
		}
		if _, err := os.Stat(filepath.Dir(dir)); err == nil {
			t.Error("a parent that the failed run made is still there")
		}
	})
	t.Run("a file in the way", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		os.WriteFile(file, nil, 0o644)
		for _, dir := range []string{file, filepath.Join(file, "sub")} {
			if p := Problems(Create(ctx, dir, tree, false)); len(p) != 1 || p[0].Hint == "" {
				t.Errorf("Create(%q): %v, want one problem with a hint", dir, p)
			}
		}
	})
}

// A run that is killed at any moment leaves no project or a whole one, and
// the same run again succeeds.
func TestCreateKilled(t *testing.T) {
	tree := sampleTree(300)
	outcomes := map[bool]int{}
	for round := range 24 {
		base := t.TempDir()
		dir := filepath.Join(base, "project")
		if round%2 == 1 {
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "CREATE_IN="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(60)) * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()

		if _, err := os.Stat(dir); round%2 == 0 && err == nil && !isWhole(t, dir, tree) {
			t.Fatalf("round %d: killed, and a part of a project stands", round)
		}
		whole := false
		if _, err := os.Stat(dir); err == nil {
			whole = isWhole(t, dir, tree)
		}
		if whole {
			outcomes[true]++
			continue
		}
		err := Create(context.Background(), dir, tree, false)
		if left, _ := filepath.Glob(filepath.Join(dir, stagePrefix+"*")); err != nil && len(left) == 1 && os.RemoveAll(left[0]) == nil && isWhole(t, dir, tree) {
			outcomes[true]++ // killed after the last file, before its own traces were gone
			continue
		}
		if err != nil {
			t.Fatalf("round %d: the retry: %v", round, err)
		}
		if left, _ := filepath.Glob(filepath.Join(base, ".*")); len(left) > 0 {
			t.Fatalf("round %d: the retry left %v behind", round, left)
		}
		if !isWhole(t, dir, tree) {
			t.Fatalf("round %d: the retry left %d files of %d", round, len(onDisk(t, dir)), len(tree.Files))
		}
		outcomes[false]++
	}
	t.Logf("killed before the end %d times, after it %d times", outcomes[false], outcomes[true])
}
