package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/render"
)

// app is one run of the program: what every command has at hand. The options of
// a command are its own; a command is made by newCmdX, which fills an xOptions
// from flags and arguments and hands it to run, the app's runX in the program.
type app struct {
	streams
	args    []string
	environ []string
	gen     *render.Generator
}

// fail says why a command stopped, and returns its exit code.
func (a *app) fail(cmd *cobra.Command, err error) int {
	code := exitCode(err)
	list := problems(err)
	if code == exitCancelled {
		list = []*problem.Problem{{Fact: "cancelled: nothing was written"}}
	}
	if err.Error() == "" {
		return code
	}
	// The flag may come after what was not understood.
	if flag := cmd.Flags().Lookup("json"); flag != nil && (flag.Changed || slices.Contains(a.args, "--json")) {
		name := strings.TrimPrefix(cmd.CommandPath(), cmd.Root().Name()+" ")
		_ = printJSON(a.out, failure{name, code, list}) // the exit code says the same
	}
	printProblems(a.err, style(a.color(a.err)), list)
	return code
}

// say talks to the person at the terminal: on standard error, unless --quiet.
func (a *app) say(format string, args ...any) {
	if !a.quiet {
		fmt.Fprintf(a.err, format+"\n", args...)
	}
}

// getenv looks up what is in the form of os.Environ.
func getenv(environ []string) func(string) string {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}
