package generator

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// CurrentOptions reads the options of the project in dir as PlanUpdate sees
// them before any change: sessionseed.yaml over the last generation's.
func CurrentOptions(dir string) (Options, error) {
	p, err := openProject(dir)
	if err != nil {
		return Options{}, err
	}
	defer p.close()
	st, err := ReadState(p.root.FS())
	if err != nil && !errors.Is(err, ErrNoState) {
		return Options{}, err
	}
	present, last, err := presentOptions(p, st)
	if st != nil && err == nil {
		_, _ = followModule(p, last.Module, &present) // a contradiction is PlanUpdate's to report: flags may settle it
	}
	return present, err
}

// presentOptions reads the options as the owner has them, and the effective
// ones of the last generation.
func presentOptions(p *project, st *State) (present, last Options, err error) {
	present = Defaults()
	var problems []error
	set := func(values map[string][]string, strict bool) {
		for _, name := range slices.Sorted(maps.Keys(values)) {
			d, ok := Lookup(name)
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
	last = present.clone()
	file, err := p.read("sessionseed.yaml")
	if err != nil {
		return present, last, &ConfigError{[]error{problem.New(fmt.Sprintf("sessionseed.yaml %v", err), "make it a plain file")}}
	}
	if file != nil {
		values, err := DecodeYAML(file.data)
		if err != nil {
			return present, last, inConfig(err)
		}
		set(values, true)
	} else if st == nil {
		module, err := p.read("go.mod")
		if err == nil && module != nil {
			present.Module = modulePathOf(module.data)
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

func (o *Options) clone() Options {
	c := *o
	c.CORSOrigins = slices.Clone(o.CORSOrigins)
	return c
}

// changedOptions compares two sets of options by the table.
func changedOptions(old, new Options) []OptionChange {
	list := []OptionChange{}
	for _, d := range table {
		a, b := strings.Join(d.get(&old), ","), strings.Join(d.get(&new), ",")
		if a != b {
			list = append(list, OptionChange{d.Name, a, b})
		}
	}
	return list
}
