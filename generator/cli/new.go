package cli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator"
	"github.com/sessionseed/sessionseed/generator/policy"
)

func (a *app) newCommand() *cobra.Command {
	flags := optionFlags{}
	cmd := &cobra.Command{
		Use:   "new [DIR]",
		Short: "Write a new project into DIR",
		Long: `new writes a project into DIR, which is made if it does not exist and must be
empty otherwise. On a terminal it asks what flags, environment and --config left
open, shows a summary and asks once before it writes. Without a terminal, with
--yes or with --no-input it asks nothing.

Signing keys and the first account's password are made at random and written to
DIR/.env, which git ignores. No flag, file or question takes a secret.`,
		Example: `  sessionseed new shop
  sessionseed new shop --yes --module example.com/shop
  sessionseed new shop --yes --module example.com/shop --store postgres \
    --public-url https://api.example.com --cors-origin https://app.example.com
  sessionseed new shop --config sessionseed.yaml --yes --dry-run
  sessionseed new . --yes --json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDirs,
		RunE:              func(cmd *cobra.Command, args []string) error { return a.runNew(cmd, flags, args) },
	}
	f := cmd.Flags()
	f.SortFlags = false
	a.common.askFlags(f)
	a.common.writeFlags(f)
	a.common.jsonFlag(f)
	a.common.forceFlag(f, "write into a directory that is not empty, replacing files of the same names")
	flags.add(cmd)
	return cmd
}

func (a *app) runNew(cmd *cobra.Command, flags optionFlags, args []string) error {
	dir := ""
	if len(args) == 1 {
		dir = args[0]
	}
	s, dir, err := a.answers(cmd, flags, dir)
	if err != nil {
		return err
	}
	secrets, err := generator.NewSecrets(rand.Reader)
	if err != nil {
		return err
	}
	decision, err := s.options.Policy()
	if err != nil {
		return refused(err)
	}
	s.options.PublicURL, s.options.CORSOrigins = decision.PublicURL.String(), policy.Strings(decision.Origins)
	tree, err := a.gen.Render(s.options, secrets)
	if err != nil {
		return err
	}
	whole, err := generator.WithState(tree, s.options, a.gen.Version)
	if err != nil {
		return err
	}
	result := newResult{
		Command: "new", Directory: dir, Module: s.options.Module, Options: values(&s.options),
		Policy: policyJSON(decision), Equivalent: equivalent(s, dir, a.common.force),
	}
	for _, f := range whole.Files {
		result.Files = append(result.Files, fileJSON{f.Path, string(f.Class), fmt.Sprintf("%04o", f.Mode), len(f.Data)})
	}
	if !a.common.dryRun && !a.common.diff {
		result.Kept, err = generator.Create(cmd.Context(), dir, generator.Creation{
			Tree: tree, Options: s.options, Version: a.gen.Version, Force: a.common.force,
		})
		if err != nil {
			return err
		}
		result.Written = true
	}
	switch {
	case a.common.json:
		return printJSON(a.out, result)
	case a.common.diff:
		return a.printNewDiff(dir, whole)
	case a.common.dryRun:
		return a.printDryRun(dir, whole)
	}
	fmt.Fprintf(a.out, "Created %s: %d files, module %s\n", shellQuote(dir), len(whole.Files)-len(result.Kept), s.options.Module)
	if len(result.Kept) > 0 {
		fmt.Fprintf(a.out, "Kept yours: %s\n", strings.Join(result.Kept, ", "))
	}
	a.nextSteps(s, dir, result.Equivalent)
	return nil
}

// answers are valid options and a free directory: from flags, environment and
// file, and what is open from questions or, with --yes, from the defaults.
// Everything that is wrong is reported at once, before the first question.
func (a *app) answers(cmd *cobra.Command, flags optionFlags, dir string) (*settings, string, error) {
	s, err := a.settings(flags)
	errs := []error{err}
	if dir != "" {
		errs = append(errs, generator.CheckVacant(dir, a.common.force))
	}
	if ask, why := a.canPrompt(a.common); ask {
		errs = append(errs, joinProblems(settled(s)))
		if err := errors.Join(errs...); err != nil {
			return nil, "", refused(err)
		}
		dir, err := a.interview(cmd, s, dir)
		return s, dir, err
	} else if err := unasked(s, dir, why, a.common.yes); err != nil {
		errs = append(errs, err)
	}
	if s.isOpen("module") {
		s.options.Module = defaultModule(dir)
	}
	decision, err := s.options.Policy()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, "", refused(err)
	}
	if notes := notesInWords(decision, ""); notes != "" {
		a.say("%s", strings.TrimSuffix(notes, "\n"))
	}
	if s.isOpen("module") {
		a.say("sessionseed: the module is called %s; --module names it otherwise", s.options.Module)
	}
	return s, dir, nil
}

// settings gathers options from everywhere but questions. They are usable,
// with defaults, also next to an error.
func (a *app) settings(flags optionFlags) (*settings, error) {
	file, unread := a.readConfig(a.common.config, a.in)
	for _, name := range unknownVariables(a.environ) {
		a.say("sessionseed: the variable %s names no option and is ignored", name)
	}
	s, err := gather(file, a.environ, flags)
	return s, errors.Join(unread, err)
}

// unasked is the problem of a run that may not ask what is open.
func unasked(s *settings, dir, why string, defaults bool) error {
	open := missing(s, dir)
	switch {
	case dir == "" && defaults:
		return &generator.Problem{Fact: why + ", and no directory is given", Hint: "name it: sessionseed new shop --yes, or a dot for this directory"}
	case len(open) > 0 && !defaults:
		return &generator.Problem{Fact: why + "; left open: " + joinWords(open), Hint: "set them, or take the defaults of all but DIR with --yes"}
	}
	return nil
}

// interview asks at the terminal, shows the summary and asks for consent.
func (a *app) interview(cmd *cobra.Command, s *settings, dir string) (_ string, err error) {
	p, err := a.prompter(cmd.Context(), a.common)
	if err != nil {
		return "", err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: dir, force: a.common.force}
	if err := v.run(); err != nil {
		return "", err
	}
	decision, err := s.options.Policy()
	if err != nil {
		return "", refused(err)
	}
	p.Say(summary(s, v.dir, decision))
	question := "Write the project?"
	if a.common.dryRun || a.common.diff {
		question = "Go on? Nothing will be written."
	}
	yes, err := p.Confirm(Question{Label: question}, true)
	if err == nil && !yes {
		err = ErrCancelled
	}
	return v.dir, err
}

// settled are the problems that no question can mend, found before the first
// one is asked.
func settled(s *settings) []*generator.Problem {
	o := s.options
	if s.isOpen("corsOrigins") {
		o.CORSOrigins = nil
	}
	if s.isOpen("module") {
		o.Module = "example.com/service"
	}
	var list []*generator.Problem
	for _, p := range generator.Problems(o.Validate()) {
		// The policy depends on a URL which is still to be asked for.
		if s.isOpen("publicURL") && group(generator.Option{Name: p.Option}) == "Session and cookie" && p.Option != "key" && p.Option != "maxAge" {
			continue
		}
		if !s.isOpen(p.Option) {
			list = append(list, p)
		}
	}
	return list
}
