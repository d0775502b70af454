package merge

import (
	"go/format"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

const structureBase = `package a

// T is a type.
type T struct {
	A int
	B string
}

var table = map[string]int{
	"a": 1,
	"b": 2,
}

var list = []string{"a", "b"}

// New makes a T.
func New(a int) *T {
	t := &T{A: a}
	t.start(a)
	return t
}

func (t *T) Serve(name string) error {
	if name == "" {
		return errEmpty
	}
	switch name {
	case "a":
		return t.a()
	case "b":
		return t.b()
	}
	return nil
}

func last() {}
`

// TestMergeStructure merges element by element, nearly always what lines alone cannot merge or merge wrongly.
func TestMergeStructure(t *testing.T) {
	type edits []string
	tests := []struct {
		name               string
		ours, theirs, want edits
	}{
		{"two fields added in one place",
			edits{"\tB string\n", "\tB string\n\tMine int\n"}, edits{"\tB string\n", "\tB string\n\tNew bool\n"},
			edits{"\tA int\n\tB string\n", "\tA    int\n\tB    string\n\tMine int\n\tNew  bool\n"}},
		{"a field deleted beside one added",
			edits{"\tA int\n", ""}, edits{"\tA int\n", "\tA int\n\tNew bool\n"},
			edits{"\tA int\n\tB string\n", "\tNew bool\n\tB   string\n"}},
		{"fields beside each other changed",
			edits{"\tA int\n", "\tA int64\n"}, edits{"\tB string\n", "\tB []string\n"},
			edits{"\tA int\n\tB string\n", "\tA int64\n\tB []string\n"}},
		{"a type and its comment changed",
			edits{"// T is a type.", "// T is mine."}, edits{"type T struct", "type T[K any] struct"},
			edits{"// T is a type.\ntype T struct", "// T is mine.\ntype T[K any] struct"}},
		{"entries of a map",
			edits{
				"\t\"b\": 2,\n",
				"\t\"b\": 3,\n\t\"mine\": 4,\n",
			}, edits{"\t\"b\": 2,\n", "\t\"b\": 2,\n\t\"new\": 5,\n"},
			edits{"\t\"a\": 1,\n\t\"b\": 2,\n", "\t\"a\":    1,\n\t\"b\":    3,\n\t\"mine\": 4,\n\t\"new\":  5,\n"}},
		{"elements between commas",
			edits{
				`"a", "b"`,
				`"a", "b", "mine"`,
			}, edits{`"a", "b"`, `"new", "a", "b"`}, edits{`"a", "b"`, `"new", "a", "b", "mine"`}},
		{"a literal broken into lines",
			edits{`{"a", "b"}`, "{\n\t\"a\",\n\t\"b\",\n\t\"mine\",\n}"}, edits{`"a", "b"`, `"new", "a", "b"`},
			edits{`{"a", "b"}`, "{\n\t\"new\",\n\t\"a\",\n\t\"b\",\n\t\"mine\",\n}"}},
		{"arguments and parameters",
			edits{"New(a int)", "New(a int, mine bool)", "t.start(a)", "t.start(a, mine)"},
			edits{"New(a int)", "New(a int64)", "t.start(a)", "t.start(int(a))"},
			edits{"New(a int)", "New(a int64, mine bool)", "t.start(a)", "t.start(int(a), mine)"}},
		{"statements added in one place",
			edits{"\tt.start(a)\n", "\tt.start(a)\n\tmine()\n"}, edits{"\tt.start(a)\n", "\tt.start(a)\n\tnews()\n"},
			edits{"\tt.start(a)\n", "\tt.start(a)\n\tmine()\n\tnews()\n"}},
		{"a condition and its body",
			edits{
				`name == ""`,
				`len(name) == 0`,
			}, edits{"\t\treturn errEmpty\n", "\t\tlog(name)\n\t\treturn errEmpty\n"},
			edits{"name == \"\" {\n", "len(name) == 0 {\n\t\tlog(name)\n"}},
		{"an else beside a changed body",
			edits{
				"\t\treturn errEmpty\n\t}\n",
				"\t\treturn errEmpty\n\t} else {\n\t\tmine()\n\t}\n",
			}, edits{"return errEmpty", "return errNone"},
			edits{"\t\treturn errEmpty\n\t}\n", "\t\treturn errNone\n\t} else {\n\t\tmine()\n\t}\n"}},
		{"cases by expression",
			edits{
				"\tcase \"b\":\n",
				"\tcase \"mine\":\n\t\treturn nil\n\tcase \"b\":\n",
			}, edits{"\tcase \"b\":\n\t\treturn t.b()\n", "\tcase \"b\":\n\t\treturn t.c()\n\tcase \"c\":\n"},
			edits{
				"\tcase \"b\":\n\t\treturn t.b()\n",
				"\tcase \"mine\":\n\t\treturn nil\n\tcase \"b\":\n\t\treturn t.c()\n\tcase \"c\":\n",
			}},
		{"functions added in one place",
			edits{
				"func last",
				"// mine is mine.\nfunc mine() {\n\ta()\n}\n\nfunc last",
			}, edits{"func last() {}", "func (t *T) add() {\n\tb()\n}\n\nfunc last() { t() }"},
			edits{
				"func last() {}",
				"// mine is mine.\nfunc mine() {\n\ta()\n}\n\nfunc (t *T) add() {\n\tb()\n}\n\nfunc last() { t() }",
			}},
		{"a function renamed and its body changed",
			edits{"func (t *T) Serve(", "func (t *T) Handle("}, edits{"\t\treturn errEmpty\n", "\t\treturn errNone\n"},
			edits{"func (t *T) Serve(", "func (t *T) Handle(", "\t\treturn errEmpty\n", "\t\treturn errNone\n"}},
		{"the same field added in two places",
			edits{"\tA int\n", "\tX int\n\tA int\n"}, edits{"\tB string\n", "\tC bool\n\tX int\n"},
			edits{"\tA int\n\tB string\n", "\tX int\n\tA int\n\tC bool\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			base, ours, theirs := structureBase, edit(
				t,
				structureBase,
				tt.ours...), edit(
				t,
				structureBase,
				tt.theirs...)
			want := edit(t, structureBase, tt.want...)
			if want != gofmted(t, want) {
				t.Fatalf("the wanted text is not formatted:\n%s", gofmted(t, want))
			}
			got, err := File("a.go", []byte(base), []byte(gofmted(t, ours)), []byte(gofmted(t, theirs)),
				textmerge.Options{})
			if err != nil || len(got.Conflicts) > 0 || string(got.Data) != want {
				t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, want)
			}
			lines, _ := File("a.go", []byte(base), []byte(gofmted(t, ours)), []byte(gofmted(t, theirs)),
				textmerge.Options{LinesOnly: true})
			if same := string(lines.Data) == want; same == got.Structural {
				t.Errorf("by lines: the wanted text %t, %d conflicts; Structural = %v, want %v", same,
					len(lines.Conflicts), got.Structural, !same)
			}
		})
	}
}

