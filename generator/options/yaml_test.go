package options

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

func fromYAML(t *testing.T, data []byte) Options {
	t.Helper()
	values, err := DecodeYAML(data)
	if err != nil {
		t.Fatalf("DecodeYAML: %v\n%s", err, data)
	}
	o := Defaults()
	for name, v := range values {
		d, _ := Lookup(name)
		if err := d.Set(&o, v...); err != nil {
			t.Fatalf("set %s: %v", name, err)
		}
	}
	return o
}

func TestYAMLRoundTrip(t *testing.T) {
	changed := Defaults()
	for _, d := range Table() {
		value := map[Kind]string{Text: "a'\"b: #{}\\ \u00e9", Bool: "true", Duration: "session",
			List: "https://a.example,https://b.example"}[d.Kind]
		if d.Kind == Int {
			_, value, _ = strings.Cut(d.Limits, " to ")
		}
		if d.Kind == Enum {
			value = d.Values[1]
		}
		if d.Kind == Duration && d.Name != "maxAge" {
			value = "1500ms"
		}
		if err := d.Set(&changed, value); err != nil {
			t.Fatal(err)
		}
	}
	none := Defaults()
	none.CORSOrigins = []string{}
	for name, o := range map[string]Options{"defaults": Defaults(), "everything changed": changed, "empty list": none} {
		data := EncodeYAML(&o, []string{"one sentence of the policy"})
		if diff := cmp.Diff(o, fromYAML(t, data)); diff != "" {
			t.Errorf("%s: read back:\n%s\n%s", name, diff, data)
		}
		for line := range strings.Lines(string(data)) {
			if len(line) > 120 {
				t.Errorf("%s: line of %d bytes: %s", name, len(line), line)
			}
		}
	}
}

func TestDecodeYAMLTakesWhatPeopleWrite(t *testing.T) {
	for name, c := range map[string]struct {
		in   string
		want map[string][]string
	}{
		"empty":         {"", map[string][]string{}},
		"comments only": {"# nothing\n", map[string][]string{}},
		"milliseconds":  {"maxAge: 86400000\n", map[string][]string{"maxAge": {"86400000"}}},
		"captcha off":   {"captcha: false\n", map[string][]string{"captcha.enabled": {"false"}}},
		"one origin": {"corsOrigins: https://a.example\n",
			map[string][]string{"corsOrigins": {"https://a.example"}}},
		"flow list": {"corsOrigins: [https://a.example, 'https://b.example']\n",
			map[string][]string{"corsOrigins": {"https://a.example", "https://b.example"}}},
		"section":         {"captcha:\n  size: 5\n", map[string][]string{"captcha.size": {"5"}}},
		"empty text":      {"domain:\n", map[string][]string{"domain": {""}}},
		"windows newline": {"key: sid\r\nrolling: true\r\n", map[string][]string{"key": {"sid"}, "rolling": {"true"}}},
	} {
		got, err := DecodeYAML([]byte(c.in))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestDecodeYAMLNamesEveryProblemWithItsLine(t *testing.T) {
	in := "key: sid\nmaxage: 1h\nkey: other\ncaptcha:\n  sise: 4\nstore: [memory]\nrolling:\ncaptcha:\n  - size: 4\n" +
		"corsOrigins:\n  shop: https://shop.test\n"
	_, err := DecodeYAML([]byte(in))
	var facts []string
	for _, p := range problem.List(err) {
		facts = append(facts, p.Fact+" / "+p.Hint)
	}
	got := strings.Join(facts, "\n")
	for _, want := range []string{`line 2: there is no option "maxage" / did you mean maxAge?`,
		`line 3: option "key" is given twice`,
		`line 5: there is no option "captcha.sise" / did you mean captcha.size?`,
		`line 6: option "store" must be a single value`, `line 7: option "rolling" has no value`,
		"line 9: captcha takes options, not a list", `line 11: option "corsOrigins" must be a list of values`} {
		if !strings.Contains(got, want) {
			t.Errorf("problems lack %q:\n%s", want, got)
		}
	}
	for _, in := range []string{"- a\n- b\n", "just text", "key: [unclosed", "\x00", "a: &a [*a]\n",
		"key: sid\n---\n[\n"} {
		if _, err := DecodeYAML([]byte(in)); err == nil || problem.List(err)[0].Hint == "" {
			t.Errorf("DecodeYAML(%q) = %v, want a problem with a hint", in, err)
		}
	}
}

// Two documents could each be meant, so that neither is guessed.
func TestDecodeYAMLRefusesASecondDocument(t *testing.T) {
	for in, line := range map[string]string{"key: sid\n---\nstore: redis\n": "line 3",
		"---\nkey: sid\n---\n# none\n\nkey: other\n": "line 6"} {
		p := problem.List(func() error { _, err := DecodeYAML([]byte(in)); return err }())
		if len(p) != 1 || !strings.Contains(p[0].Fact, line) || !strings.Contains(p[0].Fact, "second document") ||
			p[0].Hint == "" {
			t.Errorf("DecodeYAML(%q): %v, want one problem, a second document in %s, with a hint", in, p, line)
		}
	}
	for _, in := range []string{"---\nkey: sid\n", "key: sid\n...\n", "# head\n---\nkey: sid\n...\n# foot\n"} {
		if got, err := DecodeYAML([]byte(in)); err != nil || len(got["key"]) != 1 {
			t.Errorf("DecodeYAML(%q) = %v, %v", in, got, err)
		}
	}
}

func FuzzDecodeYAML(f *testing.F) {
	o := Defaults()
	f.Add(EncodeYAML(&o, nil))
	f.Add([]byte("captcha: {size: 4}\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		values, err := DecodeYAML(data)
		if err != nil {
			return
		}
		for name := range values {
			if d, ok := Lookup(name); !ok || d.Name != name {
				t.Errorf("DecodeYAML(%q) has %q, which is not the name of an option", data, name)
			}
		}
	})
}
