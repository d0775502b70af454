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

// interview fills what flags, environment and file left open. Questions are asked in
// the order of steps; < goes back, and every answer is the default of its question
// when that is asked again.
type interview struct {
	ask    ask.Prompter
	set    *settings
	dir    string
	askDir bool       // no directory was given
	force  bool       // the directory may hold something
	demo   bool       // the default of the question for it
	asked  []int      // steps, the last one last: the way back
	owned  *tree.Tree // what the generator makes for some options

	// checkInto is the reason why packages cannot be added in a directory; nil where none
	// are to be added to a module.
	checkInto func(into string) error
}

// question takes an option's prompt, help and validator from the table.
func (v *interview) question(name string) ask.Question {
	d, _ := options.Lookup(name)
	help := d.Help
	if d.Limits != "" {
		help += "; " + d.Limits
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
	if d.Name == "maxAge" {
		v.withoutRenewal(&o)
	}
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

// withoutRenewal switches off what the question after maxAge is about, unless it was given.
func (v *interview) withoutRenewal(o *options.Options) {
	o.Rolling, o.Renew = o.Rolling && !v.set.canAsk("rolling"), o.Renew && !v.set.canAsk("renew")
}

// input asks for an option's value in writing.
func (v *interview) input(name string) error {
	answer, err := v.ask.Input(v.question(name))
	if err != nil {
		return err
	}
	return v.set.set(name, fromPrompt, answer)
}

// confirm asks for yes or no.
func (v *interview) confirm(name string) error {
	q := v.question(name)
	answer, err := v.ask.Confirm(ask.Question{Label: q.Label, Help: q.Help}, q.Default == "true")
	if err != nil {
		return err
	}
	return v.set.set(name, fromPrompt, fmt.Sprint(answer))
}

// choose asks for one of an option's values.
func (v *interview) choose(name string, notes map[string]string) error {
	d, _ := options.Lookup(name)
	var choices []ask.Choice
	for _, value := range d.Values {
		choices = append(choices, ask.Choice{Label: value, Note: notes[value]})
	}
	q := ask.Question{Label: d.Prompt, Help: d.Help}
	i, err := v.ask.Select(q, choices, slices.Index(d.Values, v.set.get(name)))
	if err != nil {
		return err
	}
	return v.set.set(name, fromPrompt, d.Values[i])
}

// problemText is a problem and its hint, as a prompter shows it.
func problemText(p *problem.Problem) string {
	if p.Hint == "" {
		return oneLine(p.Fact)
	}
	return oneLine(p.Fact) + "\n  " + oneLine(p.Hint)
}
