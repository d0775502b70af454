// Package ask asks a person at a terminal. It is the only importer of survey,
// whose keys and drawing it repairs, and knows nothing of projects.
//
// Its prompters are the one that draws (survey.go, over console.go) and the one
// that prints a line at a time for dumb terminals and screen readers (lines.go).
package ask

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
)

// ErrCancelled is what a Prompter returns when the person pressed Ctrl-C or
// Ctrl-D, closed the terminal, or the process received a signal to stop. Once returned,
// every later question of the same Prompter returns it as well.
var ErrCancelled = errors.New("cancelled")

// ErrBack is what a Prompter returns when the person wants the question before this
// one: by < as the first key of an answer.
var ErrBack = errors.New("back")

const backKey = "<"

// Options of a Prompter.
type Options struct {
	Color bool
	Lines bool // print one plain line at a time: no colors, no cursor movement
}

// New asks on a terminal: in is one, and so is out, on which the questions are
// drawn. The terminal is the Prompter's until Close.
func New(ctx context.Context, in, out *os.File, o Options) (Prompter, error) {
	if o.Lines {
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
	// are too long are broken at words and go on under their first word.
	Say(text string)
	// Width is the number of columns that a line can have.
	Width() int
	// Close gives the terminal back in the state in which it was found.
	Close() error
}

// Question is what a prompt shows and what it accepts.
type Question struct {
	Label    string             // short: fits a line of 60 columns together with the default
	More     string             // List: the label of every line after the first
	Help     string             // shown when the answer is "?"
	Default  string             // Input: the answer of an empty line
	Defaults []string           // List: the answer of an empty first line
	None     string             // List: the first line that stands for no lines at all
	Validate func(string) error // nil accepts everything
}

// Check judges an answer by Validate.
func (q Question) Check(answer string) error {
	if q.Validate == nil {
		return nil
	}
	return q.Validate(answer)
}

// Choice is one answer of a Select. Label is unique within its question.
type Choice struct {
	Label string
	Note  string // one clause after the label; may be empty
}

// List builds a Prompter's List from its Input. Going back takes one line back, from
// the first line it leaves the list.
func List(q Question, input func(Question) (string, error)) ([]string, error) {
	defaults := strings.Join(q.Defaults, ", ")
	first := Question{Label: q.Label, Help: q.Help, Default: defaults, Validate: func(s string) error {
		if s == "" || s == q.None || s == defaults {
			return nil
		}
		return q.Check(s)
	}}
	more := Question{Label: q.More, Help: q.Help, Validate: func(s string) error {
		if s == "" {
			return nil
		}
		return q.Check(s)
	}}
	var lists [][]string // one a line: what the list was before it
	var list []string
	for {
		one := more
		if len(lists) == 0 {
			one = first
		}
		answer, err := input(one)
		switch {
		case errors.Is(err, ErrBack) && len(lists) > 0:
			list, lists = lists[len(lists)-1], lists[:len(lists)-1]
			continue
		case err != nil:
			return nil, err
		case answer == "":
			return list, nil
		case len(lists) == 0 && q.None != "" && answer == q.None:
			return nil, nil
		}
		lists = append(lists, list)
		if len(lists) == 1 && answer == defaults {
			list = slices.Clone(q.Defaults)
		} else {
			list = append(slices.Clone(list), answer)
		}
	}
}
