package state

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
	"github.com/sessionseed/sessionseed/golden/scratch"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv("CREATE_IN"); dir != "" { // the child that TestCreateKilled kills
		if err := createTree(context.Background(), dir, sampleTree(300), false); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	scratch.InMemory()
	m.Run()
}

func sampleTree(n int) *tree.Tree {
	files := []tree.File{
		{Path: ".env", Mode: 0o600, Class: tree.Secret, Data: []byte("KEY=1\n")},
		{Path: "go.mod", Mode: 0o644, Class: tree.Modules, Data: []byte("module m\n")},
	}
	for i := range n {
		files = append(
			files,
			tree.File{
				Path:  fmt.Sprintf("d%d/e%d/f%d.txt", i%7, i%3, i),
				Mode:  0o644,
				Class: tree.Scaffolded,
				Data:  []byte(strings.Repeat("x", i)),
			},
		)
	}
	return tree.New(files)
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

func createTree(ctx context.Context, dir string, whole *tree.Tree, force bool) error {
	_, err := Create(ctx, dir, Creation{Tree: whole, Options: options.Defaults(), Version: "v1.0.0", Generated: whole,
		Force: force})
	return err
}

// isWhole reports whether dir is the project, machine state included, and no more.
func isWhole(t *testing.T, dir string, whole *tree.Tree) bool {
	t.Helper()
	disk := onDisk(t, dir)
	whole, err := WithState(whole, options.Defaults(), "v1.0.0", whole)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range whole.Files {
		if disk[f.Path] != string(f.Data) {
			return false
		}
	}
	return len(disk) == len(whole.Files)
}

func TestCreate(t *testing.T) {
	whole := sampleTree(20)
	ctx := context.Background()
	t.Run("absent, with absent parents", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "a", "b")
		if err := createTree(ctx, dir, whole, false); err != nil || !isWhole(t, dir, whole) {
			t.Errorf("Create: %v, whole: %v", err, isWhole(t, dir, whole))
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
	t.Run("a name that no file system takes, below absent parents", func(t *testing.T) {
		parent := filepath.Join(t.TempDir(), "a")
		if err := createTree(ctx, filepath.Join(parent, strings.Repeat("b", 300)), whole, false); err == nil {
			t.Error("Create: no error")
		}
		if _, err := os.Stat(parent); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("left behind: %s (%v)", parent, err)
		}
	})
	t.Run("empty directory", func(t *testing.T) {
		dir := t.TempDir()
		if err := createTree(ctx, dir, whole, false); err != nil || !isWhole(t, dir, whole) {
			t.Errorf("Create: %v, on disk %v", err, onDisk(t, dir))
		}
	})
	t.Run("not empty", func(t *testing.T) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "mine"), []byte("1"), 0o644)
		err := createTree(ctx, dir, whole, false)
		if p := problem.List(err); len(p) != 1 || !strings.Contains(p[0].Fact, "mine") || p[0].Hint == "" {
			t.Errorf("Create: %v, want one refusal that names the file, with a hint", err)
		}
		if disk := onDisk(t, dir); len(disk) != 1 {
			t.Errorf("after a refused run there is %v, want mine alone", disk)
		}
	})
	t.Run("force keeps what is not in the tree", func(t *testing.T) {
		dir := t.TempDir()
		os.WriteFile(filepath.Join(dir, "mine"), []byte("1"), 0o644)
		os.WriteFile(filepath.Join(dir, ".env"), []byte("OLD"), 0o644)
		if err := createTree(ctx, dir, whole, true); err != nil {
			t.Fatal(err)
		}
		disk := onDisk(t, dir)
		if disk["mine"] != "1" || disk[".env"] != "KEY=1\n" || len(disk) != len(whole.Files)+3 {
			t.Errorf("on disk: %v", disk)
		}
	})
	t.Run("a symbolic link does not lead out", func(t *testing.T) {
		dir, outside := t.TempDir(), t.TempDir()
		os.Symlink(outside, filepath.Join(dir, "d1"))
		if err := createTree(ctx, dir, whole, true); err == nil {
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
		if err := createTree(gone, dir, whole, false); err == nil {
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
			if p := problem.List(createTree(ctx, dir, whole, false)); len(p) != 1 || p[0].Hint == "" {
				t.Errorf("Create(%q): %v, want one problem with a hint", dir, p)
			}
		}
	})
}

// What a repository begins with is not an obstacle and stays.
func TestCreateInANewRepository(t *testing.T) {
	whole := sampleTree(20).With(tree.File{Path: "README.md", Mode: 0o644, Class: tree.Scaffolded,
		Data: []byte("# Generated\n")},
		tree.File{Path: ".gitignore", Mode: 0o644, Class: tree.Scaffolded, Data: []byte("/.env\n/shop\n")})
	dir := t.TempDir()
	before := map[string]string{
		".git/config": "[core]\n",
		"README.md":   "# Mine\n",
		"LICENSE":     "MIT\n",
		".gitignore":  "/shop\n*.log",
	}
	for name, text := range before {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	c := Creation{Tree: whole, Options: options.Defaults(), Version: "v1.0.0", Generated: whole}
	shown, err := Preview(dir, c)
	if err != nil {
		t.Fatal(err)
	}
	made, err := Create(context.Background(), dir, c)
	if err != nil || !slices.Equal(made.Kept, []string{".gitignore", "README.md"}) || made.Replaced != nil {
		t.Fatalf("Create = %+v, %v", made, err)
	}
	if !reflect.DeepEqual(shown, made) {
		t.Errorf("the preview was %+v, and written was %+v", shown, made)
	}
	disk := onDisk(t, dir)
	for _, f := range made.Tree.Files {
		if disk[f.Path] != string(f.Data) {
			t.Errorf("%s is %q, and the result says %q", f.Path, disk[f.Path], f.Data)
		}
	}
	for name, text := range before {
		if name == ".gitignore" {
			text = "/shop\n*.log\n/.env\n"
		}
		if disk[name] != text {
			t.Errorf("%s is %q, want %q", name, disk[name], text)
		}
	}
	if len(disk) != len(whole.Files)+len(before)-2+2 {
		t.Errorf("%d files on disk", len(disk))
	}
	p, err := project.Open(dir, whole)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	st, err := ReadState(p)
	if err != nil {
		t.Fatal(err)
	}
	if _, known := st.File("README.md"); known {
		t.Error("the owner's README counts as generated")
	}
}

// A run that is killed at any moment leaves what the same run takes back, or a
// whole project.
func TestCreateKilled(t *testing.T) {
	whole := sampleTree(300)
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

		err := createTree(context.Background(), dir, whole, false)
		done := err != nil // the killed run had come to its end
		if _, recover := project.Recover(dir, whole); recover != nil {
			t.Fatalf("round %d: Recover: %v", round, recover)
		}
		if !isWhole(t, dir, whole) {
			t.Fatalf("round %d: the retry, %v, left %d files, not the whole project", round, err, len(onDisk(t, dir)))
		}
		outcomes[done]++
	}
	t.Logf("killed before the end %d times, after it %d times", outcomes[false], outcomes[true])
}
