package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// blocked shows why nothing is written: places in conflict, files in the way.
// What each side of a conflict comes to is tried before.
func (a *app) blocked(ctx context.Context, o *updateOptions, r updateResult,
	change func(*options.Options) error) error {
	if !o.previewOptions.any() && !o.noVerify {
		done := a.progress("Compiling each side of the conflict")
		err := regenerate.TryChoices(ctx, a.gen, r.Plan, change)
		done()
		if err != nil {
			return err
		}
	}
	r.Exit, r.Problems = exitDrift, problems(hintsFor(o.dir, r.Plan.Blocked()))
	if o.json {
		if err := printJSON(a.out, r.document()); err != nil {
			return err
		}
	} else if o.diff {
		fmt.Fprint(a.out, r.Plan.Diff())
	}
	color := style(a.color(a.err))
	for _, f := range r.Plan.InConflict() {
		for _, h := range f.Conflicts {
			place := fmt.Sprintf("%s:%d: ", f.Path, h.Line)
			if h.Element != "" {
				place += h.Element + ": "
			}
			fmt.Fprintf(a.err, "%s\n%s\n", color.bold(oneLine(place)+"you and the generator changed the same lines"),
				safeLines(hunkText(h)))
		}
	}
	for _, c := range r.Plan.Choices {
		result := "compiles"
		switch {
		case !c.Compiles:
			result = "does not compile: " + c.Fault
		case slices.Contains(slices.Collect(maps.Values(c.In)), changeset.TakeTheirs):
			result += "; your lines in the places above are replaced"
		}
		fmt.Fprintf(a.err, "%s %s\n", color.bold(c.Flags()+":"), oneLine(result))
	}
	for _, f := range r.Plan.Refused() {
		if diff := f.Diff(); diff != "" {
			fmt.Fprintf(a.err, "%s\n%s\n", color.bold(oneLine(f.Path)+": your edit"), safeLines(diff))
		}
	}
	printProblems(a.err, color, r.Problems)
	a.say("sessionseed: nothing was written")
	return silent(exitDrift)
}

// hunkText writes the three versions of a place one below the other, as diff3 does.
func hunkText(h changeset.ConflictHunk) string {
	line := func(text string) string {
		if text == "" || strings.HasSuffix(text, "\n") {
			return text
		}
		return text + "\n"
	}
	return "<<<<<<< yours\n" + line(h.Yours) + "||||||| last generated\n" + line(h.Last) +
		"=======\n" + line(h.New) + ">>>>>>> new"
}

// notApplied shows what the compiler said about a merged project.
func (a *app) notApplied(o *updateOptions, r updateResult, err error) error {
	var broken *changeset.CompileError
	if !errors.As(err, &broken) {
		return hintsFor(o.dir, err)
	}
	hint := "fix these places first, or apply with --no-verify and fix them afterwards"
	switch {
	case len(broken.Dependents) > 0:
		hint = strings.Join(broken.Dependents, "; ") + "; then run the command again"
	case len(broken.Orphans) > 0:
		hint = broken.Orphans[0] + " belonged to what is switched off and stays because you edited it: " +
			"delete it, or move your edit elsewhere; --no-verify applies anyway"
		if len(broken.Orphans) > 1 {
			hint = joinWords(broken.Orphans) + " belonged to what is switched off and stay because you edited " +
				"them: delete them, or move your edits elsewhere; --no-verify applies anyway"
		}
	case !broken.Before && slices.ContainsFunc(r.Plan.Files, func(f changeset.FileChange) bool {
		return len(f.Conflicts) > 0 && path.Ext(f.Path) == ".go"
	}):
		hint = "this side of the conflicts does not compile: run the command without --conflicts, and it says " +
			"which does; " +
			"or write both with --conflicts=markers and resolve them"
	case len(broken.Added) > 0:
		need := broken.Added[0] + " needs"
		if len(broken.Added) > 1 {
			need = "files " + joinWords(broken.Added) + " need"
		}
		hint = "the new " + need + " what is missing here: if you deleted that, --restore brings it back; else apply " +
			"with --no-verify and fix the places"
	case broken.Modules && strings.Contains(broken.Output, "errors parsing go.mod"):
		hint = "fix go.mod first, then run the command again"
	case broken.Modules && strings.Contains(broken.Output, "go.work"):
		hint = "fix go.work first (go work use, if its go line is too old), then run the command again"
	case broken.Before && len(r.Plan.DeletedByOwner()) > 0:
		hint = "fix it first, bring back what you deleted with --restore, or apply with --no-verify"
	case broken.Modules:
		hint = "apply with --no-verify, then run go mod tidy"
	case broken.Before:
		hint = "fix it first, or apply with --no-verify"
	}
	list := []*problem.Problem{{Fact: broken.Error(), Hint: hint}}
	if o.json {
		r.Exit, r.Problems, r.Result = exitDrift, list, &changeset.Result{Broken: broken.Output}
		if err := printJSON(a.out, r.document()); err != nil {
			return err
		}
	}
	fmt.Fprintf(a.err, "In the files as they would be:\n%s\n", safeLines(broken.Output))
	printProblems(a.err, style(a.color(a.err)), list)
	return silent(exitDrift)
}
