package cli

import (
	"cmp"
	"errors"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
	"github.com/sessionseed/sessionseed/generator/state"
)

func (v *interview) directory() error {
	suggestion := v.dir
	if m := v.set.options.Module; suggestion == "" && m != "" {
		suggestion = path.Base(m)
	}
	suggestion = cmp.Or(suggestion, "my-service")
	answer, err := v.ask.Input(ask.Question{
		Label: "Directory", Default: suggestion,
		Help: "where the project is written: a new or empty directory; . is this one",
		Validate: func(text string) error {
			var p *problem.Problem
			if errors.As(state.CheckVacant(text, v.owned, v.force), &p) {
				return errors.New(problemText(p))
			}
			return nil
		},
	})
	v.dir = answer
	return err
}

// into asks where the packages go, with a directory as default that is free.
func (v *interview) into() error {
	q := v.question("into")
	for _, dir := range []string{"internal/auth", "internal/sessions", "internal/sessionseed"} {
		if v.set.isOpen("into") && v.checkInto(q.Default) != nil {
			q.Default = dir
		}
	}
	check := q.Validate
	q.Validate = func(text string) error {
		if err := check(text); err != nil {
			return err
		}
		if list := problem.List(v.checkInto(text)); len(list) > 0 {
			return errors.New(problemText(list[0]))
		}
		return nil
	}
	answer, err := v.ask.Input(q)
	if err != nil {
		return err
	}
	return v.set.set("into", fromPrompt, answer)
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
	q.Validate = checked(policy.ParseServiceURL) // with the front ends it is judged when those are known
	answer, err := v.ask.Input(q)
	if err != nil {
		return err
	}
	return v.set.set("publicURL", fromPrompt, v.canonical(answer))
}

func (v *interview) origins() error {
	q := v.question("corsOrigins")
	q.Validate = checked(policy.ParseOrigin)
	q.More = "Another origin (leave empty to finish)"
	help, _, _ := strings.Cut(q.Help, "; empty = ") // as in a file; here that takes the default
	q.HelpMore, q.Help = help, help+"; none = same origin only"
	q.Defaults, q.None = v.set.options.CORSOrigins, "none"
	answers, err := v.ask.List(q)
	if err != nil {
		return err
	}
	for i, origin := range answers {
		answers[i] = v.canonical(origin)
	}
	if demo := v.demo && len(answers) > 0; v.set.canAsk("demo") && demo != v.set.options.Demo {
		if err := v.set.set("demo", fromPrompt, strconv.FormatBool(demo)); err != nil {
			return err
		}
	}
	return v.set.set("corsOrigins", fromPrompt, answers...)
}

// wantsDemo asks for the demo. Other front ends later do not change the answer.
func (v *interview) wantsDemo() error {
	err := v.confirm("demo")
	if err == nil {
		v.demo = v.set.options.Demo
	}
	return err
}

// checked judges one origin by itself.
func checked(parse func(string) (policy.Origin, string, error)) func(text string) error {
	return func(text string) error {
		_, _, err := parse(text)
		var r *problem.Problem
		if errors.As(err, &r) {
			return errors.New(problemText(r))
		}
		return err
	}
}

// canonical spells an origin as browsers do, and says what it changed.
func (v *interview) canonical(origin string) string {
	parsed, note, err := policy.ParseOrigin(origin)
	if err != nil {
		return origin
	}
	if note != "" {
		v.ask.Say(oneLine(note))
	}
	return parsed.String()
}

