package options

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// Option is a row of the table: every place that speaks of an option (flag,
// environment, file, prompt, documentation, the emitted constant) reads it.
type Option struct {
	Name    string // koa-session's name and the key in sessionseed.yaml: maxAge, captcha.size
	Flag    string // max-age; made from the name where the row has none
	Group   Group  // the heading under which the help has it
	Prompt  string // the question, under 60 columns; empty: asked only by a preset or not at all
	Help    string // one phrase
	Limits  string // what is accepted; made from the values or the bounds where the row has none
	Runtime string // environment variable of the emitted service that overrides it; empty: fixed at generation
	// Const is the constant or variable of the emitted internal/config that holds
	// the value, as file:identifier; empty where files or imports follow from the
	// option, and no value.
	Const string

	Kind   Kind     // form of the value, from the field's type
	Values []string // the allowed values of an Enum

	Mistaken  string             // the hint for a Bool that a secret may be given to: no message repeats it
	low, high int                // bounds of an Int
	session   bool               // a Duration that may be "session"
	added     bool               // only a project of add has it
	at        func(*Options) any // pointer to the field
}

// Kind is the form of an option's value; it decides the flag's type, the
// prompt's widget and the YAML form.
type Kind int

const (
	Text Kind = iota
	Bool
	Int
	Duration // 30m, 24h, 7d, koa's milliseconds, or "session" where allowed
	Enum
	List
)

// Group is a heading of the help.
type Group string

const (
	Project Group = "Project"
	Session Group = "Session and cookie"
	Store   Group = "Store"
	Captcha Group = "Captcha"
)

// Env is the environment variable that the generator itself reads for the
// option: SESSIONSEED_ and the flag's name in upper case.
func (d Option) Env() string {
	return "SESSIONSEED_" + strings.ToUpper(strings.ReplaceAll(d.Flag, "-", "_"))
}

// Get returns the option's value in o in its canonical text form; only List
// options have other than one element.
func (d Option) Get(o *Options) []string {
	switch p := d.at(o).(type) {
	case *[]string:
		return *p
	case *bool:
		return []string{strconv.FormatBool(*p)}
	case *int:
		return []string{strconv.Itoa(*p)}
	case *time.Duration:
		return []string{FormatDuration(*p)}
	default:
		return []string{*p.(*string)}
	}
}

// Applies reports whether o has the option: some are in projects that add made, and
// not in the files of others.
func (d Option) Applies(o *Options) bool { return !d.added || o.Into != "" }

// Added reports whether only a project of add has the option.
func (d Option) Added() bool { return d.added }

// Default is the value in [Defaults], lists joined by a comma.
func (d Option) Default() string {
	o := Defaults()
	return strings.Join(d.Get(&o), ",")
}

// Set stores values in o. The error is a [*problem.Problem] and o is unchanged when
// a value does not have the option's form; limits between options are [Options.Validate]'s.
func (d Option) Set(o *Options, values ...string) error {
	if p, ok := d.at(o).(*[]string); ok {
		*p = splitList(values)
		return nil
	}
	if _, err := strconv.ParseBool(strings.Join(values, ",")); err != nil && d.Mistaken != "" {
		return problem.For(d.Name, d.Name+" is neither true nor false", "write true, and "+d.Mistaken)
	}
	if len(values) != 1 {
		return problem.For(d.Name, fmt.Sprintf("%s takes one value, got %d", d.Name, len(values)), "give it once")
	}
	v := values[0]
	if d.Name == "into" { // as shells complete it
		v = strings.TrimPrefix(strings.TrimSuffix(v, "/"), "./")
	}
	refuse := func(what, hint string) error {
		return problem.For(d.Name, fmt.Sprintf("%s is %q, which is %s", d.Name, v, what), hint)
	}
	switch p := d.at(o).(type) {
	case *string:
		if d.Kind == Enum && !slices.Contains(d.Values, v) {
			return refuse("not one of its values", "choose one of "+strings.Join(d.Values, ", "))
		}
		*p = v
	case *bool:
		b, err := strconv.ParseBool(v)
		if err != nil {
			return refuse("neither true nor false", "write true or false")
		}
		*p = b
	case *int:
		n, err := strconv.Atoi(v)
		if err != nil || n < d.low || n > d.high {
			return refuse("not a whole number from "+d.Limits, "choose one from "+d.Limits)
		}
		*p = n
	case *time.Duration:
		t, err := ParseDuration(v)
		if errors.Is(err, errTooLong) {
			return refuse("too long", "write a shorter one, such as "+d.Default())
		}
		if err != nil || t == BrowserSession && !d.session {
			usual := Defaults()
			return refuse("not a duration", fmt.Sprintf("write it with its unit (ms, s, m, h or d), such as %s, or in "+
				"milliseconds as in koa: %d", d.Default(), d.at(&usual).(*time.Duration).Milliseconds()))
		}
		*p = t
	}
	return nil
}

// Literal is the option's value in o as a Go expression. An Enum that the policy
// has decided to be true or false is a bool.
func (d Option) Literal(o *Options) string {
	switch p := d.at(o).(type) {
	case *[]string:
		quoted := make([]string, len(*p))
		for i, s := range *p {
			quoted[i] = strconv.Quote(s)
		}
		return "[]string{" + strings.Join(quoted, ", ") + "}"
	case *time.Duration:
		return durationLiteral(*p)
	case *string:
		if d.Kind == Enum && (*p == "true" || *p == "false") {
			return *p
		}
		return strconv.Quote(*p)
	}
	return d.Get(o)[0]
}

func splitList(values []string) []string {
	list := []string{}
	for _, v := range values {
		for s := range strings.SplitSeq(v, ",") {
			if s = strings.TrimSpace(s); s != "" && !slices.Contains(list, s) {
				list = append(list, s)
			}
		}
	}
	return list
}
