package project

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/tree"
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
	old = map[string]string{
		"a":                         "old a",
		"gone/b":                    "old b",
		"run.sh":                    "#!/bin/sh",
		"mine":                      "mine",
		StateDir + "/manifest.json": "old",
	}
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
	new["a"], new["added/deep/c"], new[StateDir+"/manifest.json"] = "new a", "new c", "new"
	for i := range n {
		new[fmt.Sprintf("many/%d", i)] = "new"
	}
	return old, new
}

// killableOwned is what a generator of such projects makes.
func killableOwned() *tree.Tree {
	files := []tree.File{{Path: "run.sh", Mode: 0o755}}
	for _, name := range []string{"a", "gone/b", "added/deep/c"} {
		files = append(files, tree.File{Path: name, Mode: 0o644})
	}
	for i := range 1000 {
		files = append(files, tree.File{Path: fmt.Sprintf("many/%d", i), Mode: 0o644})
	}
	return tree.New(files)
}

func killableChanges(p *Project) []tree.Change {
	var changes []tree.Change
	names := []string{"a", "gone/b", "added/deep/c", "run.sh"}
	for i := 0; ; i++ {
		name := fmt.Sprintf("many/%d", i)
		if f, _ := p.Read(name); f == nil {
			break
		}
		names = append(names, name)
	}
	for _, name := range append(names, StateDir+"/manifest.json") {
		before, _ := p.Read(name)
		c := tree.Change{Path: name, Before: before, After: &tree.Blob{Mode: 0o644, Data: []byte("new")}}
		switch name {
		case "a", "added/deep/c":
			c.After.Data = []byte("new " + name[len(name)-1:])
		case "gone/b":
			c.After = nil
		case "run.sh":
			c.After = &tree.Blob{Mode: 0o755, Data: before.Data}
		}
		changes = append(changes, c)
	}
	return changes
}

// projectFiles is what is in a project, machine leftovers left out.
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

// A disk that is full at any step leaves the project as it was and says so.
func TestDiskFullAtEachStep(t *testing.T) {
	for n := 1; ; n++ {
		dir, old, new := killable(t, 0)
		p, err := Open(dir, killableOwned())
		if err != nil {
			t.Fatal(err)
		}
		i, name := 0, ""
		err = p.replaceAll(killableChanges(p), false, func(step string) error {
			if i++; i == n {
				name = step
				return &os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
			}
			return nil
		})
		p.Close()
		if name == "" {
			if err != nil {
				t.Errorf("without a failure: %v", err)
			} else if got := settled(t, "no failure", dir, old, new); got != "new" {
				t.Errorf("without a failure: the project is %s", got)
			}
			return
		}
		if err == nil {
			t.Errorf("full at %q: no error", name)
		} else if said := WriteProblem(err).Error(); !strings.Contains(said, "disk is full") {
			t.Errorf("full at %q: %s, want a full disk", name, said)
		}
		if got := settled(t, "full at "+name, dir, old, new); got != "old" {
			t.Errorf("full at %q: the project is %s", name, got)
		}
	}
}

func TestUndo(t *testing.T) {
	dir, old, new := killable(t, 3)
	if err := Undo(dir, killableOwned()); err == nil {
		t.Error("undo without a run: no error")
	}
	p, err := Open(dir, killableOwned())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if err := p.replaceAll(killableChanges(p), false, nil); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"old", "new", "old"} {
		if err := Undo(dir, killableOwned()); err != nil {
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
	if err := Undo(dir, killableOwned()); err == nil || !strings.Contains(err.Error(), "a was changed") {
		t.Errorf("undo over a later edit: %v", err)
	}
	if !maps.Equal(projectFiles(t, dir), before) {
		t.Error("a refused undo wrote something")
	}
}

// What somebody took back by hand is no obstacle to an undo, and all of it leaves nothing to undo.
func TestUndoOfWhatWasTakenBack(t *testing.T) {
	for _, all := range []bool{false, true} {
		dir, old, new := killable(t, 3)
		p, err := Open(dir, killableOwned())
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		changes := killableChanges(p)
		if err := p.replaceAll(changes, false, nil); err != nil {
			t.Fatal(err)
		}
		back := changes[:3] // one that was changed, one that was deleted and one that was added
		if all {
			back = changes
		}
		for _, c := range back {
			if c.Before == nil {
				err = os.RemoveAll(filepath.Join(dir, filepath.Dir(c.Path)))
			} else if err = os.MkdirAll(filepath.Join(dir, filepath.Dir(c.Path)), 0o755); err == nil {
				_ = os.Remove(filepath.Join(dir, c.Path))
				err = os.WriteFile(filepath.Join(dir, c.Path), c.Before.Data, c.Before.Mode)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		last := ReadLastRun(dir, killableOwned())
		if all != (last == nil) || !all && slices.Contains(last.Restored, "a") {
			t.Errorf("all taken back %v: the last run would restore %+v", all, last)
		}
		if err := Undo(dir, killableOwned()); (err != nil) != all {
			t.Errorf("all taken back %v: %v", all, err)
		}
		if got := settled(t, "undo", dir, old, new); got != "old" {
			t.Errorf("all taken back %v: the project is %s", all, got)
		}
	}
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

// A run that can neither go on nor back does not say that the project is as it was.
func TestNeitherFinishedNorRolledBack(t *testing.T) {
	dir, _, _ := killable(t, 0)
	p, err := Open(dir, killableOwned())
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	applied := 0
	err = p.replaceAll(killableChanges(p), false, func(name string) error {
		if strings.HasPrefix(name, "apply ") {
			applied++
		}
		if applied > 1 {
			return &fs.PathError{Op: "rename", Path: "a", Err: syscall.EROFS}
		}
		return nil
	})
	list := problem.List(err)
	if len(list) != 1 || strings.Contains(list[0].Fact, "as it was") ||
		!strings.Contains(list[0].Fact, "half written") || !strings.Contains(list[0].Hint, "sessionseed regenerate") {
		t.Errorf("the problems are %v, want one half-written project, and the hint to run sessionseed regenerate", list)
	}
	if !p.Interrupted() {
		t.Error("no run is left to finish")
	}
}
