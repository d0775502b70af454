// Package ask asks a person at a terminal. It is the only importer of survey,
// whose keys and drawing it repairs, and knows nothing of projects.
//
// What is asked is a Question (question.go). The prompters are the one that draws
// (survey.go, over console.go) and the one that prints a line at a time for dumb
// terminals and screen readers (lines.go).
package ask

import (
	"context"
	"os"
	"runtime"
)

// Options of a Prompter.
type Options struct {
	Color bool
	Lines bool // print one plain line at a time: no colors, no cursor movement
}

// New asks on a terminal: in is one, and so is out, on which the questions are
// drawn. The terminal is the Prompter's until Close. On Windows it is asked line by
// line: there survey reads the keys itself, takes Ctrl-D for Enter, which agrees, and
// knows no way back.
func New(ctx context.Context, in, out *os.File, o Options) (Prompter, error) {
	if o.Lines || runtime.GOOS == "windows" {
		return newLinePrompter(ctx, in, out), nil
	}
	return newSurveyPrompter(ctx, in, out, o.Color)
}

// Prompter asks a person.
//
// A method returns an answer that passed the question's Validate, or ErrCancelled,
// or ErrBack. A Prompter is used by one goroutine.
type Prompter interface {
	// Input asks for one line of text. An empty answer is the default.
	Input(q Question) (string, error)
	// Select asks for one of several choices and returns its index.
	Select(q Question, choices []Choice, preset int) (int, error)
	// Confirm asks for yes or no.
	Confirm(q Question, preset bool) (bool, error)
	// List asks for any number of lines, one by one; an empty line ends it.
	// An empty first line takes Question.Defaults, to which more can be added.
	List(q Question) ([]string, error)
	// Say shows text between questions, on the stream of the questions. Lines that
	// are too long are broken at words and go on where they began, at least two
	// columns from the left.
	Say(text string)
	// Width is the number of columns that a line can have.
	Width() int
	// Close gives the terminal back in the state in which it was found.
	Close() error
}
