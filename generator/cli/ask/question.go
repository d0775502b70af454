package ask

import (
	"errors"
	"slices"
	"strings"
)

// ErrCancelled is what a Prompter returns when the person pressed Ctrl-C or
// Ctrl-D, closed the terminal, or the process received a signal to stop. Once returned,
// every later question of the same Prompter returns it as well.
var ErrCancelled = errors.New("cancelled")

// ErrBack is what a Prompter returns when the person wants the question before this
// one: by < as the first key of an answer, at any time in a Select, and alone on a line.
var ErrBack = errors.New("back")

// backKey is what a person types to go back.
const backKey = "<"

// Question is what a prompt shows and what it accepts.
type Question struct {
	Label    string             // short: fits a line of 60 columns together with the default
	More     string             // List: the label of every line after the first
	Help     string             // shown when the answer is "?"
	HelpMore string             // List: that of every line after the first
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

// List builds a Prompter's List from its Input. Going back takes one line back; on
// the first line it leaves the list.
func List(q Question, input func(Question) (string, error)) ([]string, error) {
	defaults := strings.Join(q.Defaults, ", ")
	first := Question{Label: q.Label, Help: q.Help, Default: defaults, Validate: func(s string) error {
		if s == "" || s == q.None || s == defaults {
			return nil
		}
		return q.Check(s)
	}}
	more := Question{Label: q.More, Help: q.HelpMore, Validate: func(s string) error {
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
