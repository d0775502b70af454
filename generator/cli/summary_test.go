package cli

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/options"
)

// The summary and the question below it fit a screen of 24 lines, whatever is chosen.
func TestSummaryFitsAScreen(t *testing.T) {
	o := options.Defaults()
	o.Module = "git.example-company.com/platform/customer-accounts/session-service"
	o.Assurance, o.Store = "aal2", "memory"
	o.MaxAge, o.Rolling, o.AbsoluteMaxAge = 30*time.Minute, true, 12*time.Hour
	o.PublicURL = "https://api.accounts.example-company.com"
	for i := range 9 {
		o.CORSOrigins = append(o.CORSOrigins, fmt.Sprintf("https://app%d.accounts.other-company.com", i))
	}
	d, err := o.Policy()
	if err != nil {
		t.Fatal(err)
	}
	for _, width := range []int{59, 79} { // of 60 and 80 columns
		text := summary(&settings{options: o}, "services/customer-accounts", d, width)
		lines := strings.Split(text, "\n")
		if len(lines)+1 > 24 {
			t.Errorf("%d lines at %d columns:\n%s", len(lines)+1, width, text)
		}
		for _, line := range lines {
			if len(line) > width && !strings.Contains(line, o.Module) { // a word that no line of 60 can hold
				t.Errorf("%d columns, want %d: %s", len(line), width, line)
			}
		}
	}
}

// The commands that come next have their remarks in one column, on a terminal of 60 columns and of 80.
func TestNextStepsAreAligned(t *testing.T) {
	for name, change := range map[string]func(*options.Options){
		"default":               func(*options.Options) {},
		"no demo":               func(o *options.Options) { o.Demo = false },
		"accounts":              func(o *options.Options) { o.Accounts = "table" },
		"accounts without demo": func(o *options.Options) { o.Accounts, o.Demo = "table", false },
		"long URL":              func(o *options.Options) { o.PublicURL = "https://api.accounts.example.com" },
	} {
		o := options.Defaults()
		o.Demo = true
		change(&o)
		steps := firstSteps(&o)
		for _, width := range []int{59, textWidth} {
			text := inColumns(steps, width, false)
			columns := map[int]bool{}
			for line := range strings.Lines(text) {
				line = strings.TrimRight(line, "\n")
				begin := len(line) - len(strings.TrimLeft(line, " ")) // of a remark that goes on
				for _, s := range steps {
					if strings.HasPrefix(line, "  "+s.command+" ") {
						rest := line[len("  "+s.command):]
						begin = len(line) - len(strings.TrimLeft(rest, " "))
					}
				}
				columns[begin] = true
				if len(line) > width {
					t.Errorf("%s: %d columns, want %d: %s", name, len(line), width, line)
				}
			}
			if len(columns) != 1 {
				t.Errorf("%s: the remarks begin in %d columns:\n%s", name, len(columns), text)
			}
		}
	}
}

// Each choice has a note, and on a terminal of 80 columns none wraps.
func TestChoicesFitALine(t *testing.T) {
	fits := func(label, note string) {
		t.Helper()
		if note == "" {
			t.Errorf("%q has no note", label)
		}
		if line := "> " + label + " - " + note; len(line) > 79 {
			t.Errorf("%d columns: %s", len(line), line)
		}
	}
	for _, p := range presets {
		c := p.choice(true)
		fits(c.Label, c.Note)
	}
	for _, r := range renewals {
		fits(r.Label, r.Note)
	}
	d, _ := options.Lookup("assurance")
	for _, name := range d.Values {
		if name != noAssurance {
			fits(strings.ToUpper(name), levelNotes[name])
		}
	}
	for option, notes := range map[string]map[string]string{"store": storeNotes, "accounts": accountNotes} {
		d, _ = options.Lookup(option)
		for _, name := range d.Values {
			fits(name, notes[name])
		}
	}
}

// chooser keeps what each list shows.
type chooser struct {
	scripted
	notes string
	help  string
}

func (p *chooser) Select(q ask.Question, choices []ask.Choice, start int) (int, error) {
	for _, c := range choices {
		p.notes += c.Note + "\n"
	}
	p.help = q.Help
	return p.scripted.Select(q, choices, start)
}

// A limit that was given stays, so no choice promises another one.
func TestPresetsLeaveTheGivenLimit(t *testing.T) {
	for _, tt := range []struct {
		flags    optionFlags
		promises bool
		want     string
	}{
		{optionFlags{}, true, "7d"},
		{optionFlags{"absoluteMaxAge": {"2d"}}, false, "2d"},
	} {
		s, err := gather(nil, nil, tt.flags)
		if err != nil {
			t.Fatal(err)
		}
		p := &chooser{scripted: scripted{t: t, answers: answers(askPurpose + "=One day")}}
		if err := (&interview{ask: p, set: s}).purpose(); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(p.notes, "change, 7 days at most") != tt.promises ||
			strings.Contains(p.help, "absoluteMaxAge") != tt.promises || s.get("absoluteMaxAge") != tt.want {
			t.Errorf("%v: the choices are\n%s, the help is %q, and absoluteMaxAge is then %s", tt.flags, p.notes,
				p.help, s.get("absoluteMaxAge"))
		}
	}
}
