package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
)

// source is where an option's value comes from; a later one wins.
type source int

const (
	fromDefault   source = iota
	fromAssurance        // it follows from the level of the option assurance
	fromFile
	fromEnvironment
	fromFlag
	fromPrompt
)

// settings are options and the origin of each value.
type settings struct {
	options options.Options
	from    map[string]source // by option name; absent is fromDefault
}

// isOpen reports whether nobody chose the option yet.
func (s *settings) isOpen(name string) bool { return s.from[name] == fromDefault }

// canAsk reports whether the option has its default still, or the answer to a question.
func (s *settings) canAsk(name string) bool { return s.isOpen(name) || s.from[name] == fromPrompt }

// set stores the values of one option.
func (s *settings) set(name string, from source, values ...string) error {
	d, ok := options.Lookup(name)
	if !ok {
		return fmt.Errorf("there is no option %q", name)
	}
	s.from[name] = from // also when it is refused: it is not to be asked for
	return d.Set(&s.options, values...)
}

// get is the option's value as text, lists joined by a comma.
func (s *settings) get(name string) string {
	d, _ := options.Lookup(name)
	return strings.Join(d.Get(&s.options), ", ")
}

// settings gathers options from everywhere but questions. They are usable,
// with defaults, also next to an error.
func (a *app) settings(config string, flags optionFlags) (*settings, error) {
	return a.settingsOver(options.Defaults(), config, flags)
}

// settingsOver is settings with other defaults.
func (a *app) settingsOver(defaults options.Options, config string, flags optionFlags) (*settings, error) {
	file, unread := a.readConfig(config, a.in)
	for _, name := range unknownVariables(a.environ) {
		a.say("sessionseed: the variable %s names no option and is ignored", name)
	}
	s, err := gatherNew(defaults, file, a.environ, flags)
	return s, errors.Join(unread, err)
}

// gather lays flags over the environment over a file over the defaults. All
// values of the wrong form are reported at once. A value that a higher source
// replaces is not looked at. Lifetimes that nobody gave are those of the assurance level.
func gather(file map[string][]string, environ []string, flags optionFlags) (*settings, error) {
	return gatherNew(options.Defaults(), file, environ, flags)
}

// gatherNew is gather for a new project of other defaults.
func gatherNew(defaults options.Options, file map[string][]string, environ []string, flags optionFlags) (*settings,
	error) {
	s, err := gatherOver(defaults, file, environ, flags)
	s.assure((*options.Options).ApplyAssurance)
	s.leaveOutDemo()
	return s, err
}

// asked reports whether a question was answered.
func (s *settings) asked() bool {
	for _, from := range s.from {
		if from == fromPrompt {
			return true
		}
	}
	return false
}

// leaveOutDemo takes the demo out where nobody asked for it and there is no
// other origin that it could be on.
func (s *settings) leaveOutDemo() {
	if s.isOpen("demo") && !s.isOpen("corsOrigins") && len(s.options.CORSOrigins) == 0 {
		s.options.Demo = false
	}
}

// assure has apply set lifetimes by the assurance level, where nobody gave them.
func (s *settings) assure(apply func(o *options.Options, open func(option string) bool)) {
	before := s.options
	apply(&s.options, s.isOpen)
	for _, d := range options.Table() {
		if s.isOpen(d.Name) && strings.Join(d.Get(&before), ",") != strings.Join(d.Get(&s.options), ",") {
			s.from[d.Name] = fromAssurance
		}
	}
}

// tighten sets the lifetimes that the assurance level does not allow and that nobody gave
// now, whether or not a project's file has them.
func (s *settings) tighten() {
	s.options.TightenAssurance(func(option string) bool { return s.from[option] <= fromFile })
}

