package merge

import (
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

const goBase = `package a

import (
	"fmt"
	"os"

	"example.com/app/internal/session"
)

// T is a struct.
type T struct {
	A int    // one
	B string // two
}

func f(s session.Session) {
	fmt.Println(os.Args)
}
`

// edit applies pairs of old and new text, each of which must be there.
func edit(t *testing.T, src string, pairs ...string) string {
	t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(src, pairs[i]) {
			t.Fatalf("%q is not in the source", pairs[i])
		}
		src = strings.Replace(src, pairs[i], pairs[i+1], 1)
	}
	return src
}

func TestMergeGo(t *testing.T) {
	longField := func(s string) string {
		return edit(t, s, "\tA int    // one\n\tB string // two\n",
			"\tA           int    // one\n\tB           string // two\n\tMyLongField bool   // mine\n")
	}
	firstField := func(s string) string {
		return edit(t, s, "\tA int    // one\n\tB string // two\n", "\tNewOption map[string]string // new\n\tA      "+
			"   int               // one\n\tB         string            // two\n")
	}
	tests := []struct {
		name, ours, theirs, want string
	}{
		{"a realigned struct is not a conflict", longField(goBase), firstField(goBase),
			edit(t, goBase, "\tA int    // one\n\tB string // two\n", "\tNewOption   map[string]string // new\n\tA  "+
				"         int               // one\n\tB           string            // two\n\tMyLongField bool      "+
				"        // mine\n")},
		{"imports added next to each other",
			edit(t, goBase, "\t\"os\"\n", "\t\"net/url\"\n\t\"os\"\n", "fmt.Println(os.Args)",
				"fmt.Println(os.Args, url.URL{})"),
			edit(t, goBase, "\t\"os\"\n", "\t\"log/slog\"\n\t\"os\"\n", "type T", "var L *slog.Logger\n\ntype T"),
			edit(t, goBase, "\t\"os\"\n", "\t\"log/slog\"\n\t\"net/url\"\n\t\"os\"\n", "fmt.Println(os.Args)",
				"fmt.Println(os.Args, url.URL{})", "type T", "var L *slog.Logger\n\ntype T")},
		{"removed by theirs, still used by ours",
			edit(t, goBase, "// T is", "var home = os.Getenv(\"HOME\")\n\n// T is"),
			edit(t, goBase, "\t\"os\"\n", "", "fmt.Println(os.Args)", "fmt.Println()"),
			edit(t, goBase, "// T is", "var home = os.Getenv(\"HOME\")\n\n// T is", "fmt.Println(os.Args)",
				"fmt.Println()")},
		{"a group of the owner's own",
			edit(t, goBase, "\t\"example.com/app/internal/session\"\n",
				"\t\"example.com/app/internal/session\"\n\n\t\"github.com/me/lib\" // mine\n", "type T",
				"var L lib.L\n\ntype T"),
			edit(t, goBase, "\t\"example.com/app/internal/session\"\n",
				"\t\"example.com/app/internal/captcha\"\n\t\"example.com/app/internal/session\"\n",
				"func f(s session.Session) {\n", "func f(s session.Session) {\n\tcaptcha.New()\n"),
			edit(t, goBase, "\t\"example.com/app/internal/session\"\n",
				"\t\"example.com/app/internal/captcha\"\n\t\"example.com/app/internal/session\"\n\n"+
					"\t\"github.com/me/lib\" // mine\n", "type T", "var L lib.L\n\ntype T",
				"func f(s session.Session) {\n", "func f(s session.Session) {\n\tcaptcha.New()\n")},
		{"re-pointed store beside an owner's import",
			edit(t, goBase, "\t\"os\"\n", "\t\"os\"\n\t\"time\"\n", "type T", "var D time.Duration\n\ntype T"),
			edit(t, goBase, "internal/session\"", "internal/other\"", "session.Session", "other.Session"),
			edit(t, goBase, "\t\"os\"\n", "\t\"os\"\n\t\"time\"\n", "type T", "var D time.Duration\n\ntype T",
				"internal/session\"", "internal/other\"", "session.Session", "other.Session")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File("a.go", []byte(goBase), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) > 0 || string(got.Data) != tt.want {
				t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, tt.want)
			}
			windows, err := File("a.go", []byte(goBase), textmerge.WithEnding([]byte(tt.ours), textmerge.Crlf),
				[]byte(tt.theirs),
				textmerge.Options{})
			if want := strings.ReplaceAll(tt.want, "\n", "\r\n"); err != nil || string(windows.Data) != want {
				t.Errorf("File with CRLF = %v\n%q\nwant\n%q", err, windows.Data, want)
			}
		})
	}
}

