package cli

import (
	"fmt"

	"github.com/spf13/pflag"

	"github.com/sessionseed/sessionseed/generator/changeset"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
)

// updateOptions are what `regenerate` and `diff` are run with.
type updateOptions struct {
	askOptions
	previewOptions
	command string // the one that was called
	dir     string
	given   optionFlags // options over those of the project
	config  string      // file of options over those of the project, or ""
	json    bool
	replacing
	plan        changeset.Options // what the flags come to, by readConflicts
	interactive bool
	conflicts   []string // of conflictChoices, alone or as FILE=choice; none: stop at a conflict
	noVerify    bool
	undo        bool
	restore     bool
	adopt       bool
}

// replacing are the flags of `regenerate` and `diff` that take the generator's
// side: one for each thing that would be lost.
type replacing struct {
	edited    bool // edits by hand of DO-NOT-EDIT files
	existing  bool // files of the owner's in the place of new ones
	downgrade bool // what a newer sessionseed wrote
}

func (r *replacing) flags(f *pflag.FlagSet) {
	f.BoolVar(&r.edited, "replace-edited", false, "drop hand edits of DO-NOT-EDIT files")
	f.BoolVar(&r.existing, "replace-existing", false, "replace files of yours that are in the way")
	f.BoolVar(&r.downgrade, "downgrade", false, "replace what a newer sessionseed wrote")
}

// updateResult is what `regenerate --json` and `diff --json` print.
type updateResult struct {
	Command   string             `json:"command"`
	Directory string             `json:"directory"`
	Written   bool               `json:"written"`
	Exit      int                `json:"exit"`
	Problems  []*problem.Problem `json:"problems,omitempty"`
	Plan      *changeset.Set     `json:"plan,omitempty"`
	Result    *changeset.Result  `json:"result,omitempty"`
}

// planResult is a plan in JSON, in which the values of options are those of the other
// documents.
type planResult struct {
	*changeset.Set
	Options []optionChange `json:"options"` // in place of the set's
}

type optionChange struct {
	Name string `json:"name"`
	Old  any    `json:"old"`
	New  any    `json:"new"`
}

// document is the result as it is printed.
func (r updateResult) document() any {
	d := struct {
		updateResult
		Plan *planResult `json:"plan,omitempty"`
	}{updateResult: r}
	if r.Plan != nil {
		d.Plan = &planResult{r.Plan, []optionChange{}}
		for _, c := range r.Plan.Options {
			row, _ := options.Lookup(c.Name)
			d.Plan.Options = append(d.Plan.Options, optionChange{c.Name, scalar(row, c.Old), scalar(row, c.New)})
		}
	}
	return d
}

// printUpdate prints the document, or text instead of it.
func (a *app) printUpdate(o *updateOptions, r updateResult, text string) error {
	if o.json {
		return printJSON(a.out, r.document())
	}
	_, err := fmt.Fprint(a.out, text)
	return err
}