// gatherOver lays file, environment and flags over other options than the defaults,
// and applies no assurance level.
func gatherOver(present options.Options, file map[string][]string, environ []string,
	flags optionFlags) (*settings, error) {
	s := &settings{options: present, from: map[string]source{}}
	env := map[string]string{}
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok && value != "" {
			env[name] = value
		}
	}
	var problems []error
	for _, d := range options.Table() {
		var err error
		if values, ok := flags[d.Name]; ok {
			err = located(s.set(d.Name, fromFlag, values...), "--"+d.Flag)
		} else if value, ok := env[d.Env()]; ok {
			err = located(s.set(d.Name, fromEnvironment, value), d.Env())
		} else if values, ok := file[d.Name]; ok {
			err = located(s.set(d.Name, fromFile, values...), "the options file")
		}
		problems = append(problems, err)
	}
	return s, errors.Join(problems...)
}

// located adds to a problem where its value was found.
func located(err error, where string) error {
	var p *problem.Problem
	if !errors.As(err, &p) {
		return err
	}
	return &problem.Problem{Option: p.Option, Fact: p.Fact + " (in " + where + ")", Hint: p.Hint}
}

// unknownVariables are the variables of the environment that look like options
// but are not, sorted: most likely misspelt.
func unknownVariables(environ []string) []string {
	var list []string
	for _, pair := range environ {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "SESSIONSEED_") &&
			!slices.ContainsFunc(options.Table(), func(d options.Option) bool { return d.Env() == name }) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

// withoutEffect names what flags and environment set for a part that is switched
// off, and the switch.
func (s *settings) withoutEffect() []string {
	var list []string
	for _, d := range options.Table() {
		if s.from[d.Name] != fromFlag && s.from[d.Name] != fromEnvironment {
			continue
		}
		if d.Kind == options.Bool && d.Get(&s.options)[0] == "false" {
			continue // goes well with the part that is off
		}
		switch {
		case d.Name != "captcha.enabled" && strings.HasPrefix(d.Name, "captcha.") && !s.options.Captcha.Enabled:
			list = append(list, "--"+d.Flag+" has no effect: the captcha is off (--captcha=false)")
		case strings.HasPrefix(d.Name, "captcha.math") && d.Name != "captcha.math" && !s.options.Captcha.Math:
			list = append(list, "--"+d.Flag+" has no effect without --captcha-math")
		}
	}
	return list
}

func (a *app) sayWithoutEffect(s *settings) {
	for _, note := range s.withoutEffect() {
		a.say("note: %s", note)
	}
}

// maxConfig bounds an options file, in bytes. The generated one has about 8 KB.
const maxConfig = 1 << 20

// readConfig reads an options file; "-" is standard input and "" no file.
func (a *app) readConfig(name string, stdin io.Reader) (map[string][]string, error) {
	var data []byte
	var err error
	switch name {
	case "":
		return nil, nil
	case "-":
		data, err = io.ReadAll(io.LimitReader(stdin, maxConfig+1))
	default:
		var file *os.File
		if file, err = os.Open(name); err == nil {
			data, err = io.ReadAll(io.LimitReader(file, maxConfig+1))
			file.Close()
		}
	}
	if err == nil && len(data) > maxConfig {
		err = fmt.Errorf("it is larger than %d MiB", maxConfig>>20)
	}
	if err != nil {
		return nil, &problem.Problem{
			Fact: fmt.Sprintf("the options file cannot be read: %v", err),
			Hint: "it must be a file of at most 1 MiB that you may read, in the form of sessionseed.yaml",
		}
	}
	values, err := options.DecodeYAML(data)
	if err != nil {
		if name == "-" {
			name = "standard input"
		}
		var problems []error
		for _, p := range problem.List(err) {
			problems = append(problems, &problem.Problem{Option: p.Option, Fact: name + ": " + p.Fact, Hint: p.Hint})
		}
		return values, errors.Join(problems...)
	}
	for _, note := range options.RetiredOptions(data) {
		a.say("sessionseed: %s: %s", name, note)
	}
	return values, nil
}
