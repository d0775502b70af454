package state

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// stateFile reads a file of the state with the ends of lines that it was written
// with, nil if there is no manifest. Any other that is missing is an error.
func stateFile(p *project.Project, name string) ([]byte, error) {
	f, err := p.Read(name)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return nil, problem.New(name+" "+err.Error(), project.ReadHint(err))
	case err != nil:
		return nil, problem.New(name+" "+err.Error(), restoreHint)
	case f == nil && name == project.ManifestPath:
		return nil, nil
	case f == nil:
		return nil, damaged(name, errors.New("it is missing"))
	case bytes.HasPrefix(f.Data, []byte("version https://git-lfs.github.com/spec/")):
		return nil, problem.New(name+" is a Git LFS pointer, not the file", "get it with git lfs pull, or "+AdoptHint)
	case path.Ext(name) == ".zip":
		return f.Data, nil
	}
	return withoutCR(f.Data), nil
}

// fileState checks what a manifest says of a file.
func fileState(p *project.Project, name string, class tree.Class, mode string) (FileState, error) {
	bits, err := parseMode(mode)
	f, _ := p.Owned.Files.File(name)
	switch {
	case !p.Owned.Generated(name):
		return FileState{}, damaged(project.ManifestPath,
			fmt.Errorf("it names %q, which sessionseed does not generate", name))
	case err != nil:
		return FileState{}, damaged(project.ManifestPath, fmt.Errorf("%q has the mode %q", name, mode))
	case f.Class == tree.Modules || f.Class == tree.Config:
		class = f.Class
	case class != tree.Generated && class != tree.Scaffolded:
		return FileState{}, damaged(project.ManifestPath, fmt.Errorf("%q has the class %q", name, class))
	}
	return FileState{name, class, p.Owned.Mode(name, bits, nil)}, nil
}

// parseMode reads an octal mode, without bits that a state has no say in.
func parseMode(text string) (fs.FileMode, error) {
	mode, err := strconv.ParseUint(text, 8, 32)
	return fs.FileMode(mode) & fs.ModePerm, err
}

// AdoptHint is the way out of a state that is lost or damaged.
const AdoptHint = "start again from the files as they are: sessionseed regenerate --adopt"

const restoreHint = "restore " + project.StateDir + " from version control, or " + AdoptHint

func damaged(name string, err error) error {
	return problem.New(fmt.Sprintf("%s is damaged: %v", name, err), restoreHint)
}
