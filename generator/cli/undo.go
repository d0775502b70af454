package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/regenerate"
	"github.com/sessionseed/sessionseed/generator/state"
)

// undoAlone refuses flags beside --undo that it would ignore: an undo writes at
// once, and only what was there before.
func undoAlone(f *pflag.FlagSet) error {
	var beside []string
	f.Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{"undo", "json", "yes", "no-input", "quiet", "verbose", "no-color", "accessible",
			"no-verify"},
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

// runUndo takes back the last run, and says what it took back.
func (a *app) runUndo(o *updateOptions) error {
	done, err := project.Recover(o.dir, a.gen.Owned())
	if err != nil {
		return hintsFor(o.dir, err)
	}
	if done.Text != "" {
		a.say("sessionseed: %s", done.Text)
	}
	last := project.ReadLastRun(o.dir, a.gen.Owned())
	text, again := "", ""
	switch {
	case done.RolledBack && done.Undo:
		text, again = "It was an undo, so the run that it took back stands again.", "undo that run"
	case done.RolledBack && last != nil && last.Undo:
		text, again = "That took it back.", "redo what was undone before it"
	case done.RolledBack:
		text, again = "That took it back.", "undo the run before it as well"
	case done.Finished && done.Undo: // which is what was asked for
		text, again = "It was an undo, and nothing else was done.", "redo the run that it took back"
	}
	if text != "" {
		if last != nil {
			text += " To " + again + ", give --undo again, if its files are unchanged since."
		}
		return a.printUpdate(o, updateResult{Command: o.command, Directory: o.dir, Written: true},
			wrap("", text, textWidth)+"\n")
	}
	before, unread := state.GeneratedOptions(o.dir, a.gen.Owned())
	if err := project.Undo(o.dir, a.gen.Owned()); err != nil {
		if not := (*state.NotProjectError)(nil); last == nil && errors.As(unread, &not) {
			return refusedOptions(hintsFor(o.dir, unread)) // a better reason why there is nothing to undo
		}
		return hintsFor(o.dir, err)
	}
	r := updateResult{Command: o.command, Directory: o.dir, Written: true}
	if last == nil {
		return a.printUpdate(o, r, "Undid the last run.\n")
	}
	r.Plan = &changeset.Set{Dir: o.dir, From: a.gen.Version, To: a.gen.Version}
	if after, err := state.GeneratedOptions(o.dir, a.gen.Owned()); err == nil && unread == nil {
		r.Plan.Options = options.ChangedOptions(before, after)
	}
	for _, part := range []struct {
		action changeset.Action
		paths  []string
	}{
		{changeset.Update, last.Restored}, {changeset.Delete, last.Removed}, {changeset.Add, last.BroughtBack},
	} {
		for _, path := range part.paths {
			r.Plan.Files = append(r.Plan.Files, changeset.FileChange{Path: path, Action: part.action})
		}
	}
	slices.SortFunc(r.Plan.Files, func(a, b changeset.FileChange) int { return cmp.Compare(a.Path, b.Path) })
	r.Result = &changeset.Result{
		Written: len(last.Restored) + len(last.BroughtBack), Deleted: len(last.Removed), Unverified: "as it was before",
	}
	return a.printUpdate(o, r, planText(r.Plan, a.verbose)+undoneText(last)+a.stillWanted(o.dir))
}

// stillWanted says which options sessionseed.yaml has and the code has not, since an undo
// leaves what was written there by hand.
func (a *app) stillWanted(dir string) string {
	cs, err := regenerate.Plan(context.Background(), a.gen, dir, nil, changeset.Options{})
	if err != nil || len(cs.Options) == 0 {
		return ""
	}
	const changeBack = ", as you wrote it: change it back, or the next regenerate applies it."
	var list []string
	text := ""
	for _, c := range cs.Options {
		if c.Name == "module" && cs.Followed {
			text = wrap("", "go.mod still says module "+c.New+changeBack, textWidth) + "\n"
			continue
		}
		list = append(list, c.Name+": "+oneLine(orEmpty(c.New)))
	}
	if len(list) > 0 {
		text += wrap("", "sessionseed.yaml still says "+joinWords(list)+changeBack, textWidth) + "\n"
	}
	return text
}

func undoneText(last *project.LastRun) string {
	text := "Undid the run of " + day(last.At) + ": "
	if last.Undo {
		text = "Redid what the undo of " + day(last.At) + " had taken back: "
	}
	n := len(last.Restored) + len(last.BroughtBack)
	if n+len(last.Removed) == 0 {
		return text + "only .sessionseed/ was left to restore.\n"
	}
	text += count(n, "file", "files") + " restored"
	if len(last.Removed) > 0 {
		text += fmt.Sprintf(", %d deleted", len(last.Removed))
	}
	return text + ".\n"
}

// undoableText says after a run that changed nothing what --undo would undo or redo, if
// anything.
func (a *app) undoableText(dir string) string {
	last := project.ReadLastRun(dir, a.gen.Owned())
	if last == nil {
		return ""
	}
	what := "takes back the last run that changed anything"
	if last.Undo {
		what = "redoes what was undone last"
	}
	return wrap("", "--undo "+what+" ("+day(last.At)+"), if its files are unchanged since.", textWidth) + "\n"
}

func day(t time.Time) string { return t.Local().Format("2006-01-02 15:04") }
