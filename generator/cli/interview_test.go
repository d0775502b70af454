package cli

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/options"
)

const (
	askDirectory = "Directory"
	askInto      = "Directory for the packages"
	askModule    = "Go module path"
	askURL       = "Public URL of the service"
	askOrigin    = "Front-end origin"
	askMore      = "Another origin (leave empty to finish)"
	askPurpose   = "How long do sessions last?"
	askLevel     = "Which NIST level?"
	askKey       = "Cookie name (key)"
	askMaxAge    = "Session lifetime (maxAge)"
	askRenewal   = "When is a session extended?"
	askStore     = "Where are sessions kept?"
	askAccounts  = "Who may log in?"
	askCaptcha   = "Captcha before login?"
	askDemo      = "Add a demo front end?"
	askWrite     = "Write the project?"
	askChange    = "Which answer do you want to change?"
)

// answers are lines of a question and its answer, which is the default if it is left out.
func answers(lines ...string) []string {
	for i, line := range lines {
		if !strings.Contains(line, "=") {
			lines[i] += "="
		}
	}
	return lines
}

var (
	startAnswers = answers(askDirectory+"=shop", askModule, askURL, askOrigin, askMore)
	lifeAnswers  = answers(askPurpose, askKey, askMaxAge, askRenewal)
	endAnswers   = answers(askStore, askCaptcha, askDemo)
	allAnswers   = slices.Concat(startAnswers, lifeAnswers, endAnswers)
)

