package cli

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// updateResult is what `regenerate --json` and `diff --json` print.
type updateResult struct {
	Command   string                `json:"command"`
	Directory string                `json:"directory"`
	Written   bool                  `json:"written"`
	Exit      int                   `json:"exit"`
	Problems  []*problem.Problem    `json:"problems,omitempty"`
	Plan      *regenerate.ChangeSet `json:"plan,omitempty"`
	Result    *regenerate.Result    `json:"result,omitempty"`
}

// printUpdate prints the document, or text instead of it.
func (a *app) printUpdate(o *updateOptions, r updateResult, text string) error {
	if o.json {
		return printJSON(a.out, r)
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}

// printPlan shows what would be written.
func (a *app) printPlan(o *updateOptions, r updateResult) error {
	switch {
	case o.diff:
		return a.printUpdate(o, r, r.Plan.Diff())
	case !r.Plan.Changed():
		return a.printNothingToDo(o, r)
	}
	return a.printUpdate(o, r, planText(r.Plan, false)+"Nothing is written.\n")
}

// printNothingToDo says so, and what is left for the owner to do.
func (a *app) printNothingToDo(o *updateOptions, r updateResult) error {
	if len(r.Plan.Notes) == 0 {
		return a.printUpdate(o, r, "Nothing to do: the project is what its options say.\n")
	}
	return a.printUpdate(o, r,
		"Nothing to write: the generated files are what the options say.\n"+notesText(r.Plan.Notes))
}

func notesText(notes []string) string {
	var b strings.Builder
	for _, n := range notes {
		b.WriteString(wrap("  ", oneLine(n), textWidth) + "\n")
	}
	return b.String()
}

// blocked shows why nothing is written: places in conflict, files in the way.
func (a *app) blocked(o *updateOptions, r updateResult, err error) error {
	r.Exit, r.Problems = exitDrift, problems(err)
	if o.json {
		if err := printJSON(a.out, r); err != nil {
			return err
		}
	} else if o.diff {
		fmt.Fprint(a.out, r.Plan.Diff())
	}
	color := style(a.color(a.err))
	for _, f := range r.Plan.InConflict() {
		for _, h := range f.Conflicts {
			fmt.Fprintf(a.err, "%s\n%s\n",
				color.bold(fmt.Sprintf("%s:%d: you and the generator changed the same lines", f.Path, h.Line)),
				safeLines(hunkText(h)))
		}
	}
	for _, f := range r.Plan.Refused() {
		if diff := f.Diff(); diff != "" {
			fmt.Fprintln(a.err, safeLines(diff))
		}
	}
	printProblems(a.err, color, r.Problems)
	a.say("sessionseed: nothing was written")
	return silent(exitDrift)
}

// hunkText sets the three versions of a place side by side, as diff3 does.
func hunkText(h regenerate.ConflictHunk) string {
	line := func(text string) string {
		if text == "" || strings.HasSuffix(text, "\n") {
			return text
		}
		return text + "\n"
	}
	return "<<<<<<< yours\n" + line(
		h.Yours,
	) + "||||||| last generated\n" + line(
		h.Last,
	) + "=======\n" + line(
		h.New,
	) + ">>>>>>> new"
}

// notApplied shows what the compiler said about a merged project.
func (a *app) notApplied(o *updateOptions, r updateResult, err error) error {
	var broken *regenerate.CompileError
	if !errors.As(err, &broken) {
		return err
	}
	hint := "fix these places first, or apply with --no-verify and fix them afterwards"
	switch {
	case len(broken.Dependents) > 0:
		hint = strings.Join(broken.Dependents, "; ") + "; then run the command again"
	case len(broken.Orphans) > 0:
		hint = fmt.Sprintf("%s belonged to what is switched off and stays because you edited it: delete it, or move your edit elsewhere; --no-verify applies all the same", joinWords(broken.Orphans))
	case broken.Modules:
		hint = "apply with --no-verify, then run go mod tidy"
	case broken.Before:
		hint = "fix it first, or apply with --no-verify"
	}
	list := []*problem.Problem{{Fact: broken.Error(), Hint: hint}}
	if o.json {
		r.Exit, r.Problems, r.Result = exitDrift, list, &regenerate.Result{Broken: broken.Output}
		if err := printJSON(a.out, r); err != nil {
			return err
		}
	}
	fmt.Fprintln(a.err, safeLines(broken.Output))
	printProblems(a.err, style(a.color(a.err)), list)
	return silent(exitDrift)
}

// planText lists the changes of options and files. In short, files of one
// directory that have the same fate are on one line.
func planText(cs *regenerate.ChangeSet, short bool) string {
	var b strings.Builder
	for _, c := range cs.Options {
		fmt.Fprintf(&b, "%s: %s -> %s\n", c.Name, oneLine(orEmpty(c.Old)), oneLine(orEmpty(c.New)))
	}
	if cs.From != cs.To && cs.From != "" {
		fmt.Fprintf(&b, "sessionseed: %s -> %s\n", oneLine(cs.From), oneLine(cs.To))
	}
	for i := 0; i < len(cs.Files); i++ {
		f := cs.Files[i]
		if f.Action == regenerate.Unchanged || f.Action == regenerate.Keep {
			continue
		}
		line := fmt.Sprintf("  %-8s %s", f.Action, oneLine(f.Path))
		if n := alike(cs.Files[i:]); short && n >= manyFiles {
			line = fmt.Sprintf("  %-8s %s/ (%d files)", f.Action, oneLine(path.Dir(f.Path)), n)
			i += n - 1
		}
		if f.RenamedFrom != "" {
			line += " (was " + oneLine(f.RenamedFrom) + ")"
		}
		if len(f.Why) > 0 {
			line += "  [" + joinWords(f.Why) + "]"
		}
		b.WriteString(line + "\n")
		if f.Note != "" {
			b.WriteString(wrap("             ", oneLine(f.Note), textWidth) + "\n")
		}
	}
	for _, text := range cs.Warnings {
		b.WriteString(wrap("  warning: ", text, textWidth) + "\n")
	}
	return b.String() + notesText(cs.Notes)
}

// manyFiles is from how many files on a directory stands for them.
const manyFiles = 4

// alike is how many files at the head of a list are of one directory and have
// the same fate.
func alike(files []regenerate.FileChange) int {
	first := files[0]
	n := 1
	for n < len(files) {
		f := files[n]
		if path.Dir(f.Path) != path.Dir(first.Path) || path.Dir(f.Path) == "." || f.Action != first.Action ||
			f.Note != first.Note ||
			!slices.Equal(f.Why, first.Why) ||
			f.RenamedFrom != first.RenamedFrom {
			break
		}
		n++
	}
	return n
}

func orEmpty(value string) string {
	if value == "" {
		return `""`
	}
	return value
}

func appliedText(r *regenerate.Result) string {
	text := "Written: " + count(r.Written, "file", "files")
	if r.Deleted > 0 {
		text += fmt.Sprintf(", deleted: %d", r.Deleted)
	}
	switch {
	case r.Verified:
		text += "; the project compiles and passes go vet.\n"
	case r.Broken != "":
		text += "; " + r.Unverified + "\n" + safeLines(r.Broken) + "\n"
	default:
		text += "; not compiled: " + r.Unverified + "\n"
	}
	return text + notesText(r.Notes) + "Not what you wanted? sessionseed regenerate --undo\n"
}

// unsettled counts places that were written with conflict markers.
func unsettled(cs *regenerate.ChangeSet) int {
	n := 0
	for _, f := range cs.InConflict() {
		n += len(f.Conflicts)
	}
	return n
}

// safeLines keeps line ends and tabs of a text and no other control character.
func safeLines(text string) string {
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	for i, line := range lines {
		parts := strings.Split(strings.TrimSuffix(line, "\r"), "\t")
		for j := range parts {
			parts[j] = oneLine(parts[j])
		}
		lines[i] = strings.Join(parts, "\t")
	}
	return strings.Join(lines, "\n")
}
