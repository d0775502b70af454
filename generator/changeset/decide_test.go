package changeset

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/tree"
)

// The table of Decide, one case a line. "-" is absence.
func TestDecide(t *testing.T) {
	at := func(text string, mode fs.FileMode) *tree.Blob {
		if text == "-" {
			return nil
		}
		return &tree.Blob{Mode: mode, Data: []byte(text)}
	}
	const crlf = "a\r\nb\r\nc\r\n"
	tests := []struct {
		name, path       string
		class            tree.Class
		base, disk, next string
		o                Options
		action           Action
		want             string
	}{
		{"new file", "a.txt", tree.Scaffolded, "-", "-", "new\n", Options{}, Add, "new\n"},
		{"same already", "a.txt", tree.Scaffolded, "-", "new\n", "new\n", Options{}, Unchanged, "new\n"},
		{"not ours", "a.txt", tree.Scaffolded, "-", "mine\n", "new\n", Options{}, Refuse, "mine\n"},
		{"not ours, forced", "a.txt", tree.Scaffolded, "-", "mine\n", "new\n", Options{ReplaceExisting: true}, Update,
			"new\n"},
		{"nothing to do", "a.txt", tree.Scaffolded, "x\n", "x\n", "x\n", Options{}, Unchanged, "x\n"},
		{"update", "a.txt", tree.Scaffolded, "x\n", "x\n", "y\n", Options{}, Update, "y\n"},
		{"keep", "a.txt", tree.Scaffolded, "x\n", "mine\n", "x\n", Options{}, Keep, "mine\n"},
		{"the owner made the same change", "a.txt", tree.Scaffolded, "x\n", "y\n", "y\n", Options{}, Unchanged, "y\n"},
		{"deleted by the owner", "a.txt", tree.Scaffolded, "x\n", "-", "y\n", Options{}, DeletedByOwner, "-"},
		{"deleted by the owner, restored", "a.txt", tree.Scaffolded, "x\n", "-", "y\n", Options{Restore: true}, Add,
			"y\n"},
		{"both changed apart", "a.txt", tree.Scaffolded, "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", Options{}, Merge,
			"A\nb\nC\n"},
		{"both changed the same line", "a.txt", tree.Scaffolded, "a\n", "b\n", "c\n", Options{}, Conflict, "b\n"},
		{"conflict, ours", "a.txt", tree.Scaffolded, "a\n", "b\n", "c\n", Options{Conflicts: TakeOurs}, Keep, "b\n"},
		{"conflict, theirs", "a.txt", tree.Scaffolded, "a\n", "b\n", "c\n", Options{Conflicts: TakeTheirs}, Merge,
			"c\n"},
		{"conflict, markers", "a.txt", tree.Scaffolded, "a\n", "b\n", "c\n", Options{Conflicts: WithMarkers}, Conflict,
			"<<<<<<< yours\nb\n||||||| last generated\na\n=======\nc\n>>>>>>> new\n"},
		{"switched off, not edited", "a.txt", tree.Scaffolded, "x\n", "x\n", "-", Options{}, Delete, "-"},
		{"switched off, edited", "a.txt", tree.Scaffolded, "x\n", "mine\n", "-", Options{}, Orphan, "mine\n"},
		{"switched off, deleted", "a.txt", tree.Scaffolded, "x\n", "-", "-", Options{}, DeletedByOwner, "-"},
		{"generated, update", "defaults.go", tree.Generated, "x\n", "x\n", "y\n", Options{}, Update, "y\n"},
		{"generated, edited", "defaults.go", tree.Generated, "x\n", "mine\n", "y\n", Options{}, Refuse, "mine\n"},
		{"generated, edited, nothing new", "defaults.go", tree.Generated, "x\n", "mine\n", "x\n", Options{}, Keep,
			"mine\n"},
		{"generated, edited, nothing new, forced", "defaults.go", tree.Generated, "x\n", "mine\n", "x\n",
			Options{ReplaceEdited: true}, Update, "x\n"},
		{"generated, edited, the wrong flag", "defaults.go", tree.Generated, "x\n", "mine\n", "y\n",
			Options{ReplaceExisting: true, Downgrade: true}, Refuse, "mine\n"},
		{"not ours, the wrong flag", "a.txt", tree.Scaffolded, "-", "mine\n", "new\n",
			Options{ReplaceEdited: true, Downgrade: true}, Refuse, "mine\n"},
		{"generated, formatted", "defaults.go", tree.Generated, goSource("a", "b", "1"), goSourceOtherwise,
			goSource("a", "b", "2"), Options{}, Update, goSource("a", "b", "2")},
		{"generated, imports in another order", "defaults.go", tree.Generated, goSource("a", "b", "1"),
			goSource("b", "a", "1"), goSource("a", "b", "2"), Options{}, Update, goSource("a", "b", "2")},
		{"generated, formatted, nothing new", "defaults.go", tree.Generated, goSource("a", "b", "1"), goSourceOtherwise,
			goSource("a", "b", "1"), Options{}, Keep, goSourceOtherwise},
		{"generated, another import", "defaults.go", tree.Generated, goSource("a", "b", "1"), goSource("a", "c", "1"),
			goSource("a", "b", "2"), Options{}, Refuse, goSource("a", "c", "1")},
		{"generated, another comment", "defaults.go", tree.Generated, goSource("a", "b", "1"),
			goSource("a", "b", "1 // mine"), goSource("a", "b", "2"), Options{}, Refuse,
			goSource("a", "b", "1 // mine")},
		{"generated, edited, forced", "defaults.go", tree.Generated, "x\n", "mine\n", "y\n",
			Options{ReplaceEdited: true}, Update, "y\n"},
		{"line endings are not an edit", "a.txt", tree.Scaffolded, "a\nb\nc\n", crlf, "a\nB\nc\n", Options{}, Update,
			"a\r\nB\r\nc\r\n"},
		{"line endings do not edit generated code", "defaults.go", tree.Generated, "a\nb\nc\n", crlf, "a\nB\nc\n",
			Options{}, Update, "a\r\nB\r\nc\r\n"},
		{"line endings in a merge", "a.txt", tree.Scaffolded, "a\nb\nc\n", "A\r\nb\r\nc\r\n", "a\nb\nC\n", Options{},
			Merge, "A\r\nb\r\nC\r\n"},
		{"line endings of a deleted file", "a.txt", tree.Scaffolded, "a\nb\nc\n", crlf, "-", Options{}, Delete, "-"},
		{"missing final newline", "a.txt", tree.Scaffolded, "a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", Options{}, Merge,
			"A\nb\nc"},
		{"go.mod with a requirement of the owner's", "go.mod", tree.Modules, "module m\n\ngo 1.26.0\n",
			"module m\n\ngo 1.26.0\n\nrequire example.com/own v1.0.0\n",
			"module m\n\ngo 1.26.0\n\nrequire example.com/new v1.0.0\n", Options{}, Merge,
			"module m\n\ngo 1.26.0\n\nrequire (\n\texample.com/new v1.0.0\n\texample.com/own v1.0.0\n)\n"},
		{"go.sum that the owner's requirements brought", "go.sum", tree.Modules, "-",
			"example.com/own v1.0.0/go.mod h1:x=\n", "example.com/new v1.0.0/go.mod h1:y=\n", Options{}, Merge,
			"example.com/new v1.0.0/go.mod h1:y=\nexample.com/own v1.0.0/go.mod h1:x=\n"},
		{"go.mod that does not parse", "go.mod", tree.Modules, "module m\n\ngo 1.26.0\n", "modul m\n",
			"module m\n\ngo 1.26.1\n", Options{}, Refuse, "modul m\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Decide(Versions{tt.path, tt.class, at(tt.base, 0o644), at(tt.disk, 0o644), at(tt.next, 0o644)}, tt.o)
			got := "-"
			if f.After != nil {
				got = string(f.After.Data)
			}
			if f.Action != tt.action || got != tt.want {
				t.Errorf("decide = %s %q (%s), want %s %q", f.Action, got, f.Note, tt.action, tt.want)
			}
			if f.Action == Refuse && f.Problem == nil || f.Problem != nil && f.Problem.Hint == "" {
				t.Errorf("%s with the problem %#v, want one with a hint", f.Action, f.Problem)
			}
			if changes := !f.Before.Equal(f.After); changes != strings.Contains(f.Diff(), "@@") && f.Action != Refuse {
				t.Errorf("changes %v, diff %q", changes, f.Diff())
			}
		})
	}
}

