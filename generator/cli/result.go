package cli

import (
	"strconv"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// values are all options by name, as sessionseed.yaml has them.
func values(o *options.Options) map[string]any {
	m := map[string]any{}
	for _, d := range options.Table() {
		if d.Applies(o) {
			m[d.Name] = value(d, o)
		}
	}
	return m
}

// value is an option's value in JSON: a list, a truth value, a number or a string.
func value(d options.Option, o *options.Options) any {
	got := d.Get(o)
	if d.Kind == options.List {
		return got
	}
	return scalar(d, got[0])
}

// scalar is a value that is one text elsewhere.
func scalar(d options.Option, text string) any {
	switch d.Kind {
	case options.Bool:
		return text == "true"
	case options.Int:
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
	}
	return text
}

// policyResult is the cookie policy in the results of new, add and explain.
type policyResult struct {
	Class  string       `json:"class"`
	Cookie string       `json:"cookie"` // name and attributes, without value and life
	Words  []string     `json:"words"`
	Notes  []noteResult `json:"notes"`
}

type noteResult struct {
	Severity string `json:"severity"`
	Code     string `json:"code"`
	Fact     string `json:"fact"`
	Hint     string `json:"hint,omitempty"`
}

func policyJSON(d policy.Decision) policyResult {
	r := policyResult{Class: string(d.Class), Cookie: d.CookieLine(), Words: d.Explain(), Notes: []noteResult{}}
	for _, n := range d.Notes {
		r.Notes = append(r.Notes, noteResult{string(n.Severity), n.Code, n.Fact, n.Hint})
	}
	return r
}
