package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/options"
)

const (
	askDirectory = "Directory"
	askModule    = "Go module path"
	askURL       = "Public URL of the service"
	askOrigin    = "Front-end origin"
	askMore      = "Another origin (empty: no more)"
	askPurpose   = "What are the sessions for?"
	askLevel     = "Which level of NIST SP 800-63B-4?"
	askKey       = "Cookie name (key)"
	askMaxAge    = "Session life (maxAge)"
	askRolling   = "Start maxAge anew at every request (rolling)?"
	askRenew     = "Start maxAge anew when half has passed (renew)?"
	askStore     = "Where are sessions kept?"
	askCaptcha   = "Captcha before login?"
	askDemo      = "Add a demo front end?"
)

func TestInterview(t *testing.T) {
	all := []string{
		askDirectory + "=shop", askModule + "=", askURL + "=", askOrigin + "=", askMore + "=", askPurpose + "=",
		askStore + "=", askCaptcha + "=", askDemo + "=",
	}
	tests := []struct {
		name    string
		flags   optionFlags
		answers []string
		want    string // the options of the equivalent command
		said    string
	}{
		{
			name:    "all defaults",
			answers: all,
			want:    "--module example.com/shop --public-url http://localhost:8080 --cors-origin http://localhost:5173",
		},
		{
			name: "only what is open is asked",
			flags: optionFlags{
				"module":    {"example.com/a"},
				"publicURL": {"http://localhost:8080"},
				"store":     {"memory"},
				"renew":     {"true"},
				"demo":      {"false"},
			},
			answers: []string{askDirectory + "=shop", askOrigin + "=none", askCaptcha + "=no"},
			want: "--module example.com/a --public-url http://localhost:8080 --cors-origin= --renew " +
				"--captcha=false --demo=false",
		},
		{
			name:    "log out when idle",
			answers: replaceAnswer(all, askPurpose, "Log out when idle"),
			want:    "--max-age 30m --absolute-max-age 12h --rolling",
		},
		{
			name:    "stay signed in",
			answers: replaceAnswer(all, askPurpose, "Stay signed in"),
			want:    "--max-age 14d --absolute-max-age 90d --renew",
		},
		{
			name:    "an assurance level",
			answers: slices.Concat(all[:5], []string{askPurpose + "=NIST SP 800-63B", askLevel + "=AAL3"}, all[6:]),
			want:    "--max-age 15m --absolute-max-age 12h --rolling --assurance aal3",
		},
		{
			name:    "an assurance level that was given",
			flags:   optionFlags{"assurance": {"aal2"}},
			answers: slices.Concat(all[:5], all[6:]),
			want:    "--max-age 1h --absolute-max-age 1d --rolling --assurance aal2",
		},
		{
			name:    "an assurance level under a given limit",
			flags:   optionFlags{"absoluteMaxAge": {"8h"}},
			answers: slices.Concat(all[:5], []string{askPurpose + "=NIST SP 800-63B", askLevel + "=AAL2"}, all[6:]),
			want:    "--max-age 1h --absolute-max-age 8h --rolling --assurance aal2",
		},
		{
			name: "an assurance level over plain http",
			answers: slices.Concat(
				all[:2],
				[]string{
					askURL + "=http://api.example.com", askOrigin + "=http://app.example.com", askMore + "=",
					askPurpose + "=NIST SP 800-63B", askLevel + "=AAL2", askStore + "=", askCaptcha + "=",
					askDemo + "=", askURL + "=https://api.example.com", askOrigin + "=https://app.example.com",
					askMore + "=",
				},
			),
			want: "--public-url https://api.example.com --cors-origin https://app.example.com " +
				"--max-age 1h --absolute-max-age 1d --rolling --assurance aal2",
			said: "may not travel over plain http",
		},
		{
			name: "custom",
			answers: slices.Concat(
				all[:5],
				[]string{
					askPurpose + "=Custom", askKey + "=koa:sess", askKey + "=sid", askMaxAge + "=0", askMaxAge + "=abc",
					askMaxAge + "=30d", askRolling + "=no", askRenew + "=yes", askStore + "=redis", askCaptcha + "=no",
					askDemo + "=no",
				},
			),
			want: "--key sid --max-age 30d --absolute-max-age 30d --renew --store redis --captcha=false --demo=false",
			said: "absoluteMaxAge is raised to 30d with it.",
		},
		{
			name: "custom until the browser closes",
			answers: slices.Concat(all[:5], []string{askPurpose + "=Custom", askKey + "=", askMaxAge + "=session"},
				all[6:]),
			want: "--max-age session",
		},
		{
			name: "refused answers are asked again",
			answers: slices.Concat(
				[]string{
					askDirectory + "=" + t.TempDir() + "/shop",
					askModule + "=../x",
					askModule + "=con",
					askModule + "=example.com/shop",
					askURL + "=localhost",
					askURL + "=https://API.example.com",
					askOrigin + "=*",
					askOrigin + "=https://app.example.com/",
					askMore + "=null",
					askMore + "=http://localhost:5173",
					askMore + "=",
				},
				all[5:],
			),
			want: "--module example.com/shop --public-url https://api.example.com " +
				"--cors-origin https://app.example.com --cors-origin http://localhost:5173",
			said: `"*" would let every web site`,
		},
		{
			name: "what does not go together is asked again",
			answers: slices.Concat(
				all[:2],
				[]string{askURL + "=http://api.example.com", askOrigin + "=https://app.example.org", askMore + "=",
					askURL + "=https://api.example.com", askOrigin + "=https://app.example.org", askMore + "="},
				all[5:],
			),
			want: "--public-url https://api.example.com --cors-origin https://app.example.org",
			said: "These do not go together",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			s, err := gather(nil, nil, test.flags)
			if err != nil {
				t.Fatal(err)
			}
			p := &scripted{t: t, answers: test.answers}
			v := &interview{ask: p, set: s}
			if err := v.run(); err != nil {
				t.Fatalf("run: %v\nsaid: %q", err, p.said)
			}
			if len(p.answers) > 0 {
				t.Errorf("not asked: %q", p.answers)
			}
			if err := s.options.Validate(); err != nil {
				t.Errorf("options after the interview: %v", err)
			}
			got := " " + strings.Join(equivalent(s, v.dir, false), " ") + " "
			if !strings.Contains(got, " "+test.want+" ") {
				t.Errorf("equivalent command\n got %s\nwant %s", got, test.want)
			}
			if said := strings.Join(p.said, "\n"); !strings.Contains(said, test.said) {
				t.Errorf("said %q, want it to hold %q", said, test.said)
			}
		})
	}
}