// goSource is a DO-NOT-EDIT file with two imports and a value.
func goSource(one, two, value string) string {
	return "// Code generated. DO NOT EDIT.\n\npackage config\n\nimport (\n\t\"" + one + "\"\n\t\"" + two +
		"\"\n)\n\nconst X = " + value + "\n"
}

// goSourceOtherwise is one of them in another form.
const goSourceOtherwise = "// Code generated. DO NOT EDIT.\n\npackage config\nimport \"b\"\nimport (\n\n\"a\"\n)\n" +
	"const  X  =  1\n\n\n"

// The owner's mode stays; an executable bit that the generator changes follows.
func TestDecideMode(t *testing.T) {
	text := func(s string, mode fs.FileMode) *tree.Blob { return &tree.Blob{Mode: mode, Data: []byte(s)} }
	tests := []struct {
		name             string
		base, disk, next *tree.Blob
		action           Action
		want             fs.FileMode
	}{
		{"the owner's mode stays", text("x", 0o644), text("x", 0o600), text("y", 0o644), Update, 0o600},
		{"executable for the owner stays", text("x", 0o644), text("mine", 0o755), text("x", 0o644), Keep, 0o755},
		{"becomes executable", text("x", 0o644), text("x", 0o640), text("x", 0o755), Update, 0o750},
		{"becomes executable though edited", text("x", 0o644), text("mine", 0o644), text("x", 0o755), Update, 0o755},
		{"executable no more", text("x", 0o755), text("x", 0o755), text("y", 0o644), Update, 0o644},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := Decide(Versions{"run.sh", tree.Scaffolded, tt.base, tt.disk, tt.next}, Options{})
			if f.Action != tt.action || f.After.Mode != tt.want {
				t.Errorf("decide = %s with mode %o, want %s with %o", f.Action, f.After.Mode, tt.action, tt.want)
			}
		})
	}
}
