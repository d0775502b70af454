package compile

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A small module with a package that imports another, which has tests within it and
// outside of it, and with imports of the standard library.
var module = map[string]string{
	"go.mod": "module m\n\ngo 1.26.0\n",
	"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"m/in\"\n)\n\nfunc main() { " +
		"fmt.Println(in.New().Name) }\n",
	"in/in.go": "package in\n\ntype T struct{ Name string }\n\nfunc New() *T { return &T{\"t\"} }\n",
	"in/in_test.go": "package in\n\nimport \"testing\"\n\nfunc helper() *T { return New() }\n\nvar Helper = " +
		"helper\n\nfunc TestT(t *testing.T) { helper() }\n",
	"in/x_test.go": "package in_test\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n\n\t\"m/in\"\n)\n\nfunc TestX(t " +
		"*testing.T) { _ = in.Helper().Name + http.MethodGet }\n",
}

// Each kind of fault is found where it is, and only there.
func TestFaults(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range module {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GOPROXY", "off")
	for _, tt := range []struct {
		name, file, old, new string
		want                 []string // the beginnings of the faults
	}{
		{"none", "main.go", "Println(", "Print(", nil},
		{"an unused import", "main.go", "fmt.Println(in.New().Name)", "_ = in.New()",
			[]string{`main.go:4:2: "fmt" imported and not used`}},
		{"an unused variable", "in/in.go", "return &T", "x := 1; return &T",
			[]string{"in/in.go:5:17: declared and not used: x"}},
		{"what another package lacks now", "in/in.go", "Name string", "Other string",
			[]string{"in/x_test.go:10:", "main.go:9:"}},
		{"a helper that goes", "in/in_test.go", "var Helper = helper\n", "",
			[]string{"in/x_test.go:10:35: undefined: in.Helper"}},
		{"a type in a test", "in/in_test.go", "return New()", "return 1", []string{"in/in_test.go:5:"}},
		{"no Go at all", "in/in.go", "type T struct", "typ T struct", []string{"in/in.go:3:1: expected declaration"}},
		{"a package that is not there", "main.go", `"m/in"`, `"m/out"`,
			[]string{"main.go:6:2: could not import m/out", "main.go:9:27: undefined: in"}},
		{"a module that is not required", "main.go", `"m/in"`, `in "example.com/other/in"`, []string{"main.go:6:2: "}},
		{"an import cycle", "in/in.go", "package in\n", "package in\n\nimport _ \"m/in/deep\"\n",
			[]string{"import cycle", "import cycle"}},
		{"a package without files", "in/in.go", "package in\n", "//go:build ignore\n\npackage in\n",
			[]string{"main.go:6:2: could not import m/in"}},
		{"a feature of a later Go", "go.mod", "go 1.26.0", "go 1.17", []string{"in/gen.go:3:"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text := strings.Replace(module[tt.file], tt.old, tt.new, 1)
			if text == module[tt.file] {
				t.Fatalf("%s does not hold %q", tt.file, tt.old)
			}
			changed := map[string][]byte{tt.file: []byte(text)}
			switch tt.name {
			case "an import cycle":
				changed["in/deep/deep.go"] = []byte("package deep\n\nimport _ \"m/in\"\n")
			case "a feature of a later Go":
				changed["in/gen.go"] = []byte("package in\n\nfunc Map[T any](t T) T { return t }\n")
			}
			faults, err := Check(context.Background(), Module{Dir: dir, Changed: maps.Clone(changed)})
			if err != nil {
				t.Fatal(err)
			}
			ok := len(faults) == len(tt.want) || tt.name == "a package without files" && len(faults) > 0
			for i, want := range tt.want {
				ok = ok && strings.Contains(faults[len(faults)-len(tt.want)+i].String(), want)
			}
			if !ok {
				t.Errorf("faults %q, want %q", faults, tt.want)
			}
		})
	}
}

// The go command says what it fetches where it says what is wrong.
func TestPlain(t *testing.T) {
	err := errors.New("err: exit status 1: stderr: go: downloading golang.org/x/text v0.44.0\n" +
		"go: updates to go.mod needed, disabled by -mod=readonly; to update it:\n\tgo mod tidy\n")
	const want = "go: updates to go.mod needed, disabled by -mod=readonly; to update it: go mod tidy"
	if got := plain(err); got != want {
		t.Errorf("plain = %q, want %q", got, want)
	}
}