// TestMergeStructureConflicts shows the element that both sides changed, and
// merges the rest.
func TestMergeStructureConflicts(t *testing.T) {
	type edits []string
	tests := []struct {
		name         string
		ours, theirs edits
		element      string
		marked       string
	}{
		{"a field changed in two ways",
			edits{"\tA int\n", "\tA int64\n"}, edits{"\tA int\n", "\tA uint\n\tNew bool\n"}, "type T, field A",
			"<<<<<<< yours\n\tA int64\n||||||| last generated\n\tA int\n=======\n\tA   uint\n>>>>>>> " +
				"new\n\tNew bool\n"},
		{"a field deleted and changed",
			edits{"\tA int\n", ""}, edits{"\tA int\n", "\tA uint\n"}, "type T, field A",
			"<<<<<<< yours\n||||||| last generated\n\tA int\n=======\n\tA uint\n>>>>>>> new\n"},
		{"a statement replaced in two ways",
			edits{"t.start(a)", "mine(1)"}, edits{"t.start(a)", "other[2]++"}, "func New",
			"<<<<<<< yours\n\tmine(1)\n||||||| last generated\n\tt.start(a)\n=======\n\tother[2]++\n>>>>>>> new\n"},
		{
			"a call changed in two ways",
			edits{"t.start(a)", "u.start(a)"},
			edits{"t.start(a)", "t.stop(a)"},
			"func New",
			"<<<<<<< yours\n\tu.start(a)\n||||||| last generated\n\tt.start(a)\n=======\n\tt.stop(a)\n>>>>>>> new\n",
		},
		{"a function added in two ways",
			edits{
				"func last",
				"func added() {\n\ta()\n}\n\nfunc last",
			}, edits{"func last", "func added() {\n\tb()\n}\n\nfunc last"}, "func added",
			"<<<<<<< yours\n\nfunc added() {\n\ta()\n}\n||||||| last generated\n=======\n\nfunc added() " +
				"{\n\tb()\n}\n>>>>>>> new\n"},
		{"a variable declared by both",
			edits{
				"\tt.start(a)\n",
				"\tx := 1\n\tt.start(a)\n",
			}, edits{"\tt.start(a)\n", "\tx := 2\n\tt.start(a)\n"}, "func New",
			"<<<<<<< yours\n\tx := 1\n||||||| last generated\n=======\n\tx := 2\n>>>>>>> new\n"},
		{"a declaration moved and changed",
			edits{
				"func last() {}\n",
				"",
				"// New makes",
				"func last() {}\n\n// New makes",
			}, edits{"func last() {}", "func last() { x() }"}, "func last",
			"<<<<<<< yours\n\nfunc last() {}\n||||||| last generated\n\nfunc last() {}\n=======\n\nfunc last() { " +
				"x() }\n>>>>>>> new\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ours, theirs := gofmted(t, edit(t, structureBase, tt.ours...)), gofmted(t,
				edit(t, structureBase, tt.theirs...))
			got, err := File("a.go", []byte(structureBase), []byte(ours), []byte(theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) != 1 || got.Conflicts[0].Element != tt.element {
				t.Fatalf("File = %v, conflicts %+v, want one in %q\n%s", err, got.Conflicts, tt.element, got.Data)
			}
			if !strings.Contains(string(got.Data), tt.marked) {
				t.Errorf("File =\n%s\nwant in it\n%s", got.Data, tt.marked)
			}
			c := got.Conflicts[0]
			if lines := strings.SplitAfter(ours, "\n"); len(c.Ours) > 0 &&
				!strings.HasPrefix(strings.Join(lines[c.Line-1:], ""), string(c.Ours)) {
				t.Errorf("%q is not in line %d of\n%s", c.Ours, c.Line, ours)
			}
			for side, want := range map[textmerge.Side]string{textmerge.Ours: string(c.Ours),
				textmerge.Theirs: string(c.Theirs)} {
				settled, err := File("a.go", []byte(structureBase), []byte(ours), []byte(theirs),
					textmerge.Options{Resolve: side})
				if err != nil || textmerge.HasMarkers(settled.Data) || !strings.Contains(string(settled.Data), want) {
					t.Errorf("settled for side %d: %v\n%s", side, err, settled.Data)
				}
			}
		})
	}
}

