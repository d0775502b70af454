package generator

import (
	"io/fs"
	"strings"
	"testing"
)

// The table of DESIGN section 9, one case a line. "-" is absence.
func TestDecide(t *testing.T) {
	at := func(text string, mode fs.FileMode) *diskFile {
		if text == "-" {
			return nil
		}
		return &diskFile{mode, []byte(text)}
	}
	const crlf = "a\r\nb\r\nc\r\n"
	tests := []struct {
		name, path       string
		class            Class
		base, disk, next string
		o                UpdateOptions
		action           Action
		want             string
	}{
		{"new file", "a.txt", Scaffolded, "-", "-", "new\n", UpdateOptions{}, Add, "new\n"},
		{"same already", "a.txt", Scaffolded, "-", "new\n", "new\n", UpdateOptions{}, Unchanged, "new\n"},
		{"not ours", "a.txt", Scaffolded, "-", "mine\n", "new\n", UpdateOptions{}, Refuse, "mine\n"},
		{"not ours, forced", "a.txt", Scaffolded, "-", "mine\n", "new\n", UpdateOptions{Force: true}, Update, "new\n"},
		{"nothing to do", "a.txt", Scaffolded, "x\n", "x\n", "x\n", UpdateOptions{}, Unchanged, "x\n"},
		{"update", "a.txt", Scaffolded, "x\n", "x\n", "y\n", UpdateOptions{}, Update, "y\n"},
		{"keep", "a.txt", Scaffolded, "x\n", "mine\n", "x\n", UpdateOptions{}, Keep, "mine\n"},
		{"the owner made the same change", "a.txt", Scaffolded, "x\n", "y\n", "y\n", UpdateOptions{}, Unchanged, "y\n"},
		{"deleted by the owner", "a.txt", Scaffolded, "x\n", "-", "y\n", UpdateOptions{}, Gone, "-"},
		{"deleted by the owner, restored", "a.txt", Scaffolded, "x\n", "-", "y\n", UpdateOptions{Restore: true}, Add, "y\n"},
		{"both changed apart", "a.txt", Scaffolded, "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", UpdateOptions{}, Merge, "A\nb\nC\n"},
		{"both changed the same line", "a.txt", Scaffolded, "a\n", "b\n", "c\n", UpdateOptions{}, InFault, "b\n"},
		{"conflict, ours", "a.txt", Scaffolded, "a\n", "b\n", "c\n", UpdateOptions{Conflicts: TakeOurs}, Keep, "b\n"},
		{"conflict, theirs", "a.txt", Scaffolded, "a\n", "b\n", "c\n", UpdateOptions{Conflicts: TakeTheirs}, Merge, "c\n"},
		{"conflict, markers", "a.txt", Scaffolded, "a\n", "b\n", "c\n", UpdateOptions{Conflicts: WithMarkers}, InFault,
			"<<<<<<< yours\nb\n||||||| last generated\na\n=======\nc\n>>>>>>> new\n"},
		{"switched off, not edited", "a.txt", Scaffolded, "x\n", "x\n", "-", UpdateOptions{}, Delete, "-"},
		{"switched off, edited", "a.txt", Scaffolded, "x\n", "mine\n", "-", UpdateOptions{}, Orphan, "mine\n"},
		{"switched off, deleted", "a.txt", Scaffolded, "x\n", "-", "-", UpdateOptions{}, Gone, "-"},
		{"generated, update", "defaults.go", Generated, "x\n", "x\n", "y\n", UpdateOptions{}, Update, "y\n"},
		{"generated, edited", "defaults.go", Generated, "x\n", "mine\n", "y\n", UpdateOptions{}, Refuse, "mine\n"},
		{"generated, edited, nothing new", "defaults.go", Generated, "x\n", "mine\n", "x\n", UpdateOptions{}, Refuse, "mine\n"},
		{"generated, edited, forced", "defaults.go", Generated, "x\n", "mine\n", "y\n", UpdateOptions{Force: true}, Update, "y\n"},
		{"line endings are no edit", "a.txt", Scaffolded, "a\nb\nc\n", crlf, "a\nB\nc\n", UpdateOptions{}, Update, "a\r\nB\r\nc\r\n"},
		{"line endings are no edit of a generated file", "defaults.go", Generated, "a\nb\nc\n", crlf, "a\nB\nc\n", UpdateOptions{}, Update, "a\r\nB\r\nc\r\n"},
		{"line endings in a merge", "a.txt", Scaffolded, "a\nb\nc\n", "A\r\nb\r\nc\r\n", "a\nb\nC\n", UpdateOptions{}, Merge, "A\r\nb\r\nC\r\n"},
		{"line endings of a deleted file", "a.txt", Scaffolded, "a\nb\nc\n", crlf, "-", UpdateOptions{}, Delete, "-"},
		{"missing final newline", "a.txt", Scaffolded, "a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", UpdateOptions{}, Merge, "A\nb\nc"},
		{"go.mod with a requirement of the owner's", "go.mod", Modules, "module m\n\ngo 1.26.0\n",
			"module m\n\ngo 1.26.0\n\nrequire example.com/own v1.0.0\n", "module m\n\ngo 1.26.0\n\nrequire example.com/new v1.0.0\n", UpdateOptions{}, Merge,
			"module m\n\ngo 1.26.0\n\nrequire (\n\texample.com/new v1.0.0\n\texample.com/own v1.0.0\n)\n"},
		{"go.sum that the owner's requirements brought", "go.sum", Modules, "-", "example.com/own v1.0.0/go.mod h1:x=\n", "example.com/new v1.0.0/go.mod h1:y=\n", UpdateOptions{}, Merge,
			"example.com/new v1.0.0/go.mod h1:y=\nexample.com/own v1.0.0/go.mod h1:x=\n"},
		{"go.mod that does not parse", "go.mod", Modules, "module m\n\ngo 1.26.0\n", "modul m\n", "module m\n\ngo 1.26.1\n", UpdateOptions{}, Refuse, "modul m\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := decide(versions{tt.path, tt.class, at(tt.base, 0o644), at(tt.disk, 0o644), at(tt.next, 0o644)}, tt.o)
			got := "-"
			if f.after != nil {
				got = string(f.after.data)
			}
			if f.Action != tt.action || got != tt.want {
				t.Errorf("decide = %s %q (%s), want %s %q", f.Action, got, f.Note, tt.action, tt.want)
			}
			if (f.Action == Refuse) != (f.problem != nil) || f.problem != nil && f.problem.Hint == "" {
				t.Errorf("problem = %v", f.problem)
			}
			if changes := !f.before.equal(f.after); changes != strings.Contains(f.Diff(), "@@") && f.Action != Refuse {
				t.Errorf("changes %v, diff %q", changes, f.Diff())
			}
		})
	}
}

// The owner's mode stays; an executable bit that the generator changes follows.
func TestDecideMode(t *testing.T) {
	text := func(s string, mode fs.FileMode) *diskFile { return &diskFile{mode, []byte(s)} }
	tests := []struct {
		name             string
		base, disk, next *diskFile
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
			f := decide(versions{"run.sh", Scaffolded, tt.base, tt.disk, tt.next}, UpdateOptions{})
			if f.Action != tt.action || f.after.mode != tt.want {
				t.Errorf("decide = %s with mode %o, want %s with %o", f.Action, f.after.mode, tt.action, tt.want)
			}
		})
	}
}
