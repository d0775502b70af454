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

	"github.com/sessionseed/sessionseed/generator"
)

// regenerateFlags are those that only `regenerate` has.
type regenerateFlags struct {
	interactive bool
	conflicts   string
	noVerify    bool
	undo        bool
	restore     bool
	adopt       bool
}

func (a *app) regenerateCommand() *cobra.Command {
	flags, own := optionFlags{}, regenerateFlags{}
	cmd := &cobra.Command{
		Use:     "regenerate [DIR]",
		Aliases: []string{"regen"},
		Short:   "Apply changed options, or a newer sessionseed, to a project",
		Long: `regenerate brings the project in DIR, or else around this directory, to its options:
those of DIR/sessionseed.yaml, which may be edited by hand, with environment and
flags over it, which are then written there. With -i it asks, and shows the present
values as defaults.

What you edited is merged, line by line, with what the options change; nothing of
yours is overwritten or lost. The merged project is compiled and vetted before a
file is touched. Where you and the generator changed the same lines, nothing is
written and the places are shown (exit 3), unless --conflicts says what to do.`,
		Example: `  sessionseed regenerate shop --store redis
  sessionseed regenerate --max-age 30m --rolling --diff
  sessionseed regenerate -i
  sessionseed regenerate --undo`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if own.undo {
				if err := undoAlone(cmd.Flags()); err != nil {
					return err
				}
			}
			return a.runRegenerate(cmd.Context(), projectDir(args), flags, own)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.BoolVarP(&own.interactive, "interactive", "i", false, "ask for the options; the present values are the defaults")
	a.common.askFlags(f)
	a.common.writeFlags(f)
	a.common.jsonFlag(f)
	a.common.forceFlag(f, "replace DO-NOT-EDIT files that were edited, and files of yours in the way")
	f.StringVar(&own.conflicts, "conflicts", "", "where both sides changed the same lines: `choice` of markers (write both), ours (yours win) or theirs")
	f.BoolVar(&own.noVerify, "no-verify", false, "apply also what does not compile, and say what broke")
	f.BoolVar(&own.restore, "restore", false, "bring back generated files that you deleted")
	f.BoolVar(&own.adopt, "adopt", false, "take a project whose .sessionseed/ is lost: all of it counts as edited by you")
	f.BoolVar(&own.undo, "undo", false, "restore the project to what it was before the last run")
	_ = cmd.RegisterFlagCompletionFunc("conflicts", cobra.FixedCompletions(conflictChoices, cobra.ShellCompDirectiveNoFileComp))
	flags.add(cmd)
	return cmd
}

var conflictChoices = []string{string(generator.WithMarkers), string(generator.TakeOurs), string(generator.TakeTheirs)}

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

// undoAlone refuses flags beside --undo that it would not heed: an undo writes
// at once, and only what was there before.
func undoAlone(f *pflag.FlagSet) error {
	var beside []string
	f.Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"undo", "json", "yes", "no-input", "quiet", "no-color", "accessible", "no-verify"}, f.Name) {
			beside = append(beside, "--"+f.Name)
		}
	})
	if len(beside) == 0 {
		return nil
	}
	return usageError(fmt.Errorf("--undo does not go together with %s", joinWords(beside)),
		"--undo restores at once what was there before the last run, and can itself be undone; give it alone")
}