// TestLineOfADeletedElement looks for the place of what ours deleted and theirs
// changed: there is no text of ours to find it by.
func TestLineOfADeletedElement(t *testing.T) {
	const (
		funcs  = "package a\n\nfunc A() {}\n\nfunc B() { b() }\n\nfunc C() {}\n"
		fields = "package a\n\nvar x int\n\ntype T struct {\n\tA int\n}\n"
	)
	tests := []struct {
		name, file, base, ours, theirs string
		line                           int
	}{
		{"behind another one", "a.go", funcs, edit(t, funcs, "func B() { b() }\n\n", ""),
			edit(t, funcs, "b()", "c()"), 4},
		{"the first", "a.go", funcs, edit(t, funcs, "func A() {}\n\n", ""), edit(t, funcs, "A() {}", "A() { c() }"), 2},
		{"the last", "a.go", funcs, edit(t, funcs, "\nfunc C() {}\n", ""), edit(t, funcs, "C() {}", "C() { c() }"), 6},
		{"the only one of a struct", "a.go", fields, edit(t, fields, "\tA int\n", ""),
			edit(t, fields, "A int", "A uint"), 5},
		{"a section", "README.md", "# A\n\nx\n\n## B\n\ny\n", "# A\n\nx\n", "# A\n\nx\n\n## B\n\nz\n", 4},
		{"a key", "a.yaml", "a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n", "a: 1\nb: 4\nc: 3\n", 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := File(tt.file, []byte(tt.base), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if err != nil || len(got.Conflicts) != 1 || len(got.Conflicts[0].Ours) > 0 ||
				got.Conflicts[0].Line != tt.line {
				t.Errorf("File = %v, %+v, want one in line %d, without text of ours\n%s", err, got.Conflicts, tt.line,
					got.Data)
			}
		})
	}
}

