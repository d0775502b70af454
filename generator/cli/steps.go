package cli

import (
	"errors"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// step is one question, the options that it settles, and the flag that would
// have answered it.
type step struct {
	name    string // of the answer, in the list of what can be changed
	flag    string // "" for the directory
	options []string
	run     func(*interview) error
}

// steps in the order in which they are asked.
var steps = []step{
	{"Directory", "", nil, (*interview).directory},
	{"Packages", "--dir", []string{"into"}, (*interview).into},
	{"Module path", "--module", []string{"module"}, (*interview).module},
	{"Public URL", "--public-url", []string{"publicURL"}, (*interview).url},
	{"Front ends", "--cors-origin", []string{"corsOrigins"}, (*interview).origins},
	{"Preset", "--max-age", lifeOptions, (*interview).purpose},
	{"Cookie name", "--key", []string{"key"}, func(v *interview) error { return v.input("key") }},
	{"Session lifetime", "--max-age", []string{"maxAge"}, (*interview).maxAge},
	{"Renewal", "--rolling", []string{"rolling", "renew"}, (*interview).renewal},
	{"Store", "--store", []string{"store"}, (*interview).store},
	{"Accounts", "--accounts", []string{"accounts"}, (*interview).accounts},
	{"Captcha", "--captcha", []string{"captcha.enabled"},
		func(v *interview) error { return v.confirm("captcha.enabled") }},
	{"Demo", "--demo", []string{"demo"}, (*interview).wantsDemo},
}

// isOpen reports whether none of the step's options was given.
func (st step) isOpen(s *settings) bool {
	return !slices.ContainsFunc(st.options, func(name string) bool { return !s.canAsk(name) })
}

// missing names what a run without questions lacks.
func missing(s *settings, dir string) []string {
	var list []string
	if dir == "" {
		list = append(list, "DIR")
	}
	for _, st := range steps {
		switch {
		case st.flag == "--dir" && s.options.Into == "": // of a project that is not added to a module
		case st.name == "Accounts" && !s.options.MayHaveTable():
		case st.name == "Renewal" && s.options.MaxAge == options.BrowserSession:
		case st.name == "Demo" && len(s.options.CORSOrigins) == 0:
		case st.flag != "" && st.isOpen(s) && !slices.Contains(list, st.flag):
			list = append(list, st.flag)
		}
	}
	return list
}

// unasked is the problem of a run that may not ask what is open.
func unasked(s *settings, dir, why string, defaults bool) error {
	open := missing(s, dir)
	hint := "set them, or use defaults with --yes"
	if slices.Contains(open, "DIR") {
		hint = "set them, or use defaults for all but DIR with --yes"
	}
	switch {
	case dir == "" && defaults:
		return &problem.Problem{
			Fact: why + ", and no directory is given",
			Hint: "name one: sessionseed new shop --yes (. is this directory)",
		}
	case len(open) > 0 && !defaults:
		return &problem.Problem{
			Fact: why + "; left open: " + joinWords(open),
			Hint: hint,
		}
	}
	return nil
}

// settled are the problems that no question can fix, found before the first
// one is asked.
func settled(s *settings) []*problem.Problem {
	o := s.options
	if s.isOpen("corsOrigins") {
		o.CORSOrigins = nil
	}
	if s.isOpen("module") {
		o.Module = "example.com/service"
	}
	var list []*problem.Problem
	for _, p := range problem.List(o.Validate()) {
		// The policy depends on a URL which is still to be asked for.
		d, _ := options.Lookup(p.Option)
		if s.isOpen("publicURL") && d.Group == options.Session && p.Option != "key" && p.Option != "maxAge" {
			continue
		}
		if !s.isOpen(p.Option) {
			list = append(list, p)
		}
	}
	return list
}

// applies reports whether there is something to ask in a step, by what is known now.
func (v *interview) applies(st step) bool {
	switch st.name {
	case "Directory":
		return v.askDir
	case "Packages":
		return st.isOpen(v.set) && v.checkInto != nil
	case "Renewal":
		return st.isOpen(v.set) &&
			v.set.options.MaxAge != options.BrowserSession // which has no end that could be moved
	case "Accounts":
		return st.isOpen(v.set) && (v.set.options.MayHaveTable() || v.set.options.Accounts == "table")
	case "Demo":
		return st.isOpen(v.set) && len(v.set.options.CORSOrigins) > 0
	}
	return st.isOpen(v.set)
}

// questions are the steps that apply, without those that are pending.
func (v *interview) questions(pending []int) []int {
	var list []int
	for i, st := range steps {
		if v.applies(st) && !slices.Contains(pending, i) {
			list = append(list, i)
		}
	}
	return list
}

// run asks everything that is open. On return the options are valid.
func (v *interview) run() error {
	v.askDir, v.demo = v.dir == "", v.set.options.Demo
	if len(v.questions(nil)) > 0 {
		v.ask.Say("Enter for the default, ? for help, < to go back.")
	}
	var all []int
	for i := range steps {
		all = append(all, i)
	}
	v.warn(v.warnings(all), nil) // of what was given
	return v.hold(all)
}

// hold asks the steps that apply, and again those whose answers cannot be combined.
func (v *interview) hold(pending []int) error {
	for len(pending) > 0 {
		i := pending[0]
		if !v.applies(steps[i]) {
			pending = pending[1:]
			continue
		}
		before := v.warnings(pending)
		err := steps[i].run(v)
		switch {
		case errors.Is(err, ask.ErrBack) && len(v.asked) == 0:
			v.ask.Say("This is the first question.")
			continue
		case errors.Is(err, ask.ErrBack):
			last := len(v.asked) - 1
			pending = append([]int{v.asked[last]}, pending...)
			v.asked = v.asked[:last]
			continue
		case err != nil:
			return err
		}
		pending = pending[1:]
		v.asked = append(slices.DeleteFunc(v.asked, func(n int) bool { return n == i }), i)
		v.warn(v.warnings(pending), before)
		again, err := v.conflicts(slices.DeleteFunc(slices.Clone(pending),
			func(n int) bool { return !v.applies(steps[n]) }))
		if err != nil {
			return err
		}
		pending = append(again, pending...)
	}
	return nil
}

// conflicts says what cannot be combined, and names the steps that can change it.
// Whether cookies can work at all shows with the last of the addresses; the rest is
// judged when nothing is pending.
func (v *interview) conflicts(pending []int) ([]int, error) {
	addressesKnown := !slices.ContainsFunc(pending, func(i int) bool {
		return steps[i].isAddress() &&
			v.applies(steps[i])
	})
	list := slices.DeleteFunc(problem.List(v.set.options.Validate()), func(p *problem.Problem) bool {
		return len(pending) > 0 && (!addressesKnown || !slices.Contains(addresses, p.Option))
	})
	if len(list) == 0 {
		return nil, nil
	}
	again := slices.DeleteFunc(v.questions(pending), func(i int) bool { return !v.concerns(steps[i], list) })
	if len(again) == 0 {
		if len(pending) > 0 {
			return nil, nil // reported with everything else at the end
		}
		return nil, refused(joinProblems(list))
	}
	for _, p := range list {
		v.ask.Say("These cannot be combined: " + problemText(p))
	}
	return again, nil
}

// concerns reports whether one of the problems can be fixed by the step's
// answer. The service's URL and the front ends are judged as a pair. What the Preset
// sets has questions of its own, so it concerns nothing but an option that was given and
// that its assurance level does not allow.
func (v *interview) concerns(st step, list []*problem.Problem) bool {
	return slices.ContainsFunc(list, func(p *problem.Problem) bool {
		if beyondLevel := !v.set.canAsk(p.Option) && v.onlyByLevel(p); beyondLevel || st.name == "Preset" {
			return beyondLevel && st.name == "Preset"
		}
		return st.isAddress() && slices.Contains(addresses, p.Option) || slices.Contains(st.options, p.Option) ||
			p.Option == "absoluteMaxAge" && slices.Contains(st.options, "maxAge") ||
			p.Option == "accounts" && slices.Contains(st.options, "store") ||
			p.Option == "maxSessions" && slices.Contains(st.options, "store") ||
			p.Option == "magicLink" && slices.Contains(st.options, "accounts")
	})
}

// onlyByLevel reports whether there would be no such problem without an assurance level.
func (v *interview) onlyByLevel(p *problem.Problem) bool {
	o := v.set.options
	o.Assurance = noAssurance
	return !slices.ContainsFunc(problem.List(o.Validate()),
		func(q *problem.Problem) bool { return q.Option == p.Option })
}

func (st step) isAddress() bool {
	return len(st.options) == 1 && slices.Contains(addresses, st.options[0])
}

// addresses are the options that have to go together first of all.
var addresses = []string{"publicURL", "corsOrigins"}

// warnings are those of the policy, without front ends that are still to be asked for.
func (v *interview) warnings(pending []int) []policy.Note {
	o := v.set.options
	if slices.ContainsFunc(pending, func(i int) bool {
		return slices.Contains(steps[i].options, "corsOrigins") &&
			v.applies(steps[i])
	}) {
		o.CORSOrigins = nil
	}
	o.Module = "example.com/service"
	d, _ := o.Policy() // the notes of what is refused are not wanted
	return slices.DeleteFunc(d.Notes, func(n policy.Note) bool { return n.Severity != policy.Warn })
}

// warn says what was not known before.
func (v *interview) warn(notes, before []policy.Note) {
	for _, n := range notes {
		if !slices.Contains(before, n) {
			v.ask.Say(strings.TrimSuffix(noteInWords(n, "", v.ask.Width()), "\n"))
		}
	}
}

// agree shows what is about to be done and asks for consent: yes, or back to the
// questions.
func (v *interview) agree(question string) error {
	for {
		decision, err := v.set.options.Policy()
		if err != nil {
			return refused(err)
		}
		v.ask.Say(summary(v.set, v.dir, decision, v.ask.Width()))
		yes, err := v.ask.Confirm(ask.Question{Label: question, Help: "n lets you change an answer, or cancel"}, true)
		switch {
		case errors.Is(err, ask.ErrBack) && len(v.asked) > 0:
			last := len(v.asked) - 1
			pending := v.asked[last:]
			v.asked = v.asked[:last]
			err = v.hold(slices.Clone(pending))
		case errors.Is(err, ask.ErrBack):
			err = nil
		case err == nil && yes:
			return nil
		case err == nil:
			err = v.change()
		}
		if err != nil {
			return err
		}
	}
}

// change asks which answer to change, and for that one again.
func (v *interview) change() error {
	list := v.questions(nil)
	var choices []ask.Choice
	for _, i := range list {
		choices = append(choices, ask.Choice{Label: steps[i].name, Note: v.answer(steps[i])})
	}
	choices = append(choices, ask.Choice{Label: "Cancel", Note: "nothing is written"})
	i, err := v.ask.Select(ask.Question{Label: "Which answer do you want to change?",
		Help: "that question is asked again, and any whose answer no longer goes with it; then the summary follows",
	}, choices, 0)
	switch {
	case errors.Is(err, ask.ErrBack):
		return nil
	case err != nil:
		return err
	case i == len(list):
		return ask.ErrCancelled
	}
	v.asked = list[:i]
	return v.hold([]int{list[i]})
}

// answer is what a step's answer is now.
func (v *interview) answer(st step) string {
	switch st.name {
	case "Directory":
		return v.dir
	case "Preset":
		if i := presetNow(&v.set.options); i >= 0 {
			return presets[i].label
		}
		return "" // it is in the answers below
	case "Renewal":
		return renewals[v.renewalNow()].Label
	}
	switch text := v.set.get(st.options[0]); text {
	case "":
		return "none"
	case "true":
		return "yes"
	case "false":
		return "no"
	default:
		return text
	}
}

func joinProblems(list []*problem.Problem) error {
	errs := make([]error, len(list))
	for i, p := range list {
		errs[i] = p
	}
	return errors.Join(errs...)
}