func TestInterview(t *testing.T) {
	life := func(lines ...string) []string { return slices.Concat(startAnswers, answers(lines...), endAnswers) }
	for _, test := range []struct {
		name    string
		flags   optionFlags
		answers []string
		want    string // the options of the equivalent command
		said    string
		unsaid  string
	}{
		{
			name:    "all defaults",
			answers: allAnswers,
			want:    "--module example.com/shop --public-url http://localhost:8080 --cors-origin http://localhost:5173",
		},
		{
			name: "only what is open is asked",
			flags: optionFlags{
				"module": {"example.com/a"}, "publicURL": {"http://localhost:8080"}, "store": {"memory"},
				"renew": {"true"}, "demo": {"false"}, "key": {"sid"},
			},
			answers: answers(askDirectory+"=shop", askOrigin+"=none", askMaxAge+"=2h", askCaptcha+"=no"),
			want: "--module example.com/a --public-url http://localhost:8080 --cors-origin= --key sid --max-age 2h " +
				"--renew --captcha=false --demo=false",
		},
		{
			name: "what cannot be combined is asked again, though steps that do not apply are left",
			answers: slices.Concat(answers(askDirectory+"=shop", askModule, askURL, askOrigin+"=none",
				askPurpose+"=By a security standard", askLevel+"=AAL2", askKey, askMaxAge,
				askRenewal+"=When half has passed", askStore, askCaptcha, askRenewal+"=At every request")),
			want: "--module example.com/shop --public-url http://localhost:8080 --cors-origin= --max-age 1h " +
				"--absolute-max-age 1d --rolling --assurance aal2 --demo=false",
			said: "with renew, activity in the first half",
		},
		{
			name:  "a level that what was given does not fit",
			flags: optionFlags{"absoluteMaxAge": {"2d"}},
			answers: slices.Concat(life(askPurpose+"=By a security standard", askLevel+"=AAL2", askKey, askMaxAge,
				askRenewal), answers(askPurpose+"=One day")),
			want: "--absolute-max-age 2d",
			said: "absoluteMaxAge 2d is longer than the 1d that AAL2",
		},
		{
			name:  "a number of sessions that the chosen store cannot count",
			flags: optionFlags{"maxSessions": {"5"}},
			answers: slices.Concat(startAnswers, lifeAnswers, answers(askStore+"=cookie", askCaptcha, askDemo,
				askStore+"=redis")),
			want: "--max-sessions 5 --store redis",
			said: "no list of its sessions",
		},
		{
			name:  "links by mail where accounts have no addresses",
			flags: optionFlags{"magicLink": {"true"}},
			answers: slices.Concat(startAnswers, lifeAnswers, answers(askStore+"=sqlite", askAccounts, askCaptcha,
				askDemo, askAccounts+"=table")),
			want: "--store sqlite --accounts table --magic-link",
			said: "magicLink",
		},
		{
			name:    "until the browser closes, over a preset that extends sessions",
			answers: life(askPurpose+"=Log out when idle", askKey, askMaxAge+"=session"),
			want:    "--max-age session --absolute-max-age 12h",
			unsaid:  "no end that rolling",
		},
		{
			name:    "log out when idle",
			answers: life(askPurpose+"=Log out when idle", askKey, askMaxAge, askRenewal),
			want:    "--max-age 30m --absolute-max-age 12h --rolling",
		},
		{
			name:    "stay signed in",
			answers: life(askPurpose+"=Stay signed in", askKey, askMaxAge, askRenewal),
			want:    "--max-age 14d --absolute-max-age 90d --renew",
		},
		{
			name:    "each value by itself, with the preset's as default",
			answers: life(askPurpose+"=Stay signed in", askKey+"=sid", askMaxAge+"=7d", askRenewal+"=At every request"),
			want:    "--key sid --max-age 7d --absolute-max-age 90d --rolling",
		},
		{
			name:    "renewal is one choice",
			answers: life(askPurpose+"=Log out when idle", askKey, askMaxAge, askRenewal+"=When it changes"),
			want:    "--max-age 30m --absolute-max-age 12h",
		},
		{
			name:    "an assurance level",
			answers: life(askPurpose+"=By a security standard", askLevel+"=AAL3", askKey, askMaxAge, askRenewal),
			want:    "--max-age 15m --absolute-max-age 12h --rolling --assurance aal3",
		},
		{
			name:    "an assurance level that was given",
			flags:   optionFlags{"assurance": {"aal2"}},
			answers: slices.Concat(startAnswers, answers(askKey), endAnswers),
			want:    "--max-age 1h --absolute-max-age 1d --rolling --assurance aal2",
		},
		{
			name:    "an assurance level under a given limit",
			flags:   optionFlags{"absoluteMaxAge": {"8h"}},
			answers: life(askPurpose+"=By a security standard", askLevel+"=AAL2", askKey, askMaxAge, askRenewal),
			want:    "--max-age 1h --absolute-max-age 8h --rolling --assurance aal2",
		},
		{
			name: "an assurance level without rolling",
			answers: slices.Concat(
				life(askPurpose+"=By a security standard", askLevel+"=AAL2", askKey, askMaxAge,
					askRenewal+"=When it changes"),
				answers(askRenewal+"=At every request")),
			want: "--max-age 1h --absolute-max-age 1d --rolling --assurance aal2",
			said: "These cannot be combined: without rolling",
		},
		{
			name: "an assurance level over plain http",
			answers: slices.Concat(
				answers(askDirectory+"=shop", askModule, askURL+"=http://api.example.com",
					askOrigin+"=http://app.example.com", askMore,
					askPurpose+"=By a security standard", askLevel+"=AAL2",
					askURL+"=https://api.example.com", askOrigin+"=https://app.example.com", askMore,
					askKey, askMaxAge, askRenewal),
				endAnswers),
			want: "--public-url https://api.example.com --cors-origin https://app.example.com " +
				"--max-age 1h --absolute-max-age 1d --rolling --assurance aal2",
			said: "may not travel over plain http",
		},
		{
			name: "what is refused is asked for again",
			answers: slices.Concat(
				answers(askDirectory+"="+t.TempDir()+"/shop", askModule+"=../x", askModule+"=con",
					askModule+"=example.com/shop", askURL+"=localhost", askURL+"=https://API.example.com",
					askOrigin+"=*", askOrigin+"=https://app.example.com/", askMore+"=null",
					askMore+"=http://localhost:5173", askMore,
					askPurpose, askKey+"=koa:sess", askKey+"=sid", askMaxAge+"=0", askMaxAge+"=abc", askMaxAge+"=30d",
					askRenewal+"=When half has passed"),
				endAnswers),
			want: "--module example.com/shop --public-url https://api.example.com " +
				"--cors-origin https://app.example.com --cors-origin http://localhost:5173 --key sid --max-age 30d " +
				"--absolute-max-age 30d --renew",
			said: "absoluteMaxAge is now 30d, too: it cannot be shorter than maxAge.",
		},
		{
			name: "accounts in a table, where there is a database",
			answers: slices.Concat(startAnswers, lifeAnswers,
				answers(askStore+"=sqlite", askAccounts+"=table", askCaptcha, askDemo)),
			want: "--store sqlite --accounts table",
		},
		{
			name: "another store after accounts in a table",
			answers: slices.Concat(startAnswers, lifeAnswers,
				answers(askStore+"=postgres", askAccounts+"=table", askCaptcha+"=<", askAccounts+"=<",
					askStore+"=redis", askAccounts, askCaptcha, askDemo, askStore+"=redis", askAccounts+"=env")),
			want: "--store redis",
			said: "accounts: table needs an SQL database, and the redis store has none",
		},
		{
			name:  "accounts in a table that were given, with a store that was not",
			flags: optionFlags{"accounts": {"table"}},
			answers: slices.Concat(startAnswers, lifeAnswers,
				answers(askStore+"=memory", askCaptcha, askDemo, askStore+"=sqlite")),
			want: "--store sqlite --accounts table",
		},
		{
			name:    "until the browser closes",
			answers: life(askPurpose, askKey, askMaxAge+"=session"),
			want:    "--max-age session",
		},
		{
			name: "what cannot be combined is asked for again",
			answers: slices.Concat(
				answers(askDirectory+"=shop", askModule, askURL+"=http://api.example.com",
					askOrigin+"=https://app.example.org", askMore,
					askURL+"=https://api.example.com", askOrigin+"=https://app.example.org", askMore),
				lifeAnswers, endAnswers),
			want: "--public-url https://api.example.com --cors-origin https://app.example.org",
			said: "These cannot be combined",
		},
		{
			name: "a warning comes with the question that causes it",
			answers: slices.Concat(
				answers(askDirectory+"=shop", askModule, askURL+"=https://api.example.com",
					askOrigin+"=https://app.example.org", askMore),
				lifeAnswers, endAnswers),
			want: "--public-url https://api.example.com --cors-origin https://app.example.org",
			said: "after " + askMore + ": warning: https://app.example.org and https://api.example.com are two sites",
			// The front end that is the default of the next question is nobody's answer.
			unsaid: "after " + askURL + ": warning",
		},
		{
			name:    "a warning of what was given comes first",
			flags:   optionFlags{"publicURL": {"https://api.example.com"}, "corsOrigins": {"https://app.example.org"}},
			answers: slices.Concat(answers(askDirectory+"=shop", askModule), lifeAnswers, endAnswers),
			want:    "--public-url https://api.example.com --cors-origin https://app.example.org",
			said:    "after : warning: https://app.example.org and https://api.example.com are two sites",
		},
		{
			name: "back, and the answer is the default",
			answers: slices.Concat(
				answers(askDirectory+"=<", askDirectory+"=shop", askModule+"=example.com/a", askURL+"=<", askModule,
					askURL, askOrigin, askMore+"=https://x.example", askMore+"=<", askMore+"=<", askOrigin+"=<", askURL,
					askOrigin, askMore, askPurpose+"=Stay signed in", askKey, askMaxAge+"=9d", askRenewal+"=<",
					askMaxAge+"=<", askKey+"=<", askPurpose, askKey, askMaxAge, askRenewal),
				endAnswers),
			want: "--module example.com/a --public-url http://localhost:8080 --cors-origin http://localhost:5173 " +
				"--max-age 9d --absolute-max-age 90d --renew",
			said: "This is the first question.",
		},
		{
			name: "back out of a level",
			answers: life(askPurpose+"=By a security standard", askLevel+"=<", askPurpose+"=Log out when idle", askKey,
				askMaxAge, askRenewal),
			want: "--max-age 30m --absolute-max-age 12h --rolling",
		},
		{
			name: "a demo needs a front end, also the second time",
			answers: slices.Concat(startAnswers, lifeAnswers,
				answers(askStore, askCaptcha, askDemo+"=yes", askWrite+"=no", askChange+"=Front ends",
					askOrigin+"=none",
					askWrite+"=no", askChange+"=Front ends", askOrigin+"=http://localhost:3000", askMore,
					askWrite)),
			want: "--cors-origin http://localhost:3000",
		},
		{
			name: "a demo that was declined stays so with other front ends",
			answers: slices.Concat(startAnswers, lifeAnswers,
				answers(askStore, askCaptcha, askDemo+"=no", askWrite+"=no", askChange+"=Front ends",
					askOrigin+"=http://localhost:3000", askMore, askWrite)),
			want: "--cors-origin http://localhost:3000 --demo=false",
		},
		{
			name: "no at the end goes back to one question",
			answers: slices.Concat(allAnswers,
				answers(askWrite+"=no", askChange+"=Store", askStore+"=redis", askWrite+"=<", askStore+"=<", askRenewal,
					askStore, askWrite+"=no", askChange+"=<", askWrite+"=no", askChange+"=Captcha", askCaptcha+"=no",
					askWrite+"=no", askChange+"=Preset", askPurpose+"=Log out when idle", askWrite)),
			want: "--max-age 30m --absolute-max-age 12h --rolling --store redis --captcha=false",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := gather(nil, nil, test.flags)
			if err != nil {
				t.Fatal(err)
			}
			p := &scripted{t: t, answers: test.answers}
			v := &interview{ask: p, set: s}
			err = v.run()
			if err == nil && slices.ContainsFunc(test.answers,
				func(a string) bool { return strings.HasPrefix(a, askWrite) }) {
				err = v.agree(askWrite)
			}
			if err != nil {
				t.Fatalf("%v\nsaid: %q", err, p.said)
			}
			if len(p.answers) > 0 {
				t.Errorf("not asked: %q", p.answers)
			}
			if err := s.options.Validate(); err != nil {
				t.Errorf("options after the interview: %v", err)
			}
			got := " " + strings.Join(equivalent(s, "new", v.dir, options.Defaults()), " ") + " "
			if !strings.Contains(got, " "+test.want+" ") {
				t.Errorf("equivalent command\n got %s\nwant %s", got, test.want)
			}
			if said := strings.Join(p.said, "\n"); !strings.Contains(said, test.said) {
				t.Errorf("said %q, want it to hold %q", said, test.said)
			} else if test.unsaid != "" && strings.Contains(said, test.unsaid) {
				t.Errorf("said %q, want it not to hold %q", said, test.unsaid)
			}
		})
	}
}

