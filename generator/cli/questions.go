package cli

import (
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/project"
)

func (v *interview) directory() error {
	suggestion := "my-service"
	if m := v.set.options.Module; m != "" {
		suggestion = path.Base(m)
	}
	answer, err := v.ask.Input(ask.Question{
		Label: "Directory", Default: suggestion,
		Help: "where the project is written: a new or empty directory; . is this one",
		Validate: func(text string) error {
			var p *problem.Problem
			if errors.As(project.CheckVacant(text, v.owned, v.force), &p) {
				return errors.New(problemText(p))
			}
			return nil
		},
	})
	v.dir = answer
	return err
}

func (v *interview) module() error {
	q := v.question("module")
	if q.Default == "" {
		q.Default = defaultModule(v.dir)
	}
	answer, err := v.ask.Input(q)
	if err != nil {
		return err
	}
	return v.set.set("module", fromPrompt, answer)
}

// defaultModule makes a module path of a directory's name.
func defaultModule(dir string) string {
	if full, err := filepath.Abs(dir); err == nil {
		dir = full
	}
	name := strings.Trim(notInModule.ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-.")
	o := options.Defaults()
	for _, candidate := range []string{"example.com/" + name, "example.com/service"} {
		o.Module = candidate
		if !slices.ContainsFunc(problem.List(o.Validate()),
			func(p *problem.Problem) bool { return p.Option == "module" }) {
			return candidate
		}
	}
	return ""
}

var notInModule = regexp.MustCompile(`[^a-z0-9._-]+`)

func (v *interview) url() error {
	q := v.question("publicURL")
	q.Validate = checkOrigin // with the front ends it is judged when those are known
	answer, err := v.ask.Input(q)
	if err != nil {
		return err
	}
	return v.set.set("publicURL", fromPrompt, v.canonical(answer))
}

func (v *interview) origins() error {
	q := v.question("corsOrigins")
	q.Validate = checkOrigin
	q.More = "Another origin (empty: no more)"
	q.Help += "; none if there is no front end on another origin"
	q.Defaults, q.None = v.set.options.CORSOrigins, "none"
	answers, err := v.ask.List(q)
	if err != nil {
		return err
	}
	for i, origin := range answers {
		answers[i] = v.canonical(origin)
	}
	return v.set.set("corsOrigins", fromPrompt, answers...)
}

// checkOrigin judges one origin by itself.
func checkOrigin(text string) error {
	_, _, err := policy.ParseOrigin(text)
	var r *problem.Problem
	if errors.As(err, &r) {
		return errors.New(problemText(r))
	}
	return err
}

// canonical spells an origin as browsers do, and says what it changed.
func (v *interview) canonical(origin string) string {
	parsed, note, err := policy.ParseOrigin(origin)
	if err != nil {
		return origin
	}
	if note != "" {
		v.ask.Say("  " + oneLine(note))
	}
	return parsed.String()
}

func (v *interview) purpose() error {
	var choices []ask.Choice
	for _, p := range presets {
		choices = append(choices, ask.Choice{Label: p.label, Note: p.note})
	}
	level, custom := len(presets), len(presets)+1
	choices = append(choices,
		ask.Choice{Label: "NIST SP 800-63B", Note: "the limits of an assurance level: AAL1, AAL2 or AAL3"},
		ask.Choice{Label: "Custom", Note: "cookie name, maxAge, rolling, renew"})
	preset := slices.IndexFunc(presets, func(p preset) bool { return p.matches(&v.set.options) })
	switch {
	case v.set.options.Assurance != noAssurance:
		preset = level
	case preset < 0:
		preset = custom
	}
	i, err := v.ask.Select(ask.Question{Label: "What are the sessions for?"}, choices, preset)
	if err != nil {
		return err
	}
	switch i {
	case level:
		return v.assurance()
	case custom:
		return v.custom()
	}
	presets[i].apply(v.set)
	return nil
}

// custom asks for koa-session's own words, except those that were given.
func (v *interview) custom() error {
	rolling, renew := v.set.options.Rolling, v.set.options.Renew
	v.set.options.Rolling, v.set.options.Renew = false, false // until they are asked for
	if err := v.set.set("assurance", fromPrompt, noAssurance); err != nil {
		return err
	}
	if v.set.isOpen("key") || v.set.from["key"] == fromPrompt {
		if err := v.input("key"); err != nil {
			return err
		}
	}
	if err := v.input("maxAge"); err != nil {
		return err
	}
	if told := raiseAbsolute(v.set); told != "" {
		v.ask.Say("  " + told)
	}
	if v.set.options.MaxAge == options.BrowserSession {
		return nil // it has no end that could be moved
	}
	v.set.options.Rolling = rolling // the present value is the default
	if err := v.confirm("rolling"); err != nil || v.set.options.Rolling {
		return err
	}
	v.set.options.Renew = renew
	return v.confirm("renew")
}

func (v *interview) store() error {
	d, _ := options.Lookup("store")
	var choices []ask.Choice
	for _, name := range d.Values {
		choices = append(choices, ask.Choice{Label: name, Note: storeNotes[name]})
	}
	i, err := v.ask.Select(ask.Question{Label: d.Prompt}, choices, slices.Index(d.Values, v.set.options.Store))
	if err != nil {
		return err
	}
	return v.set.set("store", fromPrompt, d.Values[i])
}
