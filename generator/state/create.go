package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Creation is a project that is about to be made.
type Creation struct {
	Tree      *tree.Tree // without machine state
	Options   options.Options
	Version   string     // of the generator
	Generated *tree.Tree // see [project.Open]
	Force     bool       // into a directory that is not empty: files of the tree replace those of the same path
}

// Created is what a creation writes.
type Created struct {
	Tree     *tree.Tree // the files as they are written, with those of .sessionseed/
	Kept     []string   // the owner's files that stay, a .gitignore with more lines
	Replaced []string   // the owner's files that gave way, with Force
}

// Count is how many files of the tree are the generator's.
func (c Created) Count() int {
	n := len(c.Tree.Files)
	for _, f := range c.Tree.Files {
		if slices.Contains(c.Kept, f.Path) {
			n--
		}
	}
	return n
}

// Create makes the project in dir, all or nothing, as a transaction whose before
// is nothing: a failure leaves nothing behind, and what a run leaves that is
// killed is taken back by the next one, or finished by [project.Recover].
//
// dir may be absent or empty, and may hold what a new repository begins with (see
// [CheckVacant]). Of these files, those in the place of a generated one stay: a
// README as it is, a .gitignore with the missing lines added at its end.
func Create(ctx context.Context, dir string, c Creation) (made Created, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return made, err
	}
	if err := CheckVacant(dir, c.Generated, c.Force); err != nil {
		return made, err
	}
	parents, err := makeParents(dir)
	defer func() {
		if err != nil {
			for _, p := range slices.Backward(parents) {
				os.Remove(p) // only what this run made, and only while it is empty
			}
			err = createProblem(dir, err)
		}
	}()
	if err != nil {
		return made, err
	}
	p, err := project.Open(dir, c.Generated)
	if err != nil {
		return made, err
	}
	defer p.Close()
	p.In(c.Options.Into)
	unlock, err := p.Lock()
	if err != nil {
		return made, err
	}
	defer unlock()
	if err := p.TakeBackCreation(); err != nil {
		return made, err
	}
	changes, made, err := creation(p, c)
	if err != nil {
		return made, err
	}
	return made, p.Create(ctx, changes, nil)
}

// Preview is what [Create] would write into dir, unless [CheckVacant] refuses it. Nothing is written.
func Preview(dir string, c Creation) (made Created, err error) {
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		made.Tree, err = WithState(c.Tree, c.Options, c.Version, c.Generated)
		return made, err
	}
	p, err := project.Open(dir, c.Generated)
	if err != nil {
		return made, err
	}
	defer p.Close()
	p.In(c.Options.Into)
	_, made, err = creation(p, c)
	return made, err
}

// maxInTheWay bounds what a creation replaces, in bytes: it is in memory at once.
const maxInTheWay = 64 << 20

// creation lists the files to write, machine state last. What a killed creation left counts as not there.
func creation(p *project.Project, c Creation) (changes []tree.Change, made Created, err error) {
	var recorded, written []tree.File
	left := p.LeftByCreation()
	inTheWay := 0
	for _, f := range c.Tree.Files {
		before, err := p.Read(f.Path)
		if err != nil {
			return nil, made, problem.New(f.Path+" "+err.Error(), project.ReadHint(err))
		}
		if before != nil && left[f.Path] == before.Sum() {
			before = nil
		}
		if before != nil {
			inTheWay += len(before.Data)
		}
		if inTheWay > maxInTheWay {
			return nil, made, problem.New(fmt.Sprintf("the files to replace have more than %d MiB", maxInTheWay>>20),
				"move them away and run the command again")
		}
		after := f.Blob()
		switch {
		case before == nil:
		case c.Force:
			made.Replaced = append(made.Replaced, f.Path)
		case f.Path == ".gitignore":
			after = &tree.Blob{Mode: before.Mode, Data: WithLines(before.Data, f.Data)}
			made.Kept = append(made.Kept, f.Path)
		default: // CheckVacant lets no other through
			made.Kept = append(made.Kept, f.Path)
			continue
		}
		recorded = append(recorded, f)
		written = append(written, f.As(after))
		changes = append(changes, tree.Change{Path: f.Path, Class: f.Class, Before: before, After: after})
	}
	state, err := StateChanges(p, tree.New(recorded), nil, c.Options, c.Version)
	for _, s := range state {
		if s.After == nil {
			continue
		}
		if s.Before != nil && left[s.Path] != s.Before.Sum() {
			made.Replaced = append(made.Replaced, s.Path)
		}
		written = append(written, tree.File{Path: s.Path, Class: s.Class}.As(s.After))
	}
	made.Tree = tree.New(written)
	return append(changes, state...), made, err
}

// WithLines is a list of lines with those of another that it lacks at its end.
func WithLines(list, others []byte) []byte {
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
// repository begins with. A README.md stays in place of the generated one; a
// .gitignore gets the lines of the generated one that it lacks.
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
		return problem.New(fmt.Sprintf("cannot look into %q: %v", dir, project.UnwrapPath(err)),
			"choose another directory, or fix its permissions")
	case force:
		return nil
	}
	p, err := project.Open(dir, generated)
	if err != nil {
		return err
	}
	defer p.Close()
	left := p.LeftByCreation()
	var names []string
	for _, e := range entries {
		if !Begins(e.Name()) && !p.AllOf(e.Name(), left) {
			names = append(names, e.Name())
		}
	}
	if len(names) > 0 {
		hint := "choose another directory; regenerate changes an existing project, and --force overwrites its files " +
			"and keys"
		if slices.Contains(names, "go.mod") && !slices.Contains(names, "sessionseed.yaml") {
			hint = "choose another directory; to add sessions to the Go module here: sessionseed add " +
				problem.ShellQuote(dir)
		}
		return problem.New(fmt.Sprintf("directory %q is not empty: it holds %s", dir, listed(names)), hint)
	}
	return nil
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
	return problem.New(fmt.Sprintf("cannot write %q: %v; nothing was left behind", dir, project.UnwrapPath(err)),
		"make room or choose a directory that you may write to, and run the command again")

}

func listed(names []string) string {
	slices.Sort(names)
	if len(names) > 3 {
		return strings.Join(names[:3], ", ") + fmt.Sprintf(" and %d more", len(names)-3)
	}
	return strings.Join(names, ", ")
}
