// Package cli is the command line of sessionseed: commands, flags, questions
// and messages. It decides nothing about projects; the packages generator,
// policy and doctor do.
//
//	sessionseed new shop                       ask, then write a project
//	sessionseed new shop --yes --module ...    the same without questions
//	sessionseed regenerate shop --store redis  change options later
//
// A command runs in three steps. Flags, SESSIONSEED_* environment variables,
// an options file and the defaults are laid over one another into settings
// (settings.go); on a terminal, questions fill what is still open
// (interview.go); then the validated options go to the engine.
//
// Results go to standard output, everything else to standard error. With
// --json the result is one JSON document, also when the command refuses. The
// exit codes are in exit.go. Nothing is written unless the code is 0 (with
// --conflicts=markers, also on 3).
package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/templates"
)

// Process is what a run of the program gets from outside.
type Process struct {
	Args    []string  // without the program's name
	Stdin   io.Reader // questions are asked only when it is an *os.File on a terminal
	Stdout  io.Writer
	Stderr  io.Writer
	Environ []string // in the form of os.Environ
}

// Main runs one command and returns the exit code. It is called once a process:
// it listens for signals, and a first Ctrl-C cancels what can be cancelled.
func Main(p Process) int {
	ctx, stop := cancelOnSignal(context.Background())
	defer stop()
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once

	a := &app{
		streams: streams{in: p.Stdin, out: p.Stdout, err: p.Stderr, getenv: getenv(p.Environ)},
		args:    p.Args,
		environ: p.Environ,
		gen:     &render.Generator{Templates: templates.FS(), Version: version()},
	}
	root := newCmdRoot(a)
	root.SetArgs(p.Args)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitOK
	}
	return a.fail(cmd, err)
}

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

func getenv(environ []string) func(string) string {
	values := map[string]string{}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		values[name] = value
	}
	return func(name string) string { return values[name] }
}