func gofmted(t *testing.T, src string) string {
	t.Helper()
	out, err := format.Source([]byte(src))
	if err != nil {
		t.Fatalf("%v in\n%s", err, src)
	}
	return string(out)
}

// A block that ours put around lines, and one that theirs added behind them, end
// up where git puts them, also if something else needs a merge by structure.
func TestNestingStays(t *testing.T) {
	const base = "package a\n\nfunc f() {\n\tif a {\n\t\tb()\n\t\tif err {\n\t\t\treturn\n\t\t}\n\t}\n\tlast()\n}\n"
	ours := edit(t, base, "\t\tif err {\n\t\t\treturn\n\t\t}\n",
		"\t\tif c {\n\t\t\tif err {\n\t\t\t\treturn\n\t\t\t}\n\t\t}\n")
	theirs := edit(t, base, "\t\t}\n\t}\n", "\t\t}\n\n\t}\n\tif d {\n\t\te()\n\t}\n")
	for _, first := range [][2]string{{"", ""}, {"\tmine()\n", "\tnews()\n"}} {
		const head = "func f() {\n"
		o, th := edit(t, ours, head, head+first[0]), edit(t, theirs, head, head+first[1])
		got, err := File("a.go", []byte(base), []byte(o), []byte(th), textmerge.Options{})
		if err != nil ||
			len(got.Conflicts) == 0 && !strings.Contains(string(got.Data), "\n\t}\n\tif d {\n\t\te()\n\t}\n\tlast()") {
			t.Errorf("File = %v, %d conflicts\n%s", err, len(got.Conflicts), got.Data)
		}
		if first[0] == "" && len(got.Conflicts) > 0 {
			t.Errorf("a conflict where git is clean:\n%s", got.Data)
		}
	}
}

// Two groups that look the same are told apart by their place.
func TestEqualGroupsKeepTheirPlace(t *testing.T) {
	const base = "package a\n\nfunc a() {}\n\nconst ()\n\nfunc b() { x(); y() }\n\nconst ()\n\nfunc c() {}\n"
	ours := edit(t, base, "func a() {}\n\nconst ()", "func a() {}\n\nconst (\n\tx = 1\n)")
	theirs := edit(t, base, "func a() {}\n\n", "", "func b() { x(); y() }", "func b() { y() }")
	want := edit(t, theirs, "const ()", "const (\n\tx = 1\n)")
	for _, sides := range [][2]string{{ours, theirs}, {theirs, ours}} {
		got, err := File("a.go", []byte(base), []byte(sides[0]), []byte(sides[1]), textmerge.Options{})
		if err != nil || len(got.Conflicts) > 0 || string(got.Data) != want {
			t.Errorf("File = %v, %d conflicts\n%s\nwant\n%s", err, len(got.Conflicts), got.Data, want)
		}
	}
}
