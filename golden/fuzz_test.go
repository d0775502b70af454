package golden

import (
	"bytes"
	"go/format"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/render"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// FuzzOptions feeds the free texts of the options to the generator. Whatever
// it accepts must give Go files that parse and are as gofmt leaves them, a
// sessionseed.yaml that reads back as the same options, and prose with as
// many lines as the defaults give: no text breaks out of the place it lands in.
func FuzzOptions(f *testing.F) {
	f.Add("example.com/shop", "http://localhost:8080", "http://localhost:5173", "koa.sess", "", "/", "#F5F7FA", "", "",
		0)
	f.Add("a.b/${HOME}", "https://api.example.com", "https://app.example.com", "__Host-sid", "example.com", "/a",
		"#fff", "0O", "ABCDEF", 1)
	f.Add("x\ny", "https://例え.example/", "https://[::1]:8443", "a`b", "\"; rm -rf /", "/{{.}}", "red\"/><script>",
		"'\"`", "ab", 2)
	f.Add("shop", "http://127.0.0.1", "null", "koa:sess", "com", "/\n", "", "\\", "$(x)", 3)
	f.Add("example.com/shop/v2", "https://API.Example.com:443", "https://app.other.example/", "sid", "", "/%0a",
		"#000000", "#", "12", 4)
	f.Fuzz(func(t *testing.T, module, url, origin, key, domain, path, background, ignore, preset string, store int) {
		o := options.Defaults()
		stores := []string{"memory", "cookie", "sqlite", "postgres", "redis"}
		o.Module, o.PublicURL, o.CORSOrigins, o.Key, o.Domain, o.Path = module, url, []string{origin}, key, domain, path
		o.Captcha.Background, o.Captcha.IgnoreChars, o.Captcha.CharPreset = background, ignore, preset
		o.Store = stores[uint(store)%uint(len(stores))]
		if err := o.Validate(); err != nil {
			for _, p := range options.Problems(err) {
				if p.Fact == "" || p.Hint == "" || strings.ContainsAny(p.Fact+p.Hint, "\x00\n\r\x1b") {
					t.Errorf("problem %q with hint %q: want both, in one printable line", p.Fact, p.Hint)
				}
			}
			return
		}
		whole, err := Engine.Render(o, Secrets)
		if err != nil {
			t.Fatalf("accepted options do not render: %v", err)
		}
		plan, err := render.NewPlan(o)
		if err != nil {
			t.Fatal(err)
		}
		for _, place := range append(plan.Options.CORSOrigins, plan.Options.PublicURL) {
			if strings.ContainsAny(place, "\n\r\t\"'`$\\{}<> ") {
				t.Errorf("accepted the URL %q", place)
			}
		}
		plain := options.Defaults() // of the same class, which decides what the prose says
		plain.Module, plain.Store = "example.com/shop", o.Store
		plain.PublicURL, plain.CORSOrigins = plan.Options.PublicURL, plan.Options.CORSOrigins
		base, err := Engine.Render(plain, Secrets)
		if err != nil {
			t.Fatal(err)
		}
		for i, file := range whole.Files {
			if file.Path != base.Files[i].Path {
				t.Fatalf("the project has %q where the defaults give %q", file.Path, base.Files[i].Path)
			}
			switch {
			case file.Class == tree.StateFile, file.Path == "sessionseed.yaml",
				file.Path == "README.md": // the policy in words may be longer
			case strings.HasSuffix(file.Path, ".go"):
				if bytes.Equal(file.Data, base.Files[i].Data) {
					continue
				}
				if formatted, err := format.Source(file.Data); err != nil {
					t.Errorf("%s: %v\n%s", file.Path, err, file.Data)
				} else if !bytes.Equal(formatted, file.Data) {
					t.Errorf("%s is not as gofmt leaves it:\n%s", file.Path, file.Data)
				}
			case bytes.Count(file.Data, []byte("\n")) != bytes.Count(base.Files[i].Data, []byte("\n")):
				t.Errorf("%s has another number of lines than with the defaults:\n%s", file.Path, file.Data)
			}
		}
		yaml, _ := whole.File("sessionseed.yaml")
		values, err := options.DecodeYAML(yaml.Data)
		if err != nil {
			t.Fatalf("sessionseed.yaml does not read back: %v\n%s", err, yaml.Data)
		}
		back := options.Defaults()
		for name, v := range values {
			d, _ := options.Lookup(name)
			if err := d.Set(&back, v...); err != nil {
				t.Errorf("sessionseed.yaml: %v", err)
			}
		}
		if diff := cmp.Diff(plan.Options, back); diff != "" {
			t.Errorf("sessionseed.yaml reads back as other options:\n%s", diff)
		}
	})
}
