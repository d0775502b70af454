package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
	"github.com/sessionseed/sessionseed/generator/tree"
)

func newCmdRegenerate(a *app, run func(context.Context, *updateOptions) error) *cobra.Command {
	o := &updateOptions{command: "regenerate", given: optionFlags{}}
	if run == nil {
		run = a.runUpdate
	}
	cmd := &cobra.Command{
		Use:     "regenerate [DIR]",
		Aliases: []string{"regen"},
		Short:   "Apply changed options, or a newer sessionseed, to a project",
		Long: `regenerate brings the project in DIR (by default the one around this directory)
up to date with its options. They are in DIR/sessionseed.yaml, which you may
edit; variables and flags override it, and are then saved there.

Your edits are merged with what the options change, and the result is compiled
before a file is touched. Where you and the generator changed the same lines,
nothing is written and the places are shown (exit 3), unless --conflicts is
given; --conflicts=FILE=ours settles one file.`,
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
	f.BoolVarP(&o.interactive, "interactive", "i", false, "ask, with the current values as defaults")
	o.askOptions.flagsOfProject(f)
	configFlag(cmd, &o.config, "read options from `file` too (- is standard input)")
	o.previewOptions.flags(f)
	jsonFlag(f, &o.json)
	o.replacing.flags(f)
	f.StringArrayVar(&o.conflicts, "conflicts", nil,
		"`side` in a conflict: markers, ours (yours) or theirs")
	f.BoolVar(&o.noVerify, "no-verify", false, "apply even if the result does not compile")
	f.BoolVar(&o.restore, "restore", false, "bring back generated files that you deleted")
	f.BoolVar(&o.adopt, "adopt", false, "take over a project whose .sessionseed/ is lost")
	f.BoolVar(&o.undo, "undo", false, "take back the last run; once more: redo it")
	// It fails only for a flag that does not exist.
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
diff, and writes nothing. The exit code is 0 whether or not there are
differences, and 3 if regenerate would stop: at a conflict, at a DO-NOT-EDIT
file that was edited, or at a file in its way. For CI use check.`,
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
	configFlag(cmd, &o.config, "read options from `file` too (- is standard input)")
	jsonFlag(f, &o.json)
	o.replacing.flags(f)
	o.given.addOfProject(cmd)
	return cmd
}

var conflictChoices = []string{string(changeset.WithMarkers), string(changeset.TakeOurs),
	string(changeset.TakeTheirs)}

func (a *app) runUpdate(ctx context.Context, o *updateOptions) error {
	if err := o.readConflicts(); err != nil {
		return err
	}
	if o.undo {
		return a.runUndo(o)
	}
	look := o.previewOptions.any()
	if !look {
		done, err := project.Recover(o.dir, a.gen.Owned())
		if err != nil {
			return hintsFor(o.dir, err)
		}
		if done.Text != "" {
			a.say("sessionseed: %s", done.Text)
		}
	}
	change, err := a.changeOfOptions(ctx, o)
	if err != nil {
		return err
	}
	cs, err := regenerate.Plan(ctx, a.gen, o.dir, change, o.plan)
	if err != nil {
		return refusedOptions(hintsFor(o.dir, err))
	}
	result := updateResult{Command: o.command, Directory: o.dir, Plan: cs}
	if err := o.conflictsThere(cs); err != nil {
		return err
	}
	switch {
	case cs.Blocked() != nil:
		return a.blocked(ctx, o, result, change)
	case look:
		return a.printPlan(o, result)
	case !cs.Changed():
		return a.printNothingToDo(o, result)
	}
	done := a.progress("Compiling the merged project")
	cs, applied, err := regenerate.Apply(ctx, a.gen, cs, change, changeset.ApplyOptions{NoVerify: o.noVerify})
	done()
	result.Plan = cs
	switch {
	case cs.Blocked() != nil: // by structure it does not compile, and by lines it is a conflict
		return a.blocked(ctx, o, result, change)
	case err != nil:
		return a.notApplied(o, result, err)
	}
	result.Written, result.Result = true, applied
	hunks := unsettled(cs)
	if hunks > 0 {
		result.Exit = exitDrift
	}
	if err := a.printUpdate(o, result, planText(cs, a.verbose)+a.appliedText(applied, o.dir)); err != nil {
		return writtenUnsaid(err)
	}
	if hunks > 0 {
		a.say("sessionseed: %s conflict markers now; resolve them, then run %s",
			count(hunks, "place has", "places have"), regenerateIn(o.dir))
		return silent(exitDrift)
	}
	return nil
}

// sayHidden names what a diff leaves out.
func (a *app) sayHidden(cs *changeset.Set) {
	for _, f := range cs.Files {
		if f.Class == tree.Secret && !f.Before.Equal(f.After) {
			a.say("sessionseed: %s would change, too (%s); its values are secret, and not shown", f.Path, f.Note)
		}
	}
}

// printPlan shows what would be written.
func (a *app) printPlan(o *updateOptions, r updateResult) error {
	switch {
	case o.diff:
		a.sayHidden(r.Plan)
		return a.printUpdate(o, r, r.Plan.Diff())
	case !r.Plan.Changed():
		return a.printNothingToDo(o, r)
	}
	return a.printUpdate(o, r, planText(r.Plan, a.verbose)+wouldText(r.Plan))
}

// printNothingToDo says so, and what is left for the owner to do.
func (a *app) printNothingToDo(o *updateOptions, r updateResult) error {
	text := "Nothing to do: the project is up to date with its options.\n"
	if len(r.Plan.Notes) > 0 {
		text = "Nothing to write: no option has changed since the last run.\n" + notesText(r.Plan.Notes)
	}
	text += deletedText(r.Plan.DeletedByOwner(), regenerateIn(o.dir)+" --restore")
	if !o.previewOptions.any() {
		text += a.undoableText(o.dir)
	}
	return a.printUpdate(o, r, text)
}

// deletedText says which generated files the owner has deleted, and how they come back.
func deletedText(paths []string, restore string) string {
	if len(paths) == 0 {
		return ""
	}
	text := "Generated files that are missing: " + someOf(paths, manyNamed, "") + ". To restore:"
	return wrap("", text, textWidth) + "\n  " + restore + "\n"
}

// readConflicts takes --conflicts apart, and completes what the run is planned with.
func (o *updateOptions) readConflicts() error {
	o.plan = changeset.Options{
		ConflictsIn: map[string]changeset.ConflictChoice{}, Restore: o.restore, Adopt: o.adopt,
		ReplaceEdited: o.edited, ReplaceExisting: o.existing, Downgrade: o.downgrade,
	}
	for _, value := range o.conflicts {
		file, choice := "", value
		if i := strings.LastIndexByte(value, '='); i >= 0 {
			file, choice = filepath.ToSlash(filepath.Clean(value[:i])), value[i+1:]
		}
		if !slices.Contains(conflictChoices, choice) {
			return usageError(fmt.Errorf("--conflicts is %q, which is not a valid value", value),
				"choose one of "+joinWords(conflictChoices)+", for one file as FILE=ours")
		}
		if file == "" {
			o.plan.Conflicts = changeset.ConflictChoice(choice)
		} else {
			o.plan.ConflictsIn[file] = changeset.ConflictChoice(choice)
		}
	}
	return nil
}

// conflictsThere refuses a choice for a file that has no conflict, and will have none
// when it does not compile. A file that is in the way is reported as that.
func (o *updateOptions) conflictsThere(cs *changeset.Set) error {
	for name := range o.plan.ConflictsIn {
		if !slices.ContainsFunc(cs.Files, func(f changeset.FileChange) bool {
			return f.Path == name && (len(f.Conflicts) > 0 || f.Structural || f.Action == changeset.Refuse)
		}) {
			return usageError(fmt.Errorf("--conflicts names %q, which has no conflict", name),
				"leave it out, or name a file that has one")
		}
	}
	return nil
}

// changeOfOptions gathers the changes of options, by questions too with -i.
// Problems of options have exit code 2.
func (a *app) changeOfOptions(ctx context.Context, o *updateOptions) (func(*options.Options) error, error) {
	file, unread := a.readConfig(o.config, a.in)
	present, err := state.CurrentOptions(o.dir, a.gen.Owned())
	if err != nil {
		return nil, refusedOptions(hintsFor(o.dir, err))
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
	if len(s.from) == 0 {
		return nil, nil
	}
	return func(to *options.Options) error {
		for name := range s.from {
			d, _ := options.Lookup(name)
			if err := d.Set(to, d.Get(&s.options)...); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// interviewAgain asks each question that flags, environment and --config left open.
func (a *app) interviewAgain(ctx context.Context, s *settings) error {
	p, err := a.prompter(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = p.Close() }() // a terminal; nothing is lost
	v := &interview{ask: p, set: s, dir: "."}
	return v.run()
}
