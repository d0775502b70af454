package project

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Creation is a project that is about to be made.
type Creation struct {
	Tree      *tree.Tree // without machine state
	Options   options.Options
	Version   string     // of the generator
	Generated *tree.Tree // see [Open]
	Force     bool       // into a directory that is not empty: files of the tree replace those of the same path
}

// Create makes the project in dir, all or nothing, as a transaction whose before
// is nothing: a failure leaves nothing behind, and what a run leaves that is
// killed is taken back by the next one, or finished by [Recover].
//
// dir may be absent or empty, and may hold what a new repository begins with (see
// [CheckVacant]). kept names those of its files that are in the place of a
// generated one and stay: a README as it is, a .gitignore with the missing lines
// added at its end.
func Create(ctx context.Context, dir string, c Creation) (kept []string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := CheckVacant(dir, c.Generated, c.Force); err != nil {
		return nil, err
	}
	made, err := makeParents(dir)
	if err != nil {
		return nil, createProblem(dir, err)
	}
	defer func() {
		if err != nil {
			for _, p := range slices.Backward(made) {
				os.Remove(p) // only what this run made, and only while it is empty
			}
			err = createProblem(dir, err)
		}
	}()
	p, err := Open(dir, c.Generated)
	if err != nil {
		return nil, err
	}
	defer p.Close()
	unlock, err := p.Lock()
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := p.takeBackCreation(); err != nil {
		return nil, err
	}
	changes, kept, err := p.creation(c)
	if err != nil {
		return nil, err
	}
	t := &transaction{p: p, create: true, step: func(string) error { return ctx.Err() }}
	if err = t.stage(changes); err == nil {
		t.step = func(string) error { return nil } // from here on it is taken back, or done
		err = t.Commit()
	}
	if err != nil && !p.Interrupted() {
		_ = p.Sweep()
	}
	return kept, err
}

// maxInTheWay bounds what a creation replaces, in bytes: it is in memory at once.
const maxInTheWay = 64 << 20

// creation lists the files to write, machine state last.
func (p *Project) creation(c Creation) (changes []tree.Change, kept []string, err error) {
	var written []tree.File
	inTheWay := 0
	for _, f := range c.Tree.Files {
		before, err := p.Read(f.Path)
		if err != nil {
			return nil, nil, problem.New(f.Path+" "+err.Error(), ReadHint(err))
		}
		if before != nil {
			inTheWay += len(before.Data)
		}
		if inTheWay > maxInTheWay {
			return nil, nil, problem.New(
				fmt.Sprintf("the files to replace have more than %d MiB", maxInTheWay>>20),
				"move them away and run the command again",
			)
		}
		after := f.Blob()
		switch {
		case before == nil || c.Force:
		case f.Path == ".gitignore":
			after = &tree.Blob{Mode: before.Mode, Data: withLines(before.Data, f.Data)}
			kept = append(kept, f.Path)
		default: // CheckVacant lets no other through
			kept = append(kept, f.Path)
			continue
		}
		written = append(written, f)
		changes = append(changes, tree.Change{Path: f.Path, Class: f.Class, Before: before, After: after})
	}
	state, err := p.StateChanges(tree.New(written), nil, c.Options, c.Version)
	return append(changes, state...), kept, err
}

// withLines is a list of lines with those of another that it lacks at its end.
func withLines(list, others []byte) []byte {
	have := map[string]bool{}
	for l := range strings.Lines(string(list)) {
		have[strings.TrimSpace(l)] = true
	}
	out := bytes.Clone(list)
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	for l := range strings.Lines(string(others)) {
		if !have[strings.TrimSpace(l)] {
			out = append(out, l...)
		}
	}
	return out
}

// begins are what a directory may hold that is to become a project: what a new
// repository begins with. A generated README.md or .gitignore gives way to one of
// them.
var begins = []string{
	".git",
	".gitignore",
	".gitattributes",
	"README.md",
	"README",
	"LICENSE",
	"LICENSE.md",
	"LICENSE.txt",
	"COPYING",
}

