package regenerate_test

import (
	"path"
	"slices"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// What an owner appends to a file must not touch a line that options change:
// the last line of every scaffolded file, but for Go, JavaScript and HTML, is always
// the same.
func TestLastLineIsNobodys(t *testing.T) {
	g := engine()
	last := map[string]string{}
	for _, set := range [][]string{
		{}, {"captcha.enabled", "false"}, {"demo", "false"}, {"captcha.enabled", "false", "demo", "false"},
		{"captcha.pow", "true"},
		{"store", "sqlite"}, {"store", "cookie"}, {"store", "postgres"}, {"store", "redis"},
		{"module", "example.org/other"}, {"docker", "false"}, {"ci", "false"},
		{"publicURL", "https://api.example.com", "corsOrigins", "https://app.example.com"},
		{"corsOrigins", "", "demo", "false"}, {"key", "sid"}, {"maxAge", "1h"},
		{"publicURL", "https://api.example.com", "corsOrigins", "https://app.example.com", "domain", "example.com"},
	} {
		o := options.Defaults()
		o.Module = "example.com/shop"
		apply(t, &o, set...)
		whole, err := g.Render(o, render.Secrets{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range whole.Files {
			if f.Class != tree.Scaffolded || slices.Contains([]string{".go", ".js", ".html"}, path.Ext(f.Path)) {
				continue
			}
			line := string(f.Data[1+lastBreak(f.Data):])
			if before, seen := last[f.Path]; seen && before != line {
				t.Errorf("%s ends in %q with %v, and in %q without", f.Path, line, set, before)
				continue
			}
			last[f.Path] = line
		}
	}
	if len(last) < 5 {
		t.Errorf("only %d files looked at", len(last))
	}
}

// lastBreak is where the line break before the last line stands.
func lastBreak(text []byte) int {
	for i := len(text) - 2; i >= 0; i-- {
		if text[i] == '\n' {
			return i
		}
	}
	return -1
}
