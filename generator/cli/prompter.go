package cli

import "slices"

// Prompter asks a person. Its implementations are the terminal one (prompt.go),
// one line at a time for dumb terminals and screen readers (lineprompt.go), and
// a scripted one in the tests.
//
// A method returns an answer that passed the question's Validate, or
// ErrCancelled. A Prompter is used by one goroutine.
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
	// Say shows text between questions, on the stream of the questions.
	Say(text string)
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

func (q Question) check(answer string) error {
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

// askList builds a List from single inputs; input must return the empty string
// for an empty line.
func askList(q Question, input func(Question) (string, error)) ([]string, error) {
	one := Question{Label: q.Label, Help: q.Help, Validate: func(s string) error {
		if s == "" || s == q.None {
			return nil
		}
		return q.check(s)
	}}
	if len(q.Defaults) > 0 {
		one.Default = joinWords(q.Defaults)
		check := one.Validate
		one.Validate = func(s string) error {
			if s == joinWords(q.Defaults) {
				return nil
			}
			return check(s)
		}
	}
	first, err := input(one)
	if err != nil || first == "" {
		return nil, err
	}
	list := []string{first}
	switch {
	case q.None != "" && first == q.None:
		return nil, nil
	case first == one.Default:
		list = slices.Clone(q.Defaults)
	}
	one.Label, one.Default, q.None = q.More, "", ""
	for {
		next, err := input(one)
		if err != nil {
			return nil, err
		}
		if next == "" {
			return list, nil
		}
		list = append(list, next)
	}
}
