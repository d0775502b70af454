// Package problem is the form of everything that is said to be wrong: the fact
// first, then the remedy.
package problem

import "errors"

// Problem is one reason to refuse something.
type Problem struct {
	// Option is the one to blame, empty where none alone is.
	Option string `json:"option,omitempty"`
	// Code is the stable name of the kind, where programs tell kinds apart.
	Code string `json:"code,omitempty"`
	// Fact is one sentence: lower case, without a full stop, input quoted.
	Fact string `json:"fact"`
	// Hint is what to do about it.
	Hint string `json:"hint,omitempty"`
}

func (p *Problem) Error() string { return p.Fact }

// New is a problem that no single option is to blame for.
func New(fact, hint string) *Problem { return &Problem{Fact: fact, Hint: hint} }

// For is a problem of an option.
func For(option, fact, hint string) *Problem { return &Problem{Option: option, Fact: fact, Hint: hint} }

// List takes an error apart that [errors.Join] has made, at every level. An error
// that is not a problem becomes one without a hint.
func List(err error) []*Problem {
	var list []*Problem
	for _, e := range Flatten(err) {
		p := &Problem{Fact: e.Error()}
		errors.As(e, &p)
		list = append(list, p)
	}
	return list
}

// Flatten lists the errors that err joins, at every level; none for nil.
func Flatten(err error) []error {
	if err == nil {
		return nil
	}
	if j, ok := err.(interface{ Unwrap() []error }); ok {
		var list []error
		for _, e := range j.Unwrap() {
			list = append(list, Flatten(e)...)
		}
		return list
	}
	return []error{err}
}