// Begins reports whether a project may have had the file before it was generated,
// so that one there which is not the generator's is its owner's and no obstacle.
func Begins(name string) bool { return slices.Contains(begins, name) }

// CheckVacant is the reason why [Create] would refuse to write into dir, nil if
// it would not. What a killed creation left there is no reason: Create takes it
// back. Nothing is written.
func CheckVacant(dir string, generated *tree.Tree, force bool) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		if info, stat := os.Stat(dir); stat == nil && !info.IsDir() {
			return problem.New(fmt.Sprintf("%q is a file, not a directory", dir), "choose another name")
		}
		return problem.New(
			fmt.Sprintf("cannot look into %q: %v", dir, unwrapPath(err)),
			"choose another directory, or fix its permissions",
		)
	case force:
		return nil
	}
	p, err := Open(dir, generated)
	if err != nil {
		return err
	}
	defer p.Close()
	left := p.leftByCreation()
	var names []string
	for _, e := range entries {
		if !Begins(e.Name()) && !p.allOf(e.Name(), left) {
			names = append(names, e.Name())
		}
	}
	if len(names) > 0 {
		return problem.New(fmt.Sprintf("directory %q is not empty: it holds %s", dir, listed(names)),
			"choose another directory; --force writes into this one, and regenerate changes an existing project")

	}
	return nil
}

// leftByCreation lists the files that a killed creation left in the project, with
// their hashes, and their directories with none: what it staged, and what it had
// moved into place. One that came to its last file made a project, and left nothing.
func (p *Project) leftByCreation() map[string]string {
	left := map[string]string{stateDir: "", txDir: ""}
	if !p.Interrupted() {
		return left
	}
	t, err := p.readJournal(txDir)
	if err != nil || !t.create || t.applied() {
		return nil // what is there is a project
	}
	for _, op := range t.ops {
		left[op.Path] = op.New
		for d := path.Dir(op.Path); d != "."; d = path.Dir(d) {
			left[d] = ""
		}
	}
	return left
}

// applied reports whether no change waits to be made: one that was made and that
// its owner has gone on from counts as well.
func (t *transaction) applied() bool {
	for n, op := range t.ops {
		if _, err := t.p.Root.Lstat(local(staged("new", n))); err == nil && op.New != "" {
			return false
		}
	}
	return true
}

// errOther means that something is not what a killed creation left.
var errOther = errors.New("something else")

// allOf reports whether nothing but what is listed is at and below name. What is
// in the transaction's directory is the generator's own.
func (p *Project) allOf(name string, left map[string]string) bool {
	return fs.WalkDir(p.Root.FS(), name, func(name string, e fs.DirEntry, err error) error {
		sum, known := left[name]
		switch {
		case name == txDir && known:
			return fs.SkipDir
		case err != nil || !known || e.IsDir() != (sum == ""):
			return errOther
		case !e.IsDir():
			if f, err := p.Read(name); err != nil || f.Sum() != sum {
				return errOther
			}
		}
		return nil
	}) == nil
}

// takeBackCreation removes what a killed creation left. Another interrupted run is
// for [Recover] to judge.
func (p *Project) takeBackCreation() error {
	if !p.Interrupted() {
		return p.Sweep()
	}
	t, err := p.readJournal(txDir)
	if err != nil {
		return err
	}
	if !t.create || t.applied() {
		_, err := p.recover(nil)
		return err
	}
	_, err = t.back()
	return err
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

// createProblem puts what the system said into a sentence with a remedy.
func createProblem(dir string, err error) error {
	var said *problem.Problem
	if errors.Is(err, context.Canceled) || errors.As(err, &said) {
		return err
	}
	return problem.New(fmt.Sprintf("cannot write %q: %v; nothing was left behind", dir, unwrapPath(err)),
		"make room or choose a directory that you may write to, and run the command again")

}

func listed(names []string) string {
	slices.Sort(names)
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return strings.Join(names, ", ")
}
