package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator"
)

// checkResult is what `check --json` prints.
type checkResult struct {
	Command   string              `json:"command"`
	Directory string              `json:"directory"`
	InStep    bool                `json:"inStep"`
	Exit      int                 `json:"exit"`
	Findings  []generator.Finding `json:"findings"`
}

func (a *app) checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [DIR]",
		Short: "For CI: say whether a project is in step with its options",
		Long: `check compares the project in DIR with its sessionseed.yaml and its last
generation, and writes nothing. It exits with 3 when they are out of step: options
changed and not applied, a DO-NOT-EDIT file edited, conflict markers left, another
store opened by the code, a newer sessionseed, or a run that was interrupted. Flags
and SESSIONSEED_* variables for options have no part in it.`,
		Example: `  sessionseed check
  sessionseed check shop --json`,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeDirs,
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := projectDir(args)
			drift, err := a.gen.Check(cmd.Context(), dir)
			if err != nil {
				return refusedOptions(err)
			}
			code := exitOK
			if !drift.InStep() {
				code = exitDrift
			}
			if a.common.json {
				findings := append([]generator.Finding{}, drift.Findings...)
				if err := printJSON(a.out, checkResult{"check", dir, drift.InStep(), code, findings}); err != nil {
					return err
				}
			} else if drift.InStep() {
				fmt.Fprintln(a.out, "In step.")
			}
			color := style(a.color(a.out, a.common))
			for _, f := range drift.Findings {
				if a.common.json {
					break
				}
				where := ""
				if !strings.HasPrefix(f.Fact, f.Path) {
					where = f.Path + ": "
				}
				fmt.Fprintf(a.out, "%s %s\n", color.yellow(f.Code+":"), oneLine(where+f.Fact))
				if f.Hint != "" {
					fmt.Fprintf(a.out, "  %s %s\n", color.cyan("hint:"), oneLine(f.Hint))
				}
			}
			if code != exitOK {
				return silent(code)
			}
			return nil
		},
	}
	a.common.jsonFlag(cmd.Flags())
	return cmd
}
