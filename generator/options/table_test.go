package options

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

func TestTableRowsAreDistinctAndDescribed(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range Table() {
		for _, name := range []string{"name " + d.Name, "flag " + d.Flag, "env " + d.Env()} {
			if seen[name] {
				t.Errorf("two options share the %s", name)
			}
			seen[name] = true
		}
		if d.Help == "" || strings.HasSuffix(d.Help, ".") {
			t.Errorf("%s: help %q, want a phrase without a full stop", d.Name, d.Help)
		}
		if len(d.Prompt) >= 60 {
			t.Errorf("%s: prompt has %d columns, want under 60", d.Name, len(d.Prompt))
		}
		if d.Kind == Enum && len(d.Values) == 0 {
			t.Errorf("%s: an enum without values", d.Name)
		}
	}
}

// Each row must reach a field of its own: a row that pointed at its
// neighbour's field would silently drop an answer.
func TestSetReachesOneFieldEach(t *testing.T) {
	for _, d := range Table() {
		o := Defaults()
		value := map[Kind]string{Text: "/changed", Bool: "true", Duration: "17m",
			List: "https://changed.example"}[d.Kind]
		switch {
		case d.Kind == Int:
			_, value, _ = strings.Cut(d.Limits, " to ")
		case d.Kind == Bool && d.Default() == "true":
			value = "false"
		case d.Kind == Enum:
			value = d.Values[len(d.Values)-1]
		}
		if err := d.Set(&o, value); err != nil {
			t.Errorf("%s.Set(%q): %v", d.Name, value, err)
			continue
		}
		if got := d.Get(&o); !slices.Equal(got, []string{value}) {
			t.Errorf("%s.Get after Set(%q) = %q", d.Name, value, got)
		}
		for _, other := range Table() {
			if got := strings.Join(other.Get(&o), ","); other.Name != d.Name && got != other.Default() {
				t.Errorf("setting %s changed %s to %q", d.Name, other.Name, got)
			}
		}
	}
}

func TestEveryFieldHasARow(t *testing.T) {
	var fields func(reflect.Type) int
	fields = func(s reflect.Type) (n int) {
		for f := range s.Fields() {
			if f.Type.Kind() == reflect.Struct {
				n += fields(f.Type)
			} else {
				n++
			}
		}
		return n
	}
	if got, want := len(Table()), fields(reflect.TypeFor[Options]()); got != want {
		t.Errorf("the table has %d rows for %d fields of Options", got, want)
	}
}

func TestSetRefusesTheWrongForm(t *testing.T) {
	for _, c := range []struct{ name, value string }{
		{"rolling", "yes please"}, {"captcha.size", "0"}, {"captcha.size", "99"}, {"captcha.width", "wide"},
		{"store", "mysql"},
		{"sameSite", "Lax"}, {"maxAge", "abc"}, {"maxAge", ""}, {"absoluteMaxAge", "session"},
		{"captcha.mathOperator", "*"}, {"secure", "maybe"},
	} {
		d, ok := Lookup(c.name)
		if !ok {
			t.Fatalf("no option %q", c.name)
		}
		o := Defaults()
		err := d.Set(&o, c.value)
		p := problem.List(err)
		if len(p) != 1 || p[0].Option != c.name || p[0].Hint == "" || !strings.Contains(p[0].Fact, `"`+c.value+`"`) {
			t.Errorf("%s.Set(%q) = %v, want one problem of that option that quotes the value and has a hint", c.name,
				c.value, err)
		}
		if diff := cmp.Diff(Defaults(), o); diff != "" {
			t.Errorf("%s.Set(%q) = %v, and it changed the options:\n%s", c.name, c.value, err, diff)
		}
	}
}

// What is proposed for a duration is in the range of the option.
func TestHintForADuration(t *testing.T) {
	proposed := regexp.MustCompile(`such as (\w+), or in milliseconds as in koa: (\d+)$`)
	for _, d := range Table() {
		if d.Kind != Duration {
			continue
		}
		o := valid()
		hint := problem.List(d.Set(&o, "soon"))[0].Hint
		values := proposed.FindStringSubmatch(hint)
		if values == nil {
			t.Errorf("the hint for %s proposes no values: %s", d.Name, hint)
			continue
		}
		for _, v := range values[1:] {
			if err := d.Set(&o, v); err != nil {
				t.Errorf("%s does not take the %q that is proposed: %v", d.Name, v, err)
			}
			if err := o.Validate(); err != nil {
				t.Errorf("%s: %s: %v", d.Name, v, err)
			}
		}
	}
}

func TestDuration(t *testing.T) {
	for _, c := range []struct {
		in   string
		want time.Duration
		text string
	}{
		{"30m", 30 * time.Minute, "30m"}, {"24h", 24 * time.Hour, "1d"}, {"7d", 7 * day, "7d"}, {"86400000", day, "1d"},
		{"1500", 1500 * time.Millisecond, "1500ms"}, {"session", BrowserSession, "session"}, {"0", 0, "0"},
		{"-1", -time.Millisecond, "-1ms"},
		{"1h30m", 90 * time.Minute, "90m"}, {"1.5h", 90 * time.Minute, "90m"},
	} {
		got, err := ParseDuration(c.in)
		if err != nil || got != c.want {
			t.Errorf("ParseDuration(%q) = %v, %v, want %v", c.in, got, err, c.want)
		}
		if text := FormatDuration(got); text != c.text {
			t.Errorf("FormatDuration(%v) = %q, want %q", got, text, c.text)
		}
	}
	for _, in := range []string{"", "d", "abc", "99999999999999999999", "1e9d", "-1ns", "1 h", "7 d", "９d",
		"99999999d"} {
		if d, err := ParseDuration(in); err == nil {
			t.Errorf("ParseDuration(%q) = %v, want an error", in, d)
		}
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"30m", "7d", "86400000", "session", "-1", "0.1ms", "d"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ParseDuration(s)
		if err != nil {
			return
		}
		again, err := ParseDuration(FormatDuration(d))
		if err != nil || again != d {
			t.Errorf("ParseDuration(%q) = %v, written as %q, read back as %v, %v", s, d, FormatDuration(d), again, err)
		}
	})
}

// Whoever takes koaKeys for the place of the keys is not shown them again, in a message that ends up in a log.
func TestKoaKeysHoldsNoKeys(t *testing.T) {
	d, _ := Lookup("koaKeys")
	for _, values := range [][]string{{"s3cret"}, {"s3cret", "true"}, {"[s3cret]"}, {""}} {
		o := Defaults()
		err := d.Set(&o, values...)
		list := Problems(err)
		if o.KoaKeys || len(list) != 1 {
			t.Errorf("Set(%q) = %v, koaKeys %t; want one problem, false", values, err, o.KoaKeys)
		} else if !strings.Contains(list[0].Hint, "KOA_KEYS") ||
			strings.Contains(list[0].Fact+list[0].Hint, "s3cret") {
			t.Errorf("Set(%q) refuses with %+v; want KOA_KEYS in the hint, and no s3cret", values, *list[0])
		}
	}
}
