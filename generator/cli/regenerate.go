package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// updateOptions are what `regenerate` and `diff` are run with.
type updateOptions struct {
	askOptions
	previewOptions
	command     string // the one that was called
	dir         string
	given       optionFlags // options over those of the project
	config      string      // file of options over those of the project, or ""
	json        bool
	force       bool // replace edited DO-NOT-EDIT files, and files in the way
	interactive bool
	conflicts   string // one of conflictChoices, or "" to stop at a conflict
	noVerify    bool
	undo        bool
	restore     bool
	adopt       bool
}

func newCmdRegenerate(a *app, run func(context.Context, *updateOptions) error) *cobra.Command {
	o := &updateOptions{command: "regenerate", given: optionFlags{}}
	if run == nil {
		run = a.runUpdate
	}
	cmd := &cobra.Command{
		Use:     "regenerate [DIR]",
		Aliases: []string{"regen"},
		Short:   "Apply changed options, or a newer sessionseed, to a project",
		Long: `regenerate brings the project in DIR, or else around this directory, up to date
with its options: those of DIR/sessionseed.yaml, which you may edit, with
environment and flags over it, which are then written there.

Your edits are merged with what the options change, and the result is compiled
before a file is touched. Where you and the generator changed the same lines,
nothing is written and the places are shown (exit 3), unless --conflicts is
given.`,
		Example: `  sessionseed regenerate shop --store redis
  sessionseed regenerate --max-age 30m --rolling --diff
  sessionseed regenerate -i
  sessionseed regenerate --undo`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.undo {
				if err := undoAlone(cmd.Flags()); err != nil {
					return err
				}
			}
			o.dir = projectDir(args)
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&o.interactive, "interactive", "i", false, "ask, with the present values as defaults")
	o.askOptions.flags(f)
	configFlag(cmd, &o.config, "options from this `file` too (- is standard input)")
	o.previewOptions.flags(f)
	jsonFlag(f, &o.json)
	f.BoolVarP(&o.force, "force", "f", false, "replace edited DO-NOT-EDIT files too")
	f.StringVar(&o.conflicts, "conflicts", "",
		"in a conflict: markers, ours (yours win) or theirs")
	f.BoolVar(&o.noVerify, "no-verify", false, "apply even what does not compile")
	f.BoolVar(&o.restore, "restore", false, "bring back generated files that you deleted")
	f.BoolVar(&o.adopt, "adopt", false, "take a project whose .sessionseed/ is lost")
	f.BoolVar(&o.undo, "undo", false, "restore what was there before the last run")
	// It fails for a flag that does not exist only.
	_ = cmd.RegisterFlagCompletionFunc("conflicts",
		cobra.FixedCompletions(conflictChoices, cobra.ShellCompDirectiveNoFileComp))
	o.given.addOfProject(cmd)
	return cmd
}

func newCmdDiff(a *app, run func(context.Context, *updateOptions) error) *cobra.Command {
	o := &updateOptions{command: "diff", previewOptions: previewOptions{diff: true}, given: optionFlags{}}
	if run == nil {
		run = a.runUpdate
	}
	cmd := &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show what regenerate would change",
		Long: `diff prints what regenerate would change in the project in DIR as a unified
diff, and writes nothing. The exit code is 0 with and without differences, and 3
if regenerate would stop at a conflict; check is the command for CI.`,
		Example: `  sessionseed diff shop
  sessionseed diff shop --store redis | less -R`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = projectDir(args)
			return run(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	configFlag(cmd, &o.config, "options from this `file` too (- is standard input)")
	jsonFlag(f, &o.json)
	f.BoolVarP(&o.force, "force", "f", false, "as with regenerate --force")
	o.given.addOfProject(cmd)
	return cmd
}

var conflictChoices = []string{string(regenerate.WithMarkers), string(regenerate.TakeOurs), string(regenerate.TakeTheirs)}

// projectDir is the project that a command works on: the one named, or that of
// the current directory. As with the go command, that is the module which the
// directory lies in, if sessionseed made it.
func projectDir(args []string) string {
	if len(args) == 1 {
		return args[0]
	}
	here, err := os.Getwd()
	if err != nil {
		return "."
	}
	exists := func(dir, name string) bool {
		_, err := os.Lstat(filepath.Join(dir, name))
		return err == nil
	}
	for dir, up := here, "."; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		switch {
		case exists(dir, ".sessionseed") || exists(dir, "go.mod") && exists(dir, "sessionseed.yaml"):
			return up
		case exists(dir, "go.mod") || dir == filepath.Dir(dir):
			return "."
		}
	}
}

