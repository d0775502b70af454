package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/state"
)

// newResult is what `new --json` prints.
type newResult struct {
	Command    string         `json:"command"`
	Directory  string         `json:"directory"`
	Module     string         `json:"module"`
	Written    bool           `json:"written"`
	Options    map[string]any `json:"options"`
	Policy     policyResult   `json:"policy"`
	Files      []fileJSON     `json:"files"`
	Kept       []string       `json:"kept,omitempty"`     // files of the owner's that stay
	Replaced   []string       `json:"replaced,omitempty"` // those that --force replaces
	Equivalent []string       `json:"equivalent"`         // words of the command without questions
}

type fileJSON struct {
	Path  string `json:"path"`
	Class string `json:"class"`
	Mode  string `json:"mode"`
	Bytes int    `json:"bytes"`
}

// newOptions are what `new` is run with.
type newOptions struct {
	askOptions
	previewOptions
	dir    string      // "": to be asked for
	given  optionFlags // the project's options, as flags have them
	config string      // file of options, or ""
	json   bool
	force  bool
}

func newCmdNew(a *app, run func(context.Context, *newOptions) error) *cobra.Command {
	o := &newOptions{given: optionFlags{}}
	if run == nil {
		run = a.runNew
	}
	cmd := &cobra.Command{
		Use:   "new [DIR]",
		Short: "Write a new project into DIR",
		Long: `new writes a project into DIR: a new or empty directory, or a fresh repository
(.git, README.md, LICENSE and .gitignore stay). On a terminal it asks for what
is not set, shows a summary and asks once more before it writes. The signing key
and the account's password are random and go to DIR/.env, which git ignores.`,
		Example: `  sessionseed new shop
  sessionseed new shop --yes --module example.com/shop --store postgres \
    --public-url https://api.example.com --cors-origin https://app.example.com
  sessionseed new shop --config sessionseed.yaml --yes --dry-run`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				o.dir = args[0]
			}
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	o.askOptions.flags(f)
	configFlag(cmd, &o.config, "read options from this `file` (- is standard input)")
	o.previewOptions.flags(f)
	jsonFlag(f, &o.json)
	f.BoolVarP(&o.force, "force", "f", false, "write into a directory that is not empty, over its files")
	o.given.add(cmd)
	return cmd
}

func (a *app) runNew(ctx context.Context, o *newOptions) error {
	s, dir, err := a.answers(ctx, o)
	if err != nil {
		return err
	}
	a.sayWithoutEffect(s)
	secrets, err := render.NewSecrets(rand.Reader)
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
	creation := state.Creation{
		Tree: tree, Options: s.options, Version: a.gen.Version, Generated: a.gen.Owned(), Force: o.force,
	}
	var made state.Created
	if o.previewOptions.any() {
		made, err = state.Preview(dir, creation)
	} else {
		made, err = state.Create(ctx, dir, creation)
	}
	if err != nil {
		return err
	}
	result := newResult{
		Command: "new", Directory: dir, Module: s.options.Module, Written: !o.previewOptions.any(),
		Options: values(&s.options), Policy: policyJSON(decision), Kept: made.Kept, Replaced: made.Replaced,
		Equivalent: equivalent(s, "new", dir, options.Defaults(), forced(o.force)...),
	}
	for _, f := range made.Tree.Files {
		result.Files = append(result.Files, fileJSON{f.Path, string(f.Class), fmt.Sprintf("%04o", f.Mode), len(f.Data)})
	}
	switch {
	case o.json:
		return printJSON(a.out, result)
	case o.diff:
		return a.printNewDiff(dir, made.Tree)
	case o.dryRun:
		return a.printDryRun(dir, made)
	}
	text := fmt.Sprintf("Created %s: %d files, module %s\n", problem.ShellQuote(dir), made.Count(), s.options.Module)
	if len(result.Kept) > 0 {
		text += fmt.Sprintf("Kept your %s\n", keptText(result.Kept))
	}
	if len(result.Replaced) > 0 {
		text += wrap("", "Replaced your "+someOf(result.Replaced, manyNamed, ""), textWidth) + "\n"
	}
	if _, err := fmt.Fprint(a.out, text); err != nil {
		return writtenUnsaid(err)
	}
	a.nextSteps(s, dir, result.Equivalent)
	return nil
}

// answers are valid options and a free directory: from flags, environment and
// file, and what is open from questions or, with --yes, from the defaults.
// Everything that is wrong is reported at once, before the first question.
func (a *app) answers(ctx context.Context, o *newOptions) (*settings, string, error) {
	s, err := a.settings(o.config, o.given)
	errs := []error{err}
	if s.options.Into != "" {
		name, remedy := "into", "leave it out"
		if s.from["into"] == fromEnvironment {
			name, remedy = "the variable SESSIONSEED_DIR", "unset it"
		}
		errs = append(errs, problem.For("into", name+" is "+s.options.Into+", but new writes a service of its own",
			remedy+", or add the packages to an existing module with sessionseed add"))
		s.options.Into = ""
	}
	if o.dir != "" {
		errs = append(errs, state.CheckVacant(o.dir, a.gen.Owned(), o.force))
	}
	if ask, why := a.canPrompt(o.askOptions); ask {
		errs = append(errs, joinProblems(settled(s)))
		if err := errors.Join(errs...); err != nil {
			return nil, "", refused(err)
		}
		dir, err := a.interview(ctx, s, o)
		return s, dir, err
	} else if err := unasked(s, o.dir, why, o.yes); err != nil {
		errs = append(errs, err)
	}
	if s.isOpen("module") {
		s.options.Module = defaultModule(o.dir)
	}
	decision, err := s.options.Policy()
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, "", refused(err)
	}
	if notes := notesInWords(decision, ""); notes != "" {
		a.say("%s", strings.TrimSuffix(notes, "\n"))
	}
	if s.isOpen("module") {
		a.say("sessionseed: using module path %s (change it with --module)", s.options.Module)
	}
	return s, o.dir, nil
}

// interview asks at the terminal, shows the summary and asks for consent.
func (a *app) interview(ctx context.Context, s *settings, o *newOptions) (_ string, err error) {
	p, err := a.prompter(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: o.dir, force: o.force, owned: a.gen.Owned()}
	if err := v.run(); err != nil {
		return "", err
	}
	question := "Write the project?"
	if o.previewOptions.any() {
		question = "Continue? Nothing will be written."
	}
	return v.dir, v.agree(question)
}

func forced(force bool) []string {
	if force {
		return []string{"--force"}
	}
	return nil
}