func (v *interview) purpose() error {
	o := &v.set.options
	setsAbsolute := v.set.canAsk("absoluteMaxAge")
	var choices []ask.Choice
	for _, p := range presets {
		choices = append(choices, p.choice(setsAbsolute))
	}
	help := "sets maxAge, rolling and renew, which have questions of their own, with these values as defaults"
	if setsAbsolute {
		help = "sets maxAge, rolling, renew and absoluteMaxAge; the first three have questions of their own, with " +
			"these values as defaults"
	}
	standard, unchanged := len(presets), len(presets)+1
	choices = append(choices,
		ask.Choice{Label: "By a security standard", Note: "the limits of a NIST assurance level, for auditors"})
	preset := presetNow(o)
	if preset < 0 {
		choices = append(choices, ask.Choice{Label: "As it is now", Note: lifeInWords(o)})
		preset = unchanged
	}
	for {
		i, err := v.ask.Select(ask.Question{
			Label: "How long do sessions last?",
			Help:  help,
		}, choices, preset)
		switch {
		case err != nil:
			return err
		case i == unchanged:
			return nil
		case i < standard:
			presets[i].apply(v.set)
			return nil
		}
		if err := v.assurance(); !errors.Is(err, ask.ErrBack) {
			return err
		}
	}
}

func (v *interview) maxAge() error {
	if err := v.input("maxAge"); err != nil {
		return err
	}
	for _, name := range []string{"rolling", "renew"} {
		// A session of the browser has no end that could be moved.
		if v.set.options.MaxAge == options.BrowserSession && v.set.canAsk(name) {
			if err := v.set.set(name, fromPrompt, "false"); err != nil {
				return err
			}
		}
	}
	if raised := raiseAbsolute(v.set); raised != "" {
		v.ask.Say(raised)
	}
	return nil
}

// renewals are rolling and renew as one choice.
var renewals = []struct {
	ask.Choice
	rolling, renew bool
}{
	{ask.Choice{Label: "When it changes", Note: "it ends maxAge after its last change"}, false, false},
	{ask.Choice{Label: "At every request", Note: "it ends maxAge after the last one (rolling)"}, true, false},
	{ask.Choice{Label: "When half has passed", Note: "a request after that extends it: fewer writes (renew)"},
		false, true},
}

func (v *interview) renewalNow() int {
	switch o := &v.set.options; {
	case o.Rolling:
		return 1
	case o.Renew:
		return 2
	}
	return 0
}

func (v *interview) renewal() error {
	var choices []ask.Choice
	for _, r := range renewals {
		choices = append(choices, r.Choice)
	}
	i, err := v.ask.Select(ask.Question{
		Label: "When is a session extended?",
		Help: "rolling sends the cookie and writes to the store at every request that uses the session, " +
			"renew only when less than half of maxAge is left; absoluteMaxAge ends the session in any case",
	}, choices, v.renewalNow())
	if err != nil {
		return err
	}
	return errors.Join(v.set.set("rolling", fromPrompt, strconv.FormatBool(renewals[i].rolling)),
		v.set.set("renew", fromPrompt, strconv.FormatBool(renewals[i].renew)))
}

func (v *interview) store() error { return v.choose("store", storeNotes) }

func (v *interview) accounts() error { return v.choose("accounts", accountNotes) }

// assurance asks for the level and sets all lifetimes by it, but leaves an
// absoluteMaxAge alone that was given, and all of them if the level stays.
func (v *interview) assurance() error {
	d, _ := options.Lookup("assurance")
	levels := slices.DeleteFunc(slices.Clone(d.Values), func(level string) bool { return level == noAssurance })
	var choices []ask.Choice
	for _, level := range levels {
		choices = append(choices, ask.Choice{Label: strings.ToUpper(level), Note: levelNotes[level]})
	}
	q := ask.Question{Label: d.Prompt, Help: d.Help}
	i, err := v.ask.Select(q, choices, max(slices.Index(levels, v.set.options.Assurance), 0))
	if err != nil {
		return err
	}
	for _, name := range lifeOptions {
		v.set.from[name] = fromPrompt
	}
	if levels[i] == v.set.options.Assurance {
		return nil
	}
	v.set.options.Assurance, v.set.options.Rolling, v.set.options.Renew = levels[i], false, false
	v.set.options.ApplyAssurance(func(option string) bool {
		if v.set.isOpen(option) {
			v.set.from[option] = fromPrompt
		}
		return v.set.from[option] == fromPrompt
	})
	return nil
}
