package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/regenerate"
)

// checkResult is what `check --json` prints.
type checkResult struct {
	Command   string               `json:"command"`
	Directory string               `json:"directory"`
	UpToDate  bool                 `json:"upToDate"`
	Exit      int                  `json:"exit"`
	Findings  []regenerate.Finding `json:"findings"`
	Deleted   []string             `json:"deleted,omitempty"`
}

// checkOptions are what `check` is run with.
type checkOptions struct {
	dir  string
	json bool
}

func newCmdCheck(a *app, run func(context.Context, *checkOptions) error) *cobra.Command {
	o := &checkOptions{}
	if run == nil {
		run = a.runCheck
	}
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "For CI: report whether a project is up to date with its options",
		Long: `check compares the project in DIR with its sessionseed.yaml and its last
generation, and writes nothing. It exits with 3 when they differ: options
changed and not applied, a DO-NOT-EDIT file edited, conflict markers left, a
service that still opens another store, a file in the way of the next run, a
newer sessionseed, a run that was interrupted, or a record in .sessionseed/ that
is behind (once you have resolved conflicts, regenerate brings it up to date).
It ignores SESSIONSEED_* variables.`,
		Example: `  sessionseed check
  sessionseed check shop --json`,
		Args:              a.oneDir,
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.dir = projectDir(args)
			return run(cmd.Context(), o)
		},
	}
	jsonFlag(cmd.Flags(), &o.json)
	return cmd
}

func (a *app) runCheck(ctx context.Context, o *checkOptions) error {
	drift, err := regenerate.Check(ctx, a.gen, o.dir)
	if err != nil {
		return refusedOptions(hintsFor(o.dir, err))
	}
	code := exitOK
	if !drift.UpToDate() {
		code = exitDrift
	}
	if o.json {
		findings := append([]regenerate.Finding{}, drift.Findings...)
		result := checkResult{"check", o.dir, drift.UpToDate(), code, findings, drift.Deleted}
		if err := printJSON(a.out, result); err != nil {
			return err
		}
	} else {
		a.printDrift(drift, o.dir)
	}
	if code != exitOK {
		return silent(code)
	}
	return nil
}

func (a *app) printDrift(drift *regenerate.Drift, dir string) {
	if drift.UpToDate() {
		fmt.Fprint(a.out, "Up to date.\n"+deletedText(drift.Deleted, regenerateIn(dir)+" --restore"))
	}
	color := style(a.color(a.out))
	for i, f := range drift.Findings {
		if left := len(drift.Findings) - i; !a.verbose && i == shortList/2 && left > 1 { // two lines each
			fmt.Fprintf(a.out, "... and %d more; --verbose lists all\n", left)
			return
		}
		where := ""
		if !strings.HasPrefix(f.Fact, f.Path) {
			where = f.Path + ": "
		}
		fmt.Fprintf(a.out, "%s %s\n", color.yellow(f.Code+":"), oneLine(where+f.Fact))
		if f.Hint != "" {
			fmt.Fprintf(a.out, "  %s %s\n", color.cyan("hint:"),
				oneLine(inDirectory(f.Hint, dir)))
		}
	}
}
