package generator

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stagePrefix begins the names of directories that a creation works in. One
// that was left behind by a killed run holds nothing of the owner's.
const stagePrefix = ".sessionseed-stage-" // beside a target, with "." and its name before it

// Create writes tree to dir, all or nothing: everything is staged beside the
// target and renamed at the end, so a failure or a kill at any moment leaves
// either no project or a whole one, and the same call can be repeated.
//
// dir may be absent, or an empty directory. One that is not empty is refused
// unless force is set: then files of the tree replace files of the same path,
// one by one, and nothing else is touched. See [Vacant].
func Create(ctx context.Context, dir string, tree *Tree, force bool) error {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if err := Vacant(dir, force); err != nil {
		return err
	}
	names, stages, err := standing(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return createBeside(ctx, dir, tree)
	case err != nil:
		return writeProblem(dir, err)
	}
	for _, stage := range stages {
		if err := clearStage(dir, stage); err != nil {
			return writeProblem(dir, err)
		}
	}
	return createWithin(ctx, dir, tree, len(names) == 0)
}

// createBeside stages in a sibling of dir and renames it into place.
func createBeside(ctx context.Context, dir string, tree *Tree) (err error) {
	parent := filepath.Dir(dir)
	made, err := makeParents(parent)
	if err != nil {
		return writeProblem(parent, err)
	}
	prefix := "." + filepath.Base(dir) + stagePrefix
	removeStages(parent, prefix)
	stage, err := makeStage(parent, prefix)
	if err == nil {
		if err = writeTree(ctx, stage, tree); err == nil {
			err = os.Rename(stage, dir)
		}
	}
	if err != nil {
		if stage != "" {
			os.RemoveAll(stage)
		}
		for _, p := range slices.Backward(made) {
			os.Remove(p) // only what this run made, and only while it is empty
		}
		return writeProblem(dir, err)
	}
	return nil
}

// createWithin stages inside dir, which exists (the caller's shell may stand
// in it, so it is not replaced), and moves file by file. In a directory that
// was empty a journal lets a failed run, or the next one after a kill, take
// back what was moved.
func createWithin(ctx context.Context, dir string, tree *Tree, empty bool) (err error) {
	stage, err := makeStage(dir, stagePrefix)
	if err != nil {
		return writeProblem(dir, err)
	}
	name := filepath.Base(stage)
	defer func() {
		if err == nil || !empty {
			os.RemoveAll(stage)
		} else if undo := takeBack(dir, name); undo != nil {
			err = &Problem{"", fmt.Sprintf("cannot write %q, nor take back what was written: %v", dir, unwrapPath(undo)),
				"make it a directory that you may write to, and run the command again, which takes back the rest"} // by the journal, which stays
		}
	}()
	if err := writeTree(ctx, filepath.Join(stage, "files"), tree); err != nil {
		return writeProblem(dir, err)
	}
	if empty {
		if err := writeJournal(stage, tree); err != nil {
			return writeProblem(dir, err)
		}
	}
	root, err := os.OpenRoot(dir) // a symbolic link in dir cannot lead a write out of it
	if err != nil {
		return writeProblem(dir, err)
	}
	defer root.Close()
	for _, f := range tree.Files {
		if err := moveFile(root, filepath.Join(name, "files"), f.Path); err != nil {
			return writeProblem(filepath.Join(dir, filepath.FromSlash(f.Path)), err)
		}
	}
	return nil
}

func moveFile(root *os.Root, stage, name string) error {
	local := filepath.FromSlash(name)
	if d := filepath.Dir(local); d != "." {
		if err := root.MkdirAll(d, 0o755); err != nil {
			return err
		}
	}
	return root.Rename(filepath.Join(stage, local), local)
}

// writeTree writes all files of tree under dir, which is this run's own.
func writeTree(ctx context.Context, dir string, tree *Tree) error {
	made := map[string]bool{}
	w := writers{free: make(chan struct{}, parallelWrites)}
	for _, f := range tree.Files {
		if ctx.Err() != nil {
			break
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		if d := filepath.Dir(name); !made[d] {
			if err := os.MkdirAll(d, 0o755); err != nil {
				_ = w.wait() // nothing may be written after this
				return err
			}
			made[d] = true
		}
		if w.do(func() error { return writeFile(name, f) }) != nil {
			break
		}
	}
	return cmp.Or(w.wait(), ctx.Err())
}

func writeFile(name string, f File) error {
	err := os.WriteFile(name, f.Data, f.Mode)
	if err == nil && f.Class == Secret { // whatever the umask added or took
		err = os.Chmod(name, f.Mode)
	}
	return err
}

// removeStages removes what killed runs for the same target left behind. Of
// two runs at the same time the first then fails, which loses nothing.
func removeStages(parent, prefix string) {
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			os.RemoveAll(filepath.Join(parent, e.Name()))
		}
	}
}

func makeStage(parent, prefix string) (string, error) {
	var b [6]byte
	rand.Read(b[:])
	stage := filepath.Join(parent, prefix+hex.EncodeToString(b[:]))
	return stage, os.Mkdir(stage, 0o755) // MkdirTemp would make it 0700, and it becomes the project's directory
}

// makeParents makes the missing ancestors of dir and dir itself, and returns
// what it made, outermost first.
func makeParents(dir string) ([]string, error) {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || d == filepath.Dir(d) {
			break
		}
		missing = append(missing, d)
	}
	slices.Reverse(missing)
	for i, d := range missing {
		if err := os.Mkdir(d, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return missing[:i], err
		}
	}
	return missing, nil
}

func writeProblem(dir string, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &Problem{"", fmt.Sprintf("cannot write %q: %v; nothing was left behind", dir, unwrapPath(err)),
		"make room or choose a directory that you may write to, and run the command again"}
}

func unwrapPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) {
		return l.Err
	}
	return err
}