func TestMergeGoSingleImports(t *testing.T) {
	tests := []struct{ name, base, ours, theirs, want string }{
		{"none, then one each",
			"package a\n\nvar x = 1\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport \"fmt\"\n\nvar x = 1\n\nvar y = 2\n\nvar z = fmt.Sprint(3)\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = fmt.Sprint(3)\n"},
		{"one goes, none left",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = 4\n",
			"package a\n\nvar x = 1\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nvar x = 1\n\nvar y = 2\n\nvar z = 4\n"},
		{"the last uses removed by both together",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = os.Args\n",
			"package a\n\nimport \"os\"\n\nvar x = 1\n\nvar y = 2\n\nvar z = os.Args\n",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nvar x = 1\n\nvar y = 2\n\nvar z = 3\n"},
		{"a local variable is not a package",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nfunc f() {}\n\nvar z = 3\n",
			"package a\n\nimport \"os\"\n\nvar x = os.Args\n\nfunc f() { var os T; os.f() }\n\nvar z = 3\n",
			"package a\n\nvar x = 1\n\nfunc f() {}\n\nvar z = 3\n",
			"package a\n\nvar x = 1\n\nfunc f() { var os T; os.f() }\n\nvar z = 3\n"},
		{"two of the standard library, into a block without any",
			"package a\n\nimport (\n\t\"example.com/a\"\n)\n\nvar x = a.A\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport (\n\t\"example.com/a\"\n\t\"example.com/b\"\n)\n\nvar x = a.A + b.B\n\nvar y = 2\n\n" +
				"var z = 3\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.com/a\"\n)\n\nvar x = a.A\n\nvar y = 2\n\n" +
				"var z = fmt.Sprint(os.Args)\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.com/a\"\n\t\"example.com/b\"\n)\n\n" +
				"var x = a.A + b.B\n\nvar y = 2\n\nvar z = fmt.Sprint(os.Args)\n"},
		{"two of other modules, into a block without any",
			"package a\n\nimport (\n\t\"fmt\"\n)\n\nvar x = fmt.A\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nvar x = fmt.A + os.B\n\nvar y = 2\n\nvar z = 3\n",
			"package a\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/a\"\n\t\"example.com/b\"\n)\n\nvar x = fmt.A\n\n" +
				"var y = 2\n\nvar z = a.A + b.B\n",
			"package a\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\n\t\"example.com/a\"\n\t\"example.com/b\"\n)\n\n" +
				"var x = fmt.A + os.B\n\nvar y = 2\n\nvar z = a.A + b.B\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File("a.go", []byte(tt.base), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) > 0 || string(got.Data) != tt.want {
				t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, tt.want)
			}
		})
	}
}

func TestMergeGoConflicts(t *testing.T) {
	ours := edit(t, goBase, "fmt.Println(os.Args)", "fmt.Println(1)", "\t\"os\"\n", "")
	theirs := edit(t, goBase, "fmt.Println(os.Args)", "fmt.Println(2, os.Args)")
	got, err := File("a.go", []byte(goBase), []byte(ours), []byte(theirs), textmerge.Options{})
	if err != nil || len(got.Conflicts) != 1 {
		t.Fatalf("File = %v, %d conflicts", err, len(got.Conflicts))
	}
	if line := got.Conflicts[0].Line; strings.Split(ours, "\n")[line-1] != "\tfmt.Println(1)" {
		t.Errorf("conflict is at line %d of the owner's file:\n%s", line, ours)
	}
	if !strings.Contains(string(got.Data), "<<<<<<< yours\n\tfmt.Println(1)\n|||||||") {
		t.Errorf("markers:\n%s", got.Data)
	}

	// Blanks inside literals are content.
	base := "package a\n\nvar s = \"a b\"\n"
	got, _ = File("a.go", []byte(base), []byte("package a\n\nvar s = \"a  b\"\n"),
		[]byte("package a\n\nvar s = \"a   b\"\n"), textmerge.Options{})
	if len(got.Conflicts) != 1 {
		t.Errorf("two changes of a literal's blanks: %q, %d conflicts, want 1", got.Data, len(got.Conflicts))
	}
	base = "package a\n\nvar s = `\n  x\n`\n"
	got, _ = File("a.go", []byte(base), []byte("package a\n\nvar s = `\n    x\n`\n"),
		[]byte("package a\n\nvar s = `\n\tx\n`\n"), textmerge.Options{})
	if len(got.Conflicts) != 1 {
		t.Errorf("two changes of a raw string's blanks: %q, %d conflicts, want 1", got.Data, len(got.Conflicts))
	}

	// Braces that one side adds are no error.
	base = "package a\n\nfunc f() {\n\ta()\n\tb()\n\tc()\n\td()\n}\n"
	_, err = File("a.go", []byte(base),
		[]byte("package a\n\nfunc f() {\n\tif x {\n\t\ta()\n\t}\n\tb()\n\tc()\n\td()\n}\n"),
		[]byte("package a\n\nfunc f() {\n\ta()\n\tb()\n\tc()\n\td()\n}\n\nfunc g() {}\n"), textmerge.Options{})
	if err != nil {
		t.Errorf("a sound merge is refused: %v", err)
	}
	// Clean line by line, broken as Go: an error, never silence.
	_, err = File("a.go", []byte("package a\n\nvar x = 1\n\nvar y = 2\n\nvar z = 3\n"),
		[]byte("package a\n\nvar x = 1 /*\n\nvar y = 2\n\nvar z = 3 */\n"),
		[]byte("package a\n\nvar x = 1\n\nvar y = 2 /* two */\n\nvar z = 3\n"), textmerge.Options{})
	if err == nil {
		t.Error("a merge that is not Go passed silently")
	}
}

// The owner who does not run gofmt keeps a style; the owner who does keeps
// formatted files.
func TestMergeGoKeepsTheOwnersStyle(t *testing.T) {
	base := "package a\n\nvar a = 1\n\nvar b = 2\n\nvar c = 3\n"
	got, err := File("a.go", []byte(base), []byte("package a\n\nvar a  =  1\n\nvar b = 2\n\nvar c = 3\n"),
		[]byte("package a\n\nvar a = 1\n\nvar b = 2\n\nvar c = 4\n"), textmerge.Options{})
	if want := "package a\n\nvar a  =  1\n\nvar b = 2\n\nvar c = 4\n"; err != nil || string(got.Data) != want {
		t.Errorf("File = %q, %v, want %q", got.Data, err, want)
	}
}