func (a *app) runRegenerate(ctx context.Context, dir string, flags optionFlags, own regenerateFlags) error {
	if own.conflicts != "" && !slices.Contains(conflictChoices, own.conflicts) {
		return usageError(fmt.Errorf("--conflicts is %q, which is not one of its values", own.conflicts), "choose one of "+joinWords(conflictChoices))
	}
	if own.undo {
		if err := generator.Undo(dir); err != nil {
			return err
		}
		return a.printUpdate(updateResult{Command: "regenerate", Directory: dir, Written: true}, "Restored what was there before the last run.\n")
	}
	look := a.common.dryRun || a.common.diff
	if !look {
		done, err := generator.Recover(dir)
		if err != nil {
			return err
		}
		if done != "" {
			a.say("sessionseed: %s", done)
		}
	}
	cs, err := a.planUpdate(ctx, dir, flags, own)
	if err != nil {
		return err
	}
	result := updateResult{Command: "regenerate", Directory: dir, Plan: cs}
	if err := cs.Blocked(); err != nil {
		return a.blocked(result, err)
	}
	switch {
	case look:
		return a.printPlan(result)
	case !cs.Changed():
		return a.printNothingToDo(result)
	}
	applied, err := a.gen.Apply(ctx, cs, generator.ApplyOptions{NoVerify: own.noVerify})
	if err != nil {
		return a.notApplied(result, err)
	}
	result.Written, result.Result = true, applied
	if err := a.printUpdate(result, planText(cs, true)+appliedText(applied)); err != nil {
		return err
	}
	if hunks := unsettled(cs); hunks > 0 {
		a.say("sessionseed: %s conflict markers now; settle them, then run sessionseed check", count(hunks, "place has", "places have"))
		return silent(exitDrift)
	}
	return nil
}

// planUpdate gathers the changes of options, by questions too with -i, and
// plans. Problems of options have exit code 2.
func (a *app) planUpdate(ctx context.Context, dir string, flags optionFlags, own regenerateFlags) (*generator.ChangeSet, error) {
	file, unread := a.readConfig(a.common.config, a.in)
	present, err := a.gen.CurrentOptions(dir)
	if err != nil {
		return nil, refusedOptions(err)
	}
	s, err := gatherOver(present, file, a.environ, flags)
	if err := errors.Join(unread, err); err != nil {
		return nil, refused(err)
	}
	if !s.isOpen("assurance") {
		s.assure((*generator.Options).TightenAssurance)
	}
	if own.interactive {
		if ask, why := a.canPrompt(a.common); !ask {
			return nil, usageError(errors.New(why), "leave out -i, and give what is to change as flags")
		}
		if err := a.interviewAgain(ctx, s); err != nil {
			return nil, err
		}
	}
	var change func(*generator.Options) error
	if len(s.from) > 0 {
		change = func(o *generator.Options) error {
			for name := range s.from {
				d, _ := generator.Lookup(name)
				if err := d.Set(o, d.Get(&s.options)...); err != nil {
					return err
				}
			}
			return nil
		}
	}
	cs, err := a.gen.PlanUpdate(ctx, dir, change, generator.UpdateOptions{
		Conflicts: generator.ConflictChoice(own.conflicts), Force: a.common.force, Restore: own.restore, Adopt: own.adopt,
	})
	return cs, refusedOptions(err)
}

// refusedOptions gives problems of options their exit code; others keep 1.
func refusedOptions(err error) error {
	var p *generator.Problem
	var config *generator.ConfigError
	if errors.As(err, &config) || errors.As(err, &p) && p.Option != "" {
		return refused(err)
	}
	return err
}

// interviewAgain asks for every option that flags and environment left alone.
func (a *app) interviewAgain(ctx context.Context, s *settings) error {
	p, err := a.prompter(ctx, a.common)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: "."}
	return v.run()
}

func (a *app) diffCommand() *cobra.Command {
	flags := optionFlags{}
	cmd := &cobra.Command{
		Use:   "diff [DIR]",
		Short: "Show what regenerate would change",
		Long: `diff prints what regenerate would change in the project in DIR as a unified diff,
and writes nothing. The exit code is 0 with and without differences, and 3 if
regenerate would stop at a conflict; check is the command for CI.`,
		Example: `  sessionseed diff shop
  sessionseed diff shop --store redis | less -R`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			a.common.diff = true
			return a.runRegenerate(cmd.Context(), projectDir(args), flags, regenerateFlags{})
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&a.common.config, "config", "", "read options from this `file` as well (the form of sessionseed.yaml; - is standard input)")
	a.common.jsonFlag(f)
	a.common.forceFlag(f, "as with regenerate --force")
	flags.add(cmd)
	return cmd
}
