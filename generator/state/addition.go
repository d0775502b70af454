package state

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// Target is a Go module that packages can be added to.
type Target struct {
	Dir    string
	Module string // its path
	Go     string // the version of its go line, "" for none
}

// FindTarget reads the go.mod in dir. The error says what dir is instead: a project
// already, a directory inside of a module, or nothing of the kind.
func FindTarget(dir string) (*Target, error) {
	data, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
			return nil, problem.New(fmt.Sprintf("there is no directory %q", dir),
				"name the directory with the service's go.mod, or write a new service: sessionseed new DIR")
		}
		if above := moduleAbove(dir); above != "" {
			return nil, problem.New(fmt.Sprintf("%q is inside a Go module, and has no go.mod of its own", dir),
				"name the module's directory: sessionseed add "+problem.ShellQuote(above))
		}
		return nil, problem.New(fmt.Sprintf("%q is not a Go module: it has no go.mod", dir),
			"name the directory with the service's go.mod, or write a new service: sessionseed new DIR")
	case err != nil:
		return nil, problem.New(fmt.Sprintf("cannot read go.mod in %q: %v", dir, project.UnwrapPath(err)),
			"name a Go module that you may read")
	}
	f, err := modfile.ParseLax("go.mod", data, nil)
	if err != nil || f.Module == nil {
		return nil, problem.New(fmt.Sprintf("go.mod in %q has no module line that can be read", dir),
			"give it a line such as module example.com/shop; if it has one, this says what is wrong, and where: go -C "+
				problem.ShellQuote(dir)+" mod edit -json")
	}
	for _, name := range []string{project.ManifestPath, "sessionseed.yaml"} {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return nil, problem.New(fmt.Sprintf("%q is a sessionseed project already: it has %s", dir, name),
				"change its options with sessionseed regenerate; sessionseed regenerate --undo takes back the last run")
		}
	}
	t := &Target{Dir: dir, Module: f.Module.Mod.Path}
	if f.Go != nil {
		t.Go = f.Go.Version
	}
	return t, nil
}

// moduleAbove is the nearest directory above dir with a go.mod, as seen from the
// working directory, or "".
func moduleAbove(dir string) string {
	full, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for at := filepath.Dir(full); ; at = filepath.Dir(at) {
		if _, err := os.Stat(filepath.Join(at, "go.mod")); err == nil {
			if here, err := os.Getwd(); err == nil {
				if rel, err := filepath.Rel(here, at); err == nil {
					return rel
				}
			}
			return at
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// shared are the files that a module may have already and keeps.
var shared = []string{"go.mod", "go.sum", ".env", ".env.example", ".gitignore"}

// CheckAddable is the reason why the packages of t, which go below into, cannot be
// added to a project: what is there already. All reasons are reported at once.
func CheckAddable(p *project.Project, t *tree.Tree, into string) error {
	var problems []error
	packages := map[string]bool{} // directories of the new tree with Go files
	var files []string
	for _, f := range t.Files {
		switch {
		case path.Ext(f.Path) == ".go":
			packages[path.Dir(f.Path)] = true
		case slices.Contains(shared, f.Path):
		default:
			if _, err := p.Root.Lstat(filepath.FromSlash(f.Path)); err == nil {
				files = append(files, f.Path)
			}
		}
	}
	for dir := into; dir != "."; dir = path.Dir(dir) {
		info, err := p.Root.Lstat(filepath.FromSlash(dir))
		if err != nil {
			continue
		}
		if !info.IsDir() {
			problems = append(problems, problem.For("into", fmt.Sprintf("%s is not a directory", dir),
				"put the packages elsewhere: --dir "+freeDirectory(p)))
		}
		if _, err := p.Root.Lstat(filepath.FromSlash(dir + "/go.mod")); err == nil {
			problems = append(problems, problem.For("into", fmt.Sprintf("%s is a Go module of its own", dir),
				"put the packages elsewhere with --dir, or add to that module: sessionseed add "+
					problem.ShellQuote(filepath.Join(p.Dir, filepath.FromSlash(dir)))))
		}
	}
	var dirs []string
	for dir := range packages {
		if name, there := packageIn(p, dir); there && strings.HasPrefix(dir, into+"/") {
			text := dir
			if name != "" && name != path.Base(dir) {
				text += " (package " + name + ")"
			}
			dirs = append(dirs, text)
		} else if there {
			files = append(files, dir)
		}
	}
	if slices.Sort(dirs); len(dirs) > 0 {
		problems = append(problems, problem.For("into", "there are packages of yours in "+strings.Join(dirs, ", "),
			"put the generated ones elsewhere: --dir "+freeDirectory(p)))
	}
	slices.Sort(files)
	if files = slices.Compact(files); len(files) > 0 {
		option, hint := "into", "move it away"
		if strings.HasPrefix(files[0], "demo") {
			option, hint = "demo", "move it away, or do without the demo: --demo=false"
		}
		problems = append(problems, problem.For(option, "there is something of yours at "+strings.Join(files, ", "),
			hint))
	}
	return errors.Join(problems...)
}

// packageIn is the name of the package in a directory that is on disk with any Go
// file, whatever its build constraints.
func packageIn(p *project.Project, dir string) (name string, there bool) {
	entries, err := fs.ReadDir(p.Root.FS(), dir)
	if err != nil {
		_, err := p.Root.Lstat(filepath.FromSlash(dir))
		return "", err == nil // a file, or nothing
	}
	for _, e := range entries {
		if path.Ext(e.Name()) != ".go" {
			continue
		}
		there = true
		src, err := p.Read(dir + "/" + e.Name())
		if err != nil || src == nil {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", src.Data, parser.PackageClauseOnly)
		if err == nil {
			return f.Name.Name, true
		}
	}
	return "", there
}

// freeDirectory is a directory in which nothing is, and which can be made.
func freeDirectory(p *project.Project) string {
	for _, parent := range []string{"internal", "."} {
		if info, err := p.Root.Lstat(parent); err == nil && !info.IsDir() {
			continue // a file, or a link
		}
		for _, name := range []string{"auth", "sessions", "sessionseed"} {
			dir := path.Join(parent, name)
			if _, err := p.Root.Lstat(filepath.FromSlash(dir)); errors.Is(err, fs.ErrNotExist) {
				return dir
			}
		}
	}
	return "DIRECTORY"
}
