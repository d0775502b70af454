package regenerate_test

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
)

// What OWASP ASVS 5.0 wants to be documented is in the emitted README. The
// tests are named by the requirement.

// emitted renders a project and returns its README, with each list item on one
// line, and the constants of its defaults.go and sessions.go.
func emitted(t *testing.T, set ...string) (readme string, chosen map[string]string) {
	t.Helper()
	o := options.Defaults()
	o.Module = "example.com/shop"
	apply(t, &o, set...)
	o.ApplyAssurance(func(option string) bool {
		for i := 0; i < len(set); i += 2 {
			if set[i] == option {
				return false
			}
		}
		return true
	})
	whole, err := engine().Render(o, render.Secrets{})
	if err != nil {
		t.Fatalf("%q: %v", set, err)
	}
	text, _ := whole.File("README.md")
	chosen = map[string]string{}
	for _, name := range []string{"internal/config/defaults.go", "internal/config/sessions.go"} {
		source, ok := whole.File(name)
		if !ok {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), source.Path, source.Data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == 1 {
				chosen[spec.Names[0].Name] = strings.ReplaceAll(types.ExprString(spec.Values[0]), "time.", "")
			}
			return true
		})
	}
	return strings.ReplaceAll(string(text.Data), "\n  ", " "), chosen
}

// value is that of an expression such as 24 * Hour.
func value(t *testing.T, expr string) time.Duration {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "units.go",
		"package units; const Millisecond, Second, Minute, Hour = 1e6, 1e9, 60e9, 3600e9", 0)
	if err != nil {
		t.Fatal(err)
	}
	units, err := new(types.Config).Check("units", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err := types.Eval(fset, units, token.NoPos, expr)
	if err != nil {
		t.Fatal(err)
	}
	n, _ := constant.Int64Val(constant.ToInt(v.Value))
	return time.Duration(n)
}

// 7.1.1: the inactivity limit and the absolute one are documented, with how they
// relate to NIST SP 800-63B-4. The numbers are those that the service has.
func TestASVS_7_1_1(t *testing.T) {
	limits := regexp.MustCompile(`A session ends (\w+) after it was ([^(]*) \(idle limit\), and (\w+) after the ` +
		`login in any case \(absolute limit\)`)
	for _, c := range []struct {
		set  []string
		says []string
	}{
		{nil, []string{"last changed", "`sessionseed regenerate --assurance aal2`"}},
		{[]string{"maxAge", "42m", "absoluteMaxAge", "11h", "rolling", "true"}, []string{"last used"}},
		{[]string{"maxAge", "14d", "absoluteMaxAge", "90d", "renew", "true"}, []string{"last renewed"}},
		{[]string{"assurance", "aal1"},
			[]string{"AAL1 of NIST SP 800-63B-4, which allows 30 days.", "`assurance: aal1`"}},
		{[]string{"assurance", "aal2"},
			[]string{"AAL2 of NIST SP 800-63B-4, which allows 24 hours, and 1 hour without use.", "`assurance: aal2`"}},
		{[]string{"assurance", "aal3", "maxAge", "5m"},
			[]string{"AAL3 of NIST SP 800-63B-4, which allows 12 hours, and 15 minutes without use.",
				"`assurance: aal3`"}},
	} {
		readme, chosen := emitted(t, c.set...)
		found := limits.FindStringSubmatch(readme)
		if found == nil {
			t.Errorf("%q: the README does not state both limits", c.set)
			continue
		}
		for name, text := range map[string]string{"MaxAge": found[1], "AbsoluteMaxAge": found[3]} {
			if said, err := options.ParseDuration(text); err != nil || said != value(t, chosen[name]) {
				t.Errorf("%q: the README says %s for %s, the service has %s", c.set, text, name, chosen[name])
			}
		}
		for _, sentence := range c.says {
			if !strings.Contains(readme, sentence) {
				t.Errorf("%q: the README does not say %q", c.set, sentence)
			}
		}
	}
	for _, c := range []struct{ absolute, idle string }{{"7d", "30m"}, {"20m", "20m"}} {
		readme, chosen := emitted(t, "maxAge", "session", "absoluteMaxAge", c.absolute)
		said, _ := options.ParseDuration(c.absolute)
		want := "when the browser is closed, on the server after " + c.idle + " without a request (idle limit), and " +
			c.absolute + " after the login"
		if !strings.Contains(readme, want) {
			t.Errorf("maxAge session: the README does not say %q", want)
		}
		if value(t, chosen["AbsoluteMaxAge"]) != said {
			t.Errorf("maxAge session: absoluteMaxAge is %s, the service has %s", c.absolute, chosen["AbsoluteMaxAge"])
		}
	}
}

// 7.1.2: how many sessions a user may have at once, and what happens then. The
// service's own test of that number shows that it is so.
func TestASVS_7_1_2(t *testing.T) {
	readme, _ := emitted(t)
	if want := "A user may have any number of sessions at the same time; a new login ends " +
		"none."; !strings.Contains(readme, want) {
		t.Errorf("the README does not say %q", want)
	}
	readme, chosen := emitted(t, "maxSessions", "5")
	for _, want := range []string{"A user may have 5 sessions at the same time; one more login ends the " +
		"oldest.", "| `GET /sessions` |"} {
		if !strings.Contains(readme, want) {
			t.Errorf("with maxSessions 5 the README does not say %q", want)
		}
	}
	if chosen["MaxSessions"] != "5" {
		t.Errorf("the service has the constants %q", chosen)
	}
}

// 7.6.1 and 7.6.2: how sessions relate to those of an identity provider, and
// that none begins without an action of the user.
func TestASVS_7_6_1(t *testing.T) {
	readme, _ := emitted(t)
	for _, want := range []string{
		"there is no single sign-on. If you add it, keep this rule, and let a session here end no later than the " +
			"identity provider's.",
		"A login is a POST, never a GET",
	} {
		if !strings.Contains(readme, want) {
			t.Errorf("the README does not say %q", want)
		}
	}
}

// What the README says of an option that is off is nothing, so that it describes
// the project that is there.
func TestReadmeNamesWhatWasChosen(t *testing.T) {
	for option, words := range map[string][]string{
		"csrfToken":     {"csrf_token", "X-CSRF-Token", "result.csrfToken"},
		"clearSiteData": {"Clear-Site-Data", "has to clear its own data"},
		"koaKeys":       {"KOA_KEYS", "fromkoa.go", "koaKeys: false"},
	} {
		off, _ := emitted(t)
		on, _ := emitted(t, option, "true")
		for _, word := range words {
			if strings.Contains(off, word) {
				t.Errorf("%s is off, and the README speaks of %s", option, word)
			}
			if !strings.Contains(on, word) {
				t.Errorf("%s is on, and the README does not speak of %s", option, word)
			}
		}
	}
}