// undoAlone refuses flags beside --undo that it would ignore: an undo writes at
// once, and only what was there before.
func undoAlone(f *pflag.FlagSet) error {
	var beside []string
	f.Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"undo", "json", "yes", "no-input", "quiet", "no-color", "accessible", "no-verify"},
			f.Name) {
			beside = append(beside, "--"+f.Name)
		}
	})
	if len(beside) == 0 {
		return nil
	}
	return usageError(fmt.Errorf("--undo cannot be combined with %s", joinWords(beside)),
		"--undo restores at once what was there before the last run, and can itself be undone; give it alone")
}

func (a *app) runUpdate(ctx context.Context, o *updateOptions) error {
	if o.conflicts != "" && !slices.Contains(conflictChoices, o.conflicts) {
		return usageError(fmt.Errorf("--conflicts is %q, which is not one of its values", o.conflicts),
			"choose one of "+joinWords(conflictChoices))
	}
	if o.undo {
		if err := project.Undo(o.dir, a.gen.Owned()); err != nil {
			return err
		}
		return a.printUpdate(o, updateResult{Command: o.command, Directory: o.dir, Written: true},
			"Restored what was there before the last run.\n")
	}
	look := o.previewOptions.any()
	if !look {
		done, err := project.Recover(o.dir, a.gen.Owned())
		if err != nil {
			return err
		}
		if done != "" {
			a.say("sessionseed: %s", done)
		}
	}
	cs, err := a.planUpdate(ctx, o)
	if err != nil {
		return err
	}
	result := updateResult{Command: o.command, Directory: o.dir, Plan: cs}
	if err := cs.Blocked(); err != nil {
		return a.blocked(o, result, err)
	}
	switch {
	case look:
		return a.printPlan(o, result)
	case !cs.Changed():
		return a.printNothingToDo(o, result)
	}
	done := a.progress("Compiling the merged project")
	applied, err := regenerate.Apply(ctx, cs, regenerate.ApplyOptions{NoVerify: o.noVerify})
	done()
	if err != nil {
		return a.notApplied(o, result, err)
	}
	result.Written, result.Result = true, applied
	if err := a.printUpdate(o, result, planText(cs, a.verbose)+appliedText(applied)); err != nil {
		return err
	}
	if hunks := unsettled(cs); hunks > 0 {
		a.say("sessionseed: %s conflict markers now; resolve them, then run sessionseed check",
			count(hunks, "place has", "places have"))
		return silent(exitDrift)
	}
	return nil
}

// planUpdate gathers the changes of options, by questions too with -i, and
// plans. Problems of options have exit code 2.
func (a *app) planUpdate(ctx context.Context, o *updateOptions) (*regenerate.ChangeSet, error) {
	file, unread := a.readConfig(o.config, a.in)
	present, err := project.CurrentOptions(o.dir, a.gen.Owned())
	if err != nil {
		return nil, refusedOptions(err)
	}
	s, err := gatherOver(present, file, a.environ, o.given)
	if err := errors.Join(unread, err); err != nil {
		return nil, refused(err)
	}
	if !s.isOpen("assurance") {
		s.assure((*options.Options).TightenAssurance)
	}
	a.sayWithoutEffect(s)
	if o.interactive {
		if ask, why := a.canPrompt(o.askOptions); !ask {
			return nil, usageError(errors.New(why), "leave out -i, and give what is to change as flags")
		}
		if err := a.interviewAgain(ctx, s); err != nil {
			return nil, err
		}
	}
	var change func(*options.Options) error
	if len(s.from) > 0 {
		change = func(to *options.Options) error {
			for name := range s.from {
				d, _ := options.Lookup(name)
				if err := d.Set(to, d.Get(&s.options)...); err != nil {
					return err
				}
			}
			return nil
		}
	}
	cs, err := regenerate.Plan(ctx, a.gen, o.dir, change, regenerate.Options{
		Conflicts: regenerate.ConflictChoice(o.conflicts), Force: o.force, Restore: o.restore, Adopt: o.adopt,
	})
	return cs, refusedOptions(err)
}

// refusedOptions gives problems of options their exit code; others keep 1.
func refusedOptions(err error) error {
	var p *problem.Problem
	var config *project.ConfigError
	if errors.As(err, &config) || errors.As(err, &p) && p.Option != "" {
		return refused(err)
	}
	return err
}

// interviewAgain asks for every option that flags and environment left alone.
func (a *app) interviewAgain(ctx context.Context, s *settings) error {
	p, err := a.prompter(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: "."}
	return v.run()
}
