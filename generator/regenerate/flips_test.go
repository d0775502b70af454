package regenerate_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
)

// flip is a change of one option: from a project with the options base to one
// with the options to, both as pairs of name and value.
type flip struct {
	option   string
	base, to []string
}

func (f flip) key() string { return fmt.Sprintf("%q to %q", f.base, f.to) }

// otherModule sorts among imports as the module path of [sample] does.
const otherModule = "example.com/shop2"

// otherTexts are the values that texts and lists are set to, and, for some other
// options, those in place of what otherValues would choose. Each text and each list
// needs a row here.
var otherTexts = map[string][]string{
	"module":              {otherModule},
	"publicURL":           {"https://api.example.com"},
	"corsOrigins":         {"http://localhost:4000", ""},
	"corsHeaders":         {"X-Requested-With"},
	"key":                 {"shop.sid"},
	"domain":              {"example.com"},
	"path":                {"/api"},
	"captcha.background":  {""},
	"captcha.mathMax":     {"50", "98"},
	"captcha.ignoreChars": {"A#"},
	"captcha.charPreset":  {"abc0123"},
}

// otherValues are the values to try for an option.
func otherValues(t testing.TB, d options.Option) []string {
	if other := otherTexts[d.Name]; other != nil {
		return other
	}
	switch d.Kind {
	case options.Bool:
		return []string{"true", "false"}
	case options.Enum:
		return d.Values
	case options.Int:
		n, _ := strconv.Atoi(d.Default())
		return []string{strconv.Itoa(n + 1), strconv.Itoa(n + 5)}
	case options.Duration:
		return []string{"2h", "10m", "30d"}
	}
	t.Fatalf("the option %s needs other values in otherTexts", d.Name)
	return nil
}

// back takes the change of a default project back.
func (f flip) back() flip {
	back := flip{option: f.option, base: f.to}
	for i := 0; i < len(f.to); i += 2 {
		d, _ := options.Lookup(f.to[i])
		back.to = append(back.to, d.Name, d.Default())
	}
	return back
}

// flips has every option of the table and one other value of it, in both
// directions. Where parts hang on an option, it has all values.
func flips(t testing.TB) []flip {
	var list []flip
	// Some values go with others alone.
	bases := [][]string{nil, {"demo", "false"}, {"captcha.background", ""}, {"store", "sqlite"},
		{"store", "sqlite", "accounts", "table"},
		{"publicURL", "https://api.example.com", "corsOrigins", "https://app.example.com"}}
	for _, d := range options.Table() {
		if d.Added() {
			continue // it does not change
		}
		found := 0
		for _, value := range otherValues(t, d) {
			for _, base := range bases {
				from := options.Defaults()
				from.Module = "example.com/shop"
				apply(t, &from, base...)
				old, wanted := strings.Join(d.Get(&from), ","), from
				if value == old || d.Set(&wanted, value) != nil || wanted.Validate() != nil {
					continue
				}
				found++
				there := append(slices.Clone(base), d.Name, value)
				list = append(list, flip{d.Name, base, []string{d.Name, value}},
					flip{d.Name, there, []string{d.Name, old}})
				break
			}
			if found > 0 && d.Name != "store" && otherTexts[d.Name] == nil {
				break
			}
		}
		if found == 0 {
			t.Errorf("no other value of %s works: give it one in otherTexts, or add the options that it needs to bases",
				d.Name)
		}
	}
	return list
}
