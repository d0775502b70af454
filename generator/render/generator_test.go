package render

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/templates"
)

// What is remembered is the same as what is made afresh, whichever option changed in
// between, and back again.
func TestRememberingChangesNothing(t *testing.T) {
	g := &Generator{Templates: templates.FS(), Version: "v1.0.0"}
	remembering := g.Remembering()
	compare := func(what string, o options.Options) {
		t.Helper()
		want, err := g.Render(o, Secrets{})
		if err != nil {
			return // what is refused is refused before anything is rendered
		}
		got, err := remembering.Render(o, Secrets{})
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(got.Files) != len(want.Files) {
			t.Fatalf("%s: %d files, want %d", what, len(got.Files), len(want.Files))
		}
		for i, f := range want.Files {
			if got := got.Files[i]; got.Path != f.Path || got.Class != f.Class || !bytes.Equal(got.Data, f.Data) {
				t.Errorf("%s: %s differs", what, f.Path)
			}
		}
	}
	o := options.Defaults()
	o.Module = "example.com/shop"
	for _, d := range options.Table() {
		values := d.Values
		switch d.Kind {
		case options.Bool:
			values = []string{"true", "false"}
		case options.Int:
			n, _ := strconv.Atoi(d.Get(&o)[0])
			values = []string{strconv.Itoa(n + 1)}
		case options.Duration:
			values = []string{"7m", "9d"}
		}
		if d.Name == "module" || d.Name == "key" {
			values = []string{"example.org/other", "other"}
		}
		for _, v := range values {
			changed := o.Clone()
			if d.Set(&changed, v) == nil {
				compare(d.Name+"="+v, changed)
			}
		}
	}
	compare("the defaults", o)
}

// The container is reached on the port that browsers use, or on 8080 by the proxy that they reach over https.
func TestComposePublishesThePublicPort(t *testing.T) {
	t.Parallel()
	g := &Generator{Templates: templates.FS(), Version: "v1.0.0"}
	for url, want := range map[string]string{
		"http://localhost:3000":   `"127.0.0.1:3000:8080"`,
		"http://localhost":        `"127.0.0.1:80:8080"`,
		"https://api.example.com": `"127.0.0.1:8080:8080"`,
	} {
		o := options.Defaults()
		o.Module, o.PublicURL, o.CORSOrigins, o.Demo = "example.com/shop", url, nil, false
		made, err := g.Render(o, Secrets{})
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range made.Files {
			if f.Path == "compose.yaml" && !bytes.Contains(f.Data, []byte(want)) {
				t.Errorf("%s: no port %s in\n%s", url, want, f.Data)
			}
		}
	}
}

// A level that ends a session that nobody uses has no login that outlives it.
func TestLevelsWithoutRemember(t *testing.T) {
	t.Parallel()
	g := &Generator{Templates: templates.FS(), Version: "v1.0.0"}
	for level, want := range map[string]bool{"none": true, "aal1": true, "aal2": false, "aal3": false} {
		o := options.Defaults()
		o.Module, o.Store, o.Accounts, o.Assurance = "example.com/shop", "sqlite", "table", level
		o.ApplyAssurance(func(string) bool { return true })
		made, err := g.Render(o, Secrets{})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"internal/web/remember.go", "demo/remember.html"} {
			if _, there := made.File(name); there != want {
				t.Errorf("%s: %s is there: %t, want %t", level, name, there, want)
			}
		}
		readme, _ := made.File("README.md")
		if bytes.Contains(readme.Data, []byte("`remember`")) != want {
			t.Errorf("%s: the README speaks of remember: %t, want %t", level, !want, want)
		}
	}
}
