package gomod

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

func TestGoMod(t *testing.T) {
	const base = "module example.com/app\n\ngo 1.26.0\n\nrequire (\n\texample.com/a v1.0.0\n\texample.com/b " +
		"v1.0.0\n)\n\nrequire example.com/i v1.0.0 // indirect\n"
	tests := []struct {
		name, base, ours, theirs string
		want, not                []string
	}{
		{"generator adds, raises and drops", base, base,
			"module example.com/app\n\ngo 1.26.1\n\nrequire (\n\texample.com/a v1.1.0\n\texample.com/n v1.0.0\n)\n",
			[]string{"go 1.26.1", "example.com/a v1.1.0", "example.com/n v1.0.0"},
			[]string{"example.com/b", "example.com/i"}},
		{"the owner's own stay, and so does what they may need", base,
			strings.Replace(base, ")", "\tgithub.com/me/lib v0.3.0 // why\n)\n\nreplace github.com/me/lib => "+
				"../lib\n\ntool github.com/me/lib/cmd", 1),
			"module example.com/app\n\ngo 1.26.0\n\nrequire example.com/a v1.0.0\n",
			[]string{"github.com/me/lib v0.3.0 // why", "replace github.com/me/lib => ../lib",
				"tool github.com/me/lib/cmd", "example.com/i v1.0.0 // indirect", "example.com/b v1.0.0"}, nil},
		{"never lowered", base, strings.Replace(base, "a v1.0.0", "a v1.9.0", 1),
			strings.Replace(base, "a v1.0.0", "a v1.1.0", 1), []string{"example.com/a v1.9.0"}, nil},
		{"raised above the owner's", base, strings.Replace(base, "a v1.0.0", "a v1.2.0", 1),
			strings.Replace(base, "a v1.0.0", "a v1.10.0", 1), []string{"example.com/a v1.10.0"}, nil},
		{"module renamed", base, base, strings.Replace(base, "example.com/app", "example.com/new", 1),
			[]string{"module example.com/new"}, nil},
		{"module renamed by the owner", base, strings.Replace(base, "example.com/app", "example.com/mine", 1),
			strings.Replace(base, "example.com/app", "example.com/new", 1), []string{"module example.com/mine"}, nil},
		{"the owner's newer go line", base, strings.Replace(base, "go 1.26.0", "go 1.27.0\n\ntoolchain go1.27.1", 1),
			strings.Replace(base, "go 1.26.0", "go 1.26.1", 1), []string{"go 1.27.0", "toolchain go1.27.1"}, nil},
		{"a go line without a patch is older than one with it", "module m\n", "module m\n\ngo 1.26\n",
			"module m\n\ngo 1.26.0\n", []string{"go 1.26.0\n"}, nil},
		{"direct for the owner, indirect for the generator", base,
			strings.Replace(base, "require example.com/i v1.0.0 // indirect", "require example.com/i v1.1.0", 1),
			base, []string{"example.com/i v1.1.0\n"}, []string{"indirect"}},
		{"removed by the owner stays removed", base, strings.Replace(base, "\texample.com/b v1.0.0\n", "", 1),
			strings.Replace(base, "a v1.0.0", "a v1.1.0", 1), []string{"a v1.1.0"}, []string{"example.com/b"}},
		{"first requirement", "module m\n\ngo 1.26.0\n", "module m\n\ngo 1.26.0\n\n// mine\n",
			"module m\n\ngo 1.26.0\n\nrequire example.com/a v1.0.0\n",
			[]string{"require example.com/a v1.0.0", "// mine"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := GoMod([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs))
			if err != nil {
				t.Fatal(err)
			}
			for _, want := range tt.want {
				if !strings.Contains(string(got), want) {
					t.Errorf("GoMod = %s, want it to hold %q", got, want)
				}
			}
			for _, not := range tt.not {
				if strings.Contains(string(got), not) {
					t.Errorf("GoMod = %s, want it without %q", got, not)
				}
			}
			crlfOurs, err := GoMod([]byte(tt.base), textmerge.WithEnding([]byte(tt.ours), textmerge.Crlf),
				[]byte(tt.theirs))
			if want := strings.ReplaceAll(string(got), "\n", "\r\n"); err != nil || string(crlfOurs) != want {
				t.Errorf("GoMod with CRLF = %q, %v, want %q", crlfOurs, err, want)
			}
		})
	}
	if _, err := GoMod([]byte(base), []byte("modul x\n"), []byte(base)); err == nil ||
		!strings.Contains(err.Error(), "yours") {
		t.Errorf("GoMod of a broken file = %v, want an error that names the side", err)
	}
}

func TestGoSum(t *testing.T) {
	const a, b, c = "example.com/a v1.0.0 h1:a=\nexample.com/a v1.0.0/go.mod h1:am=\n",
		"example.com/b v1.9.0/go.mod h1:b=\n", "example.com/b v1.10.0/go.mod h1:c=\n"
	tests := []struct{ name, base, ours, theirs, want string }{
		{"theirs when the owner added nothing", a + b, a + b, a + c, a + c},
		{"all when the owner did", a, a + b, a + c, a + b + c},
		{"switched off, owner's own left", a + c, a + b + c, "", a + b + c},
		{"switched off", a + c, a + c, "", ""},
		{"sorted by version", "", c + a + b, a, a + b + c},
		{"crlf", a, strings.ReplaceAll(a+b, "\n", "\r\n"), c, strings.ReplaceAll(a+b+c, "\n", "\r\n")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := GoSum([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs)); string(got) != tt.want {
				t.Errorf("GoSum = %q, want %q", got, tt.want)
			}
		})
	}
}
