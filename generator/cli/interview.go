package cli

import (
	"errors"
	"fmt"
	"slices"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// interview fills what flags, environment and file left open.
type interview struct {
	ask   ask.Prompter
	set   *settings
	dir   string
	force bool
	owned *tree.Tree // what the generator makes for some options
}

// step is one question, the options that it settles, and the flag that would
// have answered it.
type step struct {
	flag    string
	options []string
	run     func(*interview) error
}

// steps in the order in which they are asked. The directory comes before them.
var steps = []step{
	{"--module", []string{"module"}, (*interview).module},
	{"--public-url", []string{"publicURL"}, (*interview).url},
	{"--cors-origin", []string{"corsOrigins"}, (*interview).origins},
	{"--max-age", lifeOptions, (*interview).purpose},
	{"--store", []string{"store"}, (*interview).store},
	{"--captcha", []string{"captcha.enabled"}, func(v *interview) error { return v.confirm("captcha.enabled") }},
	{"--demo", []string{"demo"}, func(v *interview) error { return v.confirm("demo") }},
}

// isOpen reports whether none of the step's options was given.
func (st step) isOpen(s *settings) bool {
	return !slices.ContainsFunc(st.options, func(name string) bool { return !s.isOpen(name) })
}

// missing names what a run without questions lacks.
func missing(s *settings, dir string) []string {
	var list []string
	if dir == "" {
		list = append(list, "DIR")
	}
	for _, st := range steps {
		if st.isOpen(s) {
			list = append(list, st.flag)
		}
	}
	return list
}

// run asks everything that is open, and again what turned out not to go
// together. On return the options are valid.
func (v *interview) run() error {
	if v.dir == "" {
		if err := v.directory(); err != nil {
			return err
		}
	}
	var asked []step
	for _, st := range steps {
		v.set.leaveOutDemo()
		if !st.isOpen(v.set) || st.flag == "--demo" && len(v.set.options.CORSOrigins) == 0 {
			continue
		}
		if err := st.run(v); err != nil {
			return err
		}
		asked = append(asked, st)
		if st.flag == "--cors-origin" {
			// Whether cookies can work at all shows here; better now than
			// after five more questions.
			if err := v.repeat(asked, addresses...); err != nil {
				return err
			}
		}
	}
	return v.repeat(asked)
}

// repeat asks the steps anew whose options do not go together with the others,
// until they do. With only, other options' problems are left for later.
func (v *interview) repeat(asked []step, only ...string) error {
	for {
		list := problem.List(v.set.options.Validate())
		if len(only) > 0 {
			list = slices.DeleteFunc(list, func(p *problem.Problem) bool { return !slices.Contains(only, p.Option) })
		}
		if len(list) == 0 {
			return nil
		}
		again := slices.DeleteFunc(slices.Clone(asked), func(st step) bool { return !st.concerns(list) })
		if len(again) == 0 {
			if len(only) > 0 {
				return nil // reported with everything else at the end
			}
			return refused(joinProblems(list))
		}
		for _, p := range list {
			v.ask.Say("These do not go together: " + problemText(p))
		}
		for _, st := range again {
			if err := st.run(v); err != nil {
				return err
			}
		}
	}
}

// concerns reports whether one of the problems can be fixed by the step's
// answer. The service's URL and the front ends are judged as a pair.
func (st step) concerns(list []*problem.Problem) bool {
	return slices.ContainsFunc(list, func(p *problem.Problem) bool {
		address := slices.Contains(addresses, p.Option) && slices.Contains(addresses, st.options[0])
		return address || slices.Contains(st.options, p.Option)
	})
}

// addresses are the options that have to go together first of all.
var addresses = []string{"publicURL", "corsOrigins"}

func joinProblems(list []*problem.Problem) error {
	errs := make([]error, len(list))
	for i, p := range list {
		errs[i] = p
	}
	return errors.Join(errs...)
}

func problemText(p *problem.Problem) string {
	if p.Hint == "" {
		return oneLine(p.Fact)
	}
	return oneLine(p.Fact) + "\n  " + oneLine(p.Hint)
}

// question takes an option's prompt, help and validator from the table.
func (v *interview) question(name string) ask.Question {
	d, _ := options.Lookup(name)
	help := d.Help
	if d.Limits != "" {
		help += ": " + d.Limits
	}
	return ask.Question{
		Label: d.Prompt, Help: help, Default: v.set.get(name),
		Validate: func(text string) error { return v.check(d, text) },
	}
}

// check judges one answer by the validator that flags and files have, and
// reports what concerns this option alone.
func (v *interview) check(d options.Option, text string) error {
	o := v.set.options
	err := d.Set(&o, text)
	if err == nil {
		err = o.Validate()
	}
	for _, p := range problem.List(err) {
		if p.Option == d.Name {
			return errors.New(problemText(p))
		}
	}
	return nil
}

func (v *interview) input(name string) error {
	answer, err := v.ask.Input(v.question(name))
	if err != nil {
		return err
	}
	return v.set.set(name, fromPrompt, answer)
}

func (v *interview) confirm(name string) error {
	q := v.question(name)
	answer, err := v.ask.Confirm(ask.Question{Label: q.Label, Help: q.Help}, q.Default == "true")
	if err != nil {
		return err
	}
	return v.set.set(name, fromPrompt, fmt.Sprint(answer))
}
