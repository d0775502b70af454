package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/state"
)

// The exit codes of every command. Scripts may rely on them.
const (
	exitOK        = 0   // done
	exitError     = 1   // the work could not be done: a write error, an unreachable service
	exitUsage     = 2   // the command was not understood, or an option's value is refused
	exitDrift     = 3   // a project behind its options, a conflict, a broken build, a session that cannot work
	exitCancelled = 130 // Ctrl-C, Ctrl-D or a signal; nothing was written
)

// codedError carries an exit code up to Main together with the reason.
// A nil err means that everything worth saying was said already.
type codedError struct {
	code int
	err  error
	hint string
}

func (e *codedError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *codedError) Unwrap() error { return e.err }

// usageError is a command line that cannot be obeyed, with its remedy.
func usageError(err error, hint string) error {
	return &codedError{code: exitUsage, err: err, hint: hint}
}

// refused marks problems of options or of their combination: exit code 2.
func refused(err error) error {
	if err == nil {
		return nil
	}
	return &codedError{code: exitUsage, err: err}
}

// refusedOptions gives problems of options, and a directory that is not a project,
// their exit code; others keep 1.
func refusedOptions(err error) error {
	var p *problem.Problem
	var config *state.ConfigError
	var none *state.NotProjectError
	if errors.As(err, &none) || errors.As(err, &config) || errors.As(err, &p) && p.Option != "" {
		return refused(err)
	}
	return err
}

// writtenUnsaid is for a result that cannot be printed, of work that is done.
func writtenUnsaid(err error) error {
	return fmt.Errorf("the files are written, and what there is to say of them could not be printed: %w", err)
}

// silent ends the run with a code and no further words.
func silent(code int) error { return &codedError{code: code} }

// exitCode maps what a command returned to the process's exit code.
func exitCode(err error) int {
	if err == nil {
		return exitOK
	}
	if errors.Is(err, ask.ErrCancelled) || errors.Is(err, context.Canceled) {
		return exitCancelled
	}
	var coded *codedError
	if errors.As(err, &coded) {
		return coded.code
	}
	return exitError
}
