package options

import (
	"strings"
	"testing"
)

func TestEditYAML(t *testing.T) {
	tests := []struct {
		name, file string
		changes    map[string][]string
		want       string
	}{
		{"value with a comment behind", "# head\nkey: old # why\nmaxAge: 24h\n",
			map[string][]string{"key": {"new.sid"}}, "# head\nkey: \"new.sid\" # why\nmaxAge: 24h\n"},
		{"quoted, order stays", "maxAge:   '1h'   # x\nkey: \"a\"\n", map[string][]string{"maxAge": {"7d"}},
			"maxAge:   7d   # x\nkey: \"a\"\n"},
		{"escaped quote", `domain: "a\"b" # c` + "\n", map[string][]string{"domain": {"example.com"}},
			"domain: \"example.com\" # c\n"},
		{"in a section", "captcha:\n    # mine\n    size: 4 # four\n    noise: 1\n",
			map[string][]string{"captcha.size": {"5"}}, "captcha:\n    # mine\n    size: 5 # four\n    noise: 1\n"},
		{"missing in a section", "captcha:\n    size: 4\nkey: a\n", map[string][]string{"captcha.noise": {"2"}},
			"captcha:\n    size: 4\n    noise: 2\nkey: a\n"},
		{"missing at the top", "key: a", map[string][]string{"store": {"redis"}}, "key: a\nstore: redis\n"},
		{"missing section", "key: a\n", map[string][]string{"captcha.noise": {"2"}}, "key: a\ncaptcha:\n  noise: 2\n"},
		{"empty file", "# nothing yet\n", map[string][]string{"store": {"redis"}}, "# nothing yet\nstore: redis\n"},
		{"captcha as one word", "captcha: true # on\n", map[string][]string{"captcha.enabled": {"false"}},
			"captcha: false # on\n"},
		{"list grows", "corsOrigins:\n  - \"https://a.example\" # one\n  - \"https://b.example\"\nkey: a\n",
			map[string][]string{"corsOrigins": {"https://a.example", "https://b.example", "https://c.example"}},
			"corsOrigins:\n  - \"https://a.example\" # one\n  - \"https://b.example\"\n  - " +
				"\"https://c.example\"\nkey: a\n"},
		{"list shrinks", "corsOrigins:\n  - \"https://a.example\" # one\n  # two\n  - \"https://b.example\"\nkey: a\n",
			map[string][]string{"corsOrigins": {"https://b.example"}},
			"corsOrigins:\n  # two\n  - \"https://b.example\"\nkey: a\n"},
		{"list emptied", "corsOrigins:\n  - \"https://a.example\"\nkey: a\n", map[string][]string{"corsOrigins": {}},
			"corsOrigins: []\nkey: a\n"},
		{"list reordered", "corsOrigins:\n  - https://a.example # first\n  - https://b.example\n",
			map[string][]string{"corsOrigins": {"https://b.example", "https://a.example"}},
			"corsOrigins:\n  - https://b.example\n  - https://a.example # first\n"},
		{"list without final newline", "corsOrigins:\n- \"https://a.example\"",
			map[string][]string{"corsOrigins": {"https://a.example", "https://b.example"}},
			"corsOrigins:\n- \"https://a.example\"\n- \"https://b.example\"\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := EditYAML([]byte(tt.file), tt.changes)
			if err != nil || string(got) != tt.want {
				t.Errorf("EditYAML(%q, %v) = %q, %v, want %q", tt.file, tt.changes, got, err, tt.want)
			}
		})
	}
	for _, file := range []string{"key: &a x\n", "key: |\n  x\n", "{key: a}\n", "key: [a\n", "key:\n  a: b\n",
		"key: 'a\n\n  b'\n"} {
		if got, err := EditYAML([]byte(file), map[string][]string{"key": {"new"}}); err == nil || got != nil {
			t.Errorf("EditYAML(%q) = %q, %v, want nil and an error", file, got, err)
		}
	}
}

// Forms that new does not write are left to their owner.
func TestEditYAMLRefusesOtherForms(t *testing.T) {
	for _, c := range []struct{ file, option, value string }{
		{"captcha: true\n", "captcha.size", "6"},
		{"captcha: {size: 4, noise: 1}\n", "captcha.size", "6"},
		{"corsOrigins: [https://a.example]\n", "corsOrigins", "https://b.example"},
		{"corsOrigins: https://a.example\n", "corsOrigins", "https://b.example"},
		{"corsOrigins:\n  - - a\n", "corsOrigins", "https://b.example"},
	} {
		if got, err := EditYAML([]byte(c.file), map[string][]string{c.option: {c.value}}); err == nil {
			t.Errorf("EditYAML(%q, %s) = %q, want an error", c.file, c.option, got)
		}
	}
}

// Every option can be changed in the file that add writes (that of new has no into), and nothing else changes with it.
func TestEditYAMLEveryOption(t *testing.T) {
	o := AddDefaults()
	o.Module = "example.com/shop"
	file := EncodeYAML(&o, []string{"One.", "Two."})
	for _, d := range Table() {
		value := map[Kind]string{Text: "changed", Bool: "true", Int: "5", Duration: "42m",
			List: "https://x.example"}[d.Kind]
		if d.Kind == Enum {
			value = d.Values[len(d.Values)-1]
		}
		got, err := EditYAML(file, map[string][]string{d.Name: {value}})
		if err != nil {
			t.Errorf("%s: %v", d.Name, err)
			continue
		}
		values, err := DecodeYAML(got)
		if err != nil || strings.Join(values[d.Name], ",") != value {
			t.Errorf("%s = %v, %v, want %q", d.Name, values[d.Name], err, value)
		}
		back, err := EditYAML(got, map[string][]string{d.Name: d.Get(&o)})
		if err != nil {
			t.Errorf("%s back: %v", d.Name, err)
		} else if d.Kind != List && string(back) != string(file) {
			t.Errorf("%s there and back changed the file", d.Name)
		}
	}
}

func FuzzEditYAML(f *testing.F) {
	f.Add("key: a # b\ncaptcha: {size: 4}\ncorsOrigins:\n- x\n", "v")
	f.Add("captcha: true\r\ncorsOrigins: [a, b]\r\n", "w")
	f.Fuzz(func(t *testing.T, file, value string) {
		for _, name := range []string{"key", "captcha.size", "corsOrigins"} {
			got, err := EditYAML([]byte(file), map[string][]string{name: {value}})
			if err != nil {
				continue
			}
			values, err := DecodeYAML(got)
			if err != nil || len(values[name]) != 1 || values[name][0] != value {
				t.Errorf("EditYAML(%q, %s = %q) = %q, which says %q (%v)", file, name, value, got, values[name], err)
			}
			before, _ := DecodeYAML([]byte(file))
			for other, v := range before {
				if other != name && strings.Join(values[other], "\x00") != strings.Join(v, "\x00") {
					t.Errorf("EditYAML(%q, %s) changed %s to %q", file, name, other, values[other])
				}
			}
		}
	})
}
