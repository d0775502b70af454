// Package cli is the command line of sessionseed: commands, flags, questions
// and messages. It decides nothing about projects; the other packages
// below generator do.
//
//	sessionseed new shop                       ask, then write a project
//	sessionseed new shop --yes --module ...    the same without questions
//	sessionseed regenerate shop --store redis  change options later
//
// A command runs in three steps. Flags, SESSIONSEED_* environment variables,
// an options file and the defaults are laid over one another into settings
// (settings.go); on a terminal, questions fill what is still open
// (steps.go); then the validated options go to the engine.
//
// Results go to standard output, everything else to standard error. With
// --json the result is one JSON document, also when the command refuses. The
// exit codes are in exit.go. Nothing is written unless the code is 0 (with
// --conflicts=markers, also on 3), or only the result could not be printed.
package cli

import (
	"context"
	"io"

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

// Main runs one command and returns the exit code. It is called once per process:
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
