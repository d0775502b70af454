package goedit

import "testing"

func TestSameCode(t *testing.T) {
	const src = "package p // first\n\nimport (\n\t\"a\"\n\tx \"b\"\n)\n\nvar list = []int{1, 2}\n\nfunc f() { " +
		"a.B(); x.C() }\n"
	for other, want := range map[string]bool{
		src: true,
		"package p // first\nimport x \"b\"\nimport \"a\"\nvar list = []int{\n1,\n2,\n}\nfunc f() " +
			"{\n\ta.B()\n\tx.C()\n}\n": true,
		"package p // other\n\nimport (\n\t\"a\"\n\tx \"b\"\n)\n\nvar list = []int{1, 2}\n\nfunc f() { a.B(); " +
			"x.C() }\n": false,
		"package p // first\n\nimport (\n\t\"a\"\n\ty \"b\"\n)\n\nvar list = []int{1, 2}\n\nfunc f() { a.B(); " +
			"x.C() }\n": false,
		"package p // first\n\nimport (\n\t\"a\"\n\tx \"b\"\n)\n\nvar list = []int{1, 3}\n\nfunc f() { a.B(); " +
			"x.C() }\n": false,
		"package p // first\n\nimport (\n\t\"a\"\n\tx \"b\"\n)\n\nvar list = []int{1, 2}\n\nfunc f() { x.C(); " +
			"a.B() }\n": false,
		"not Go": false,
	} {
		if got := SameCode([]byte(src), []byte(other)); got != want {
			t.Errorf("SameCode = %v, want %v, for\n%s", got, want, other)
		}
	}
	if SameCode([]byte("not Go"), []byte("not Go")) {
		t.Error("what does not parse is the same")
	}
}
