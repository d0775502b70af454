package state

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/gomod"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// CurrentOptions reads the options of the project in dir as a plan sees
// them before any change: sessionseed.yaml over the last generation's.
func CurrentOptions(dir string, generated *tree.Tree) (options.Options, error) {
	// Damage of the state is for a plan to report, or to do without.
	present, _, _, err := readOptions(dir, generated)
	return present, err
}

// GeneratedOptions are those of the last generation, where it and sessionseed.yaml can be read.
func GeneratedOptions(dir string, generated *tree.Tree) (options.Options, error) {
	_, last, unread, err := readOptions(dir, generated)
	return last, cmp.Or(err, unread)
}

// readOptions returns both and, apart from err, in unread why the state of the last generation could not be read.
func readOptions(dir string, generated *tree.Tree) (present, last options.Options, unread, err error) {
	p, err := project.Open(dir, generated)
	if err != nil {
		return present, last, nil, err
	}
	defer p.Close()
	st, unread := ReadState(p)
	if errors.Is(unread, ErrNoState) {
		if err := CheckIsProject(p); err != nil {
			return present, last, unread, err
		}
	}
	present, last, err = PresentOptions(p, st)
	if st != nil && err == nil {
		_, _ = FollowModule(p, last.Module, &present) // a contradiction is the plan's to report: flags may settle it
	}
	return present, last, unread, err
}

// NotProjectError means that a directory holds no project of sessionseed.
type NotProjectError struct{ *problem.Problem }

func (e *NotProjectError) Unwrap() error { return e.Problem }

// CheckIsProject is the reason why a directory without a readable state cannot be
// taken for a project: one has a sessionseed.yaml beside its go.mod.
func CheckIsProject(p *project.Project) error {
	for _, name := range []string{"sessionseed.yaml", "go.mod"} {
		if _, err := p.Root.Lstat(name); errors.Is(err, fs.ErrNotExist) {
			hint := "name the directory of a project, or write a new one: sessionseed new DIR"
			if _, err := p.Root.Lstat("go.mod"); err == nil {
				hint = "name the directory of a project; to add sessions to a Go module: sessionseed add DIR"
			}
			if last := p.LastRun(); last != nil && last.Undo {
				hint = "to redo the run that was undone: sessionseed regenerate --undo; to add sessions to a Go " +
					"module: sessionseed add DIR"
			} else if _, err := p.Root.Lstat(project.StateDir); err == nil {
				how := "write one with the project's options"
				if name == "go.mod" {
					how = "make one with go mod init"
				}
				hint = "get it back from version control, or " + how + "; then: sessionseed regenerate --adopt"
			}
			return &NotProjectError{problem.New(
				fmt.Sprintf("%q is not a sessionseed project: it has no %s", p.Dir, name), hint)}
		}
	}
	return nil
}

// PresentOptions reads the options as the owner has them, and those of the last
// generation.
func PresentOptions(p *project.Project, st *State) (present, last options.Options, err error) {
	present = options.Defaults()
	var problems []error
	set := func(values map[string][]string, strict bool) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			d, ok := options.Lookup(name)
			if !ok {
				continue // of another generator's version
			}
			if err := d.Set(&present, values[name]...); err != nil && strict {
				problems = append(problems, err)
			}
		}
	}
	if st != nil {
		set(st.Options, false)
	}
	last = present.Clone()
	file, err := p.Read("sessionseed.yaml")
	if err != nil {
		return present, last, &ConfigError{
			[]error{problem.New(fmt.Sprintf("sessionseed.yaml %v", err), project.ReadHint(err))},
		}
	}
	if file != nil {
		values, err := options.DecodeYAML(file.Data)
		if err != nil {
			return present, last, inConfig(err)
		}
		set(values, true)
	}
	if st == nil && present.Module == "" {
		module, err := p.Read("go.mod")
		if err == nil && module != nil {
			present.Module = gomod.ModulePath(module.Data)
		}
	}
	return present, last, inConfig(errors.Join(problems...))
}

// ConfigError means that a project's sessionseed.yaml cannot be read as options.
// It unwraps to its problems.
type ConfigError struct{ problems []error }

func (e *ConfigError) Error() string { return errors.Join(e.problems...).Error() }

func (e *ConfigError) Unwrap() []error { return e.problems }

// inConfig names the file in each problem of an error.
func inConfig(err error) error {
	if err == nil {
		return nil
	}
	e := &ConfigError{}
	for _, p := range problem.List(err) {
		fact, _ := strings.CutPrefix(p.Fact, "the options file ")
		if fact != p.Fact {
			fact = "it " + fact
		}
		e.problems = append(e.problems, problem.For(p.Option, "sessionseed.yaml: "+fact, p.Hint))
	}
	return e
}

// FollowModule has the wanted options follow a module path that the owner changed
// in go.mod by hand. If the options give another new path, the two contradict each
// other.
func FollowModule(p *project.Project, generated string, wanted *options.Options) (bool, error) {
	file, err := p.Read("go.mod")
	if err != nil || file == nil {
		return false, nil // which is decided on as any other file
	}
	byHand := gomod.ModulePath(file.Data)
	switch {
	case byHand == "" || byHand == generated || byHand == wanted.Module || generated == "":
		return false, nil
	case wanted.Module != generated:
		return false, problem.For("module", fmt.Sprintf("go.mod says module %s, the options %s, and the project was "+
			"generated as %s", byHand, wanted.Module, generated),
			"let regenerate follow go.mod first, with module: "+byHand+", and rename the module then")

	}
	wanted.Module = byHand
	return true, nil
}

// MovesNoPackage says why into has no other value in a project.
const MovesNoPackage = "regenerate does not move packages"

// CheckPlace refuses options that would have a project's packages in another
// directory: regenerate moves no package, since code of the owner's imports it.
func CheckPlace(last, wanted options.Options) error {
	switch {
	case last.Into == wanted.Into:
		return nil
	case last.Into == "":
		return problem.For("into", fmt.Sprintf("into is %q, but the project was made by new", wanted.Into),
			"leave it out where it is set: sessionseed.yaml, SESSIONSEED_DIR or --config")
	}
	return problem.For("into", fmt.Sprintf("into is %q, and the packages are in %s", wanted.Into, last.Into),
		"set it to "+last.Into+" again where it is set (sessionseed.yaml, SESSIONSEED_DIR or --config): "+
			MovesNoPackage)
}

// StateOf reads the state of a project, or says what to do without one. With
// adopt there is none, whatever is there; only that of a newer generator is an error.
func StateOf(p *project.Project, adopt bool) (*State, error) {
	st, err := ReadState(p)
	switch {
	case errors.Is(err, ErrNewerState):
		return nil, problem.New(err.Error(), "use a newer sessionseed")
	case adopt:
		return nil, CheckIsProject(p)
	case errors.Is(err, ErrNoState):
		if err := CheckIsProject(p); err != nil {
			return nil, err
		}
		return nil, problem.New(fmt.Sprintf("%q has no .sessionseed/manifest.json, which separates your edits "+
			"from generated code", p.Dir), "restore it from version control, or "+AdoptHint)
	}
	return st, err
}