// A project that has a level is asked with that as the default, which changes
// nothing, and another choice lets go of it.
func TestInterviewAgainAboutALevel(t *testing.T) {
	for _, test := range []struct {
		answers []string
		want    string // assurance, maxAge, absoluteMaxAge, rolling
	}{
		{[]string{askPurpose + "=", askLevel + "="}, "aal2 15m 8h true"},
		{[]string{askPurpose + "=NIST SP 800-63B", askLevel + "=AAL1"}, "aal1 30d 30d false"},
		{[]string{askPurpose + "=One day"}, "none 1d 7d false"},
		{[]string{askPurpose + "=Custom", askKey + "=", askMaxAge + "=2h", askRolling + "="}, "none 2h 8h true"},
	} {
		present := options.Defaults()
		present.Module, present.Assurance, present.Rolling = "example.com/shop", "aal2", true
		present.MaxAge, present.AbsoluteMaxAge = 15*time.Minute, 8*time.Hour
		s, err := gatherOver(present, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &scripted{
			t: t,
			answers: slices.Concat([]string{askModule + "=", askURL + "=", askOrigin + "=", askMore + "="},
				test.answers, []string{askStore + "=", askCaptcha + "=", askDemo + "="}),
		}
		if err := (&interview{ask: p, set: s, dir: "."}).run(); err != nil {
			t.Fatalf("%q: %v\nsaid: %q", test.answers, err, p.said)
		}
		if got := s.get("assurance") + " " + s.get("maxAge") + " " + s.get("absoluteMaxAge") + " " +
			s.get("rolling"); got != test.want {
			t.Errorf("%q: %s, want %s", test.answers, got, test.want)
		}
	}
}

func replaceAnswer(answers []string, label, answer string) []string {
	list := slices.Clone(answers)
	for i, a := range list {
		if strings.HasPrefix(a, label+"=") {
			list[i] = label + "=" + answer
		}
	}
	return list
}

// Whatever is answered, cancelling any question ends the interview.
func TestInterviewCancelled(t *testing.T) {
	answers := []string{
		askDirectory + "=shop", askModule + "=", askURL + "=", askOrigin + "=http://localhost:3000", askMore + "=",
		askPurpose + "=Custom", askKey + "=", askMaxAge + "=", askRolling + "=", askRenew + "=", askStore + "=",
		askCaptcha + "=",
	}
	for n := range answers {
		s, _ := gather(nil, nil, nil)
		p := &scripted{t: t, answers: answers[:n]}
		if err := (&interview{ask: p, set: s}).run(); !errors.Is(err, ask.ErrCancelled) {
			t.Errorf("after %d answers: %v, want ErrCancelled", n, err)
		}
	}
}

// Every option is reachable by flag, file key and environment, with one
// validator, and every question has a flag.
func TestParity(t *testing.T) {
	cmd := newCmdNew(&app{}, nil)
	for _, d := range options.Table() {
		t.Run(d.Name, func(t *testing.T) {
			if cmd.Flags().Lookup(d.Flag) == nil {
				t.Fatalf("no flag --%s", d.Flag)
			}
			value := otherValue(d)
			want := fmt.Sprint(value)
			file, err := options.DecodeYAML([]byte(yamlLine(d.Name, value)))
			if err != nil {
				t.Fatal(err)
			}
			for name, s := range map[string]func() (*settings, error){
				"flag":        func() (*settings, error) { return gather(nil, nil, optionFlags{d.Name: {value}}) },
				"environment": func() (*settings, error) { return gather(nil, []string{d.Env() + "=" + value}, nil) },
				"file":        func() (*settings, error) { return gather(file, nil, nil) },
			} {
				got, err := s()
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				if got.get(d.Name) != want {
					t.Errorf("%s: %q, want %q", name, got.get(d.Name), want)
				}
			}
		})
	}
	for _, d := range options.Table() {
		asked := d.Prompt != ""
		covered := slices.ContainsFunc(steps, func(st step) bool { return slices.Contains(st.options, d.Name) }) ||
			d.Name == "key"
		if asked != covered {
			t.Errorf("%s: has a prompt: %t, is asked: %t", d.Name, asked, covered)
		}
	}
	for _, st := range steps {
		if d, ok := options.Lookup(strings.TrimPrefix(st.flag, "--")); !ok || !slices.Contains(st.options, d.Name) {
			t.Errorf("step %v names the flag %s", st.options, st.flag)
		}
	}
}

// otherValue is a value of an option's form that is not its default.
func otherValue(d options.Option) string {
	switch d.Kind {
	case options.Bool:
		return fmt.Sprint(d.Default() == "false")
	case options.Int:
		if d.Default() == "2" {
			return "3"
		}
		for n := range 1000 { // whatever the limits are
			o := options.Defaults()
			if v := fmt.Sprint(n); v != d.Default() && d.Set(&o, v) == nil {
				return v
			}
		}
	case options.Duration:
		return "42m"
	case options.Enum:
		return d.Values[len(d.Values)-1]
	}
	return "other"
}

func yamlLine(name, value string) string {
	if head, tail, ok := strings.Cut(name, "."); ok {
		return head + ":\n  " + tail + ": " + fmt.Sprintf("%q", value)
	}
	return name + ": " + fmt.Sprintf("%q", value)
}

func TestPrecedence(t *testing.T) {
	file := map[string][]string{"maxAge": {"1h"}, "store": {"redis"}, "key": {"file"}}
	env := []string{"SESSIONSEED_MAX_AGE=2h", "SESSIONSEED_STORE=sqlite", "SESSIONSEED_KEY="}
	flags := optionFlags{"maxAge": {"3h"}}
	s, err := gather(file, env, flags)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"maxAge": "3h", "store": "sqlite", "key": "file", "path": "/"} {
		if got := s.get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	from := map[string]source{"maxAge": fromFlag, "store": fromEnvironment, "key": fromFile}
	if !maps.Equal(s.from, from) {
		t.Errorf("sources %v, want %v", s.from, from)
	}
	// What a higher source replaces is not looked at.
	if _, err := gather(map[string][]string{"maxAge": {"abc"}}, []string{"SESSIONSEED_MAX_AGE=xyz"},
		flags); err != nil {
		t.Errorf("a replaced value is refused: %v", err)
	}
	_, err = gather(map[string][]string{"store": {"disk"}}, []string{"SESSIONSEED_MAX_AGE=xyz"},
		optionFlags{"demo": {"maybe"}})
	for _, want := range []string{`"disk"`, "the options file", `"xyz"`, "SESSIONSEED_MAX_AGE", `"maybe"`, "--demo"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
	unknown := unknownVariables([]string{"SESSIONSEED_MAXAGE=1", "SESSIONSEED_STORE=x", "HOME=/"})
	if !slices.Equal(unknown, []string{"SESSIONSEED_MAXAGE"}) {
		t.Errorf("unknown variables %v", unknown)
	}
}

func TestDefaultModule(t *testing.T) {
	for dir, want := range map[string]string{
		"shop": "example.com/shop", "a/b/My Shop": "example.com/my-shop", "/": "example.com/service",
		"张三":  "example.com/service",
		"con": "example.com/service", "internal": "example.com/service", "x.": "example.com/x",
		"shop${x}": "example.com/shop-x",
	} {
		if got := defaultModule(dir); got != want {
			t.Errorf("defaultModule(%q) = %q, want %q", dir, got, want)
		}
	}
}

// On a terminal of 80 columns no choice wraps.
func TestChoicesFitALine(t *testing.T) {
	for _, p := range presets {
		if line := "> " + p.label + " - " + p.note; len(line) > 79 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	d, _ := options.Lookup("assurance")
	for _, name := range d.Values {
		if line := "> " + strings.ToUpper(name) + " - " + levelNotes[name]; name != noAssurance &&
			levelNotes[name] == "" ||
			len(line) > 79 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	d, _ = options.Lookup("store")
	for _, name := range d.Values {
		if line := "> " + name + " - " + storeNotes[name]; storeNotes[name] == "" || len(line) > 79 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
}
