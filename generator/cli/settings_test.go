package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/sessionseed/sessionseed/generator/options"
)

// Every option is reachable by flag, file key and environment, with one
// validator, and every question has a flag.
func TestParity(t *testing.T) {
	asNew, add, regenerate := newCmdNew(&app{}, nil), newCmdAdd(&app{}, nil), newCmdRegenerate(&app{}, nil)
	for _, d := range options.Table() {
		t.Run(d.Name, func(t *testing.T) {
			if add.Flags().Lookup(d.Flag) == nil {
				t.Fatalf("add has no flag --%s", d.Flag)
			}
			for _, cmd := range []*cobra.Command{asNew, regenerate} {
				if has := cmd.Flags().Lookup(d.Flag) != nil; has == d.Added() {
					t.Fatalf("%s has the flag --%s: %t", cmd.Name(), d.Flag, has)
				}
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
		covered := slices.ContainsFunc(steps, func(st step) bool { return slices.Contains(st.options, d.Name) })
		if asked != covered {
			t.Errorf("%s: has a prompt: %t, is asked: %t", d.Name, asked, covered)
		}
	}
	for _, st := range steps[1:] { // the directory is an argument
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