// What follows from an answer counts as answered: a project that has something else is
// changed.
func TestWhatFollowsIsAnswered(t *testing.T) {
	s, err := gather(nil, nil, optionFlags{"module": {"example.com/a"}})
	if err != nil {
		t.Fatal(err)
	}
	s.options.Rolling = true
	v := &interview{ask: &scripted{t: t, answers: answers(askOrigin+"=none", askMaxAge+"=session")}, set: s, demo: true}
	if err := errors.Join(v.origins(), v.maxAge()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"demo", "rolling", "renew"} {
		if s.from[name] != fromPrompt || s.get(name) != "false" {
			t.Errorf("%s is %s, from %v", name, s.get(name), s.from[name])
		}
	}
}

// A project that has values of no preset is asked with those as the default, which
// changes nothing, and another choice lets go of them.
func TestInterviewAgainAboutALevel(t *testing.T) {
	for _, test := range []struct {
		answers []string
		want    string // assurance, maxAge, absoluteMaxAge, rolling
	}{
		{answers(askPurpose, askKey, askMaxAge, askRenewal), "aal2 15m 8h true"},
		{answers(askPurpose+"=By a security standard", askLevel, askKey, askMaxAge, askRenewal), "aal2 15m 8h true"},
		{answers(askPurpose+"=By a security standard", askLevel+"=AAL1", askKey, askMaxAge, askRenewal),
			"aal1 30d 30d false"},
		{answers(askPurpose+"=One day", askKey, askMaxAge, askRenewal), "none 1d 7d false"},
		{answers(askPurpose, askKey, askMaxAge+"=10m", askRenewal), "aal2 10m 8h true"},
	} {
		present := options.Defaults()
		present.Module, present.Assurance, present.Rolling = "example.com/shop", "aal2", true
		present.MaxAge, present.AbsoluteMaxAge = 15*time.Minute, 8*time.Hour
		s, err := gatherOver(present, nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		p := &scripted{
			t:       t,
			answers: slices.Concat(answers(askModule, askURL, askOrigin, askMore), test.answers, endAnswers),
		}
		if err := (&interview{ask: p, set: s, dir: "."}).run(); err != nil {
			t.Fatalf("%q: %v\nsaid: %q", test.answers, err, p.said)
		}
		got := strings.Join([]string{s.get("assurance"), s.get("maxAge"), s.get("absoluteMaxAge"), s.get("rolling")},
			" ")
		if got != test.want {
			t.Errorf("%q: %s, want %s", test.answers, got, test.want)
		}
	}
}

// Whatever is answered, cancelling any question ends the interview.
func TestInterviewCancelled(t *testing.T) {
	all := slices.Concat(allAnswers, answers(askWrite+"=no", askChange+"=Cancel"))
	for n := range all {
		s, err := gather(nil, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		v := &interview{ask: &scripted{t: t, answers: all[:n]}, set: s}
		if err = v.run(); err == nil {
			err = v.agree(askWrite)
		}
		if !errors.Is(err, ask.ErrCancelled) {
			t.Errorf("after %d answers: %v, want ErrCancelled", n, err)
		}
	}
}
