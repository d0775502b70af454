package merge

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

func TestMerge(t *testing.T) {
	tests := []struct{ name, base, ours, theirs, want string }{
		{"nothing changed", "a\nb\n", "a\nb\n", "a\nb\n", "a\nb\n"},
		{"only ours", "a\nb\n", "a\nx\nb\n", "a\nb\n", "a\nx\nb\n"},
		{"only theirs", "a\nb\n", "a\nb\n", "a\n", "a\n"},
		{"both apart", "a\nb\nc\nd\n", "x\na\nb\nc\nd\n", "a\nb\nc\nd\ny\n", "x\na\nb\nc\nd\ny\n"},
		{"both equal", "a\nb\n", "a\nx\n", "a\nx\n", "a\nx\n"},
		{"both delete the same", "a\nb\nc\n", "a\nc\n", "a\nc\n", "a\nc\n"},
		{"empty base, equal sides", "", "a\n", "a\n", "a\n"},
		{"crlf of ours stays", "a\nb\nc\nd\n", "a\r\nx\r\nb\r\nc\r\nd\r\n", "a\nb\nc\nd\ny\n",
			"a\r\nx\r\nb\r\nc\r\nd\r\ny\r\n"},
		{"crlf alone is not an edit", "a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\nB\nc\n", "a\r\nB\r\nc\r\n"},
		{"missing final newline of ours stays", "a\nb\nc\n", "a\nb\nc", "x\nb\nc\n", "x\nb\nc"},
		{"line behind a line without newline", "a\nb", "a\nb", "a\nb\nc\n", "a\nb\nc\n"},
		{"ours without newline, theirs adds a line", "a\nb\nc\n", "A\nb\nc", "a\nb\nc\nd\n", "A\nb\nc\nd"},
		{"theirs adds the newline", "a\nb\nc", "A\nb\nc", "a\nb\nc\n", "A\nb\nc\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := textmerge.Merge([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs), textmerge.Options{})
			if string(got.Data) != tt.want || len(got.Conflicts) > 0 {
				t.Errorf("Merge(%q, %q, %q) = %q, %d conflicts, want %q", tt.base, tt.ours, tt.theirs, got.Data,
					len(got.Conflicts), tt.want)
			}
		})
	}
}

func TestMergeConflicts(t *testing.T) {
	const base, ours, theirs = "a\nb\nc\n", "a\nours\nc\n", "a\ntheirs\nc\n"
	marked := "a\n<<<<<<< yours\nours\n||||||| last generated\nb\n=======\ntheirs\n>>>>>>> new\nc\n"
	tests := []struct {
		name, base, ours, theirs string
		o                        textmerge.Options
		want                     string
	}{
		{"markers", base, ours, theirs, textmerge.Options{}, marked},
		{"ours", base, ours, theirs, textmerge.Options{Resolve: textmerge.Ours}, ours},
		{"theirs", base, ours, theirs, textmerge.Options{Resolve: textmerge.Theirs}, theirs},
		{"labels", base, ours, theirs, textmerge.Options{LabelOurs: "A", LabelBase: "B", LabelTheirs: "C"},
			"a\n<<<<<<< A\nours\n||||||| B\nb\n=======\ntheirs\n>>>>>>> C\nc\n"},
		{"touching changes", "a\nb\n", "a\nB\n", "A\nb\n", textmerge.Options{},
			"<<<<<<< yours\na\nB\n||||||| last generated\na\nb\n=======\nA\nb\n>>>>>>> new\n"},
		{"edit against delete", "a\nb\nc\n", "a\nb!\nc\n", "a\nc\n", textmerge.Options{},
			"a\n<<<<<<< yours\nb!\n||||||| last generated\nb\n=======\n>>>>>>> new\nc\n"},
		{"no final newline", "a", "b", "c", textmerge.Options{},
			"<<<<<<< yours\nb\n||||||| last generated\na\n=======\nc\n>>>>>>> new\n"},
		{"crlf", "a\nb\nc\n", "a\r\nours\r\nc\r\n", theirs, textmerge.Options{},
			strings.ReplaceAll(marked, "\n", "\r\n")},
		{"crlf theirs", "a\nb\nc\n", "a\r\nours\r\nc\r\n", theirs, textmerge.Options{Resolve: textmerge.Theirs},
			"a\r\ntheirs\r\nc\r\n"},
		{"both insert at the end", "", "a\n", "b\n", textmerge.Options{Resolve: textmerge.Ours}, "a\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := textmerge.Merge([]byte(tt.base), []byte(tt.ours), []byte(tt.theirs), tt.o)
			if string(got.Data) != tt.want || len(got.Conflicts) != 1 {
				t.Errorf("Merge(%q, %q, %q) = %q, %d conflicts, want %q and 1", tt.base, tt.ours, tt.theirs, got.Data,
					len(got.Conflicts), tt.want)
			}
			if marks := tt.o.Resolve == textmerge.Markers; textmerge.HasMarkers(got.Data) != marks {
				t.Errorf("HasMarkers(%q) = %v, want %v", got.Data, !marks, marks)
			}
		})
	}
	c := textmerge.Merge([]byte(base), []byte(ours), []byte(theirs), textmerge.Options{}).Conflicts[0]
	if c.Line != 2 || string(c.Ours) != "ours\n" || string(c.Base) != "b\n" || string(c.Theirs) != "theirs\n" {
		t.Errorf("conflict = %d %q %q %q", c.Line, c.Ours, c.Base, c.Theirs)
	}
}

func TestHasMarkersOnOrdinaryText(t *testing.T) {
	for _, text := range []string{"", "=======\n", "Title\n=======\n", ">>>>>>> quoted mail\n", "<<<<<<<\n",
		"x <<<<<<< y\n>>>>>>> z\n"} {
		if textmerge.HasMarkers([]byte(text)) {
			t.Errorf("HasMarkers(%q) = true", text)
		}
	}
}

// The laws that any merge must keep, on random cases of the kind that go through git, too.
func TestLaws(t *testing.T) {
	r := rand.New(rand.NewPCG(20, 26))
	n := edits(t, 5000)
	for i := range n {
		c := RandomTriple(r)
		checkLaws(t, c)
		if t.Failed() {
			t.Fatalf("case %d: base %q ours %q theirs %q", i, c.base, c.Ours, c.Theirs)
		}
	}
	t.Logf("%d cases", n)
}

func checkLaws(t *testing.T, c triple) {
	t.Helper()
	clean := func(name string, base, ours, theirs, want []byte) {
		t.Helper()
		got := textmerge.Merge(base, ours, theirs, textmerge.Options{})
		if len(got.Conflicts) > 0 || !bytes.Equal(got.Data, want) {
			t.Errorf("%s: %q with %d conflicts, want %q", name, got.Data, len(got.Conflicts), want)
		}
	}
	clean("only ours changed", c.base, c.Ours, c.base, c.Ours)
	clean("only theirs changed", c.base, c.base, c.Theirs, c.Theirs)
	clean("both the same", c.base, c.Ours, c.Ours, c.Ours)

	there, back := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{}), textmerge.Merge(c.base, c.Theirs,
		c.Ours, textmerge.Options{})
	if len(there.Conflicts) != len(back.Conflicts) {
		t.Errorf("symmetry: %d conflicts one way, %d the other", len(there.Conflicts), len(back.Conflicts))
	}
	if len(there.Conflicts) == 0 {
		if !bytes.Equal(there.Data, back.Data) {
			t.Errorf("symmetry: %q one way, %q the other", there.Data, back.Data)
		}
		// Once merged, merging again changes nothing.
		clean("idempotent", c.Theirs, there.Data, c.Theirs, there.Data)
	}
	for _, side := range []struct {
		resolve textmerge.Side
		edited  []byte
	}{{textmerge.Ours, c.Ours}, {textmerge.Theirs, c.Theirs}, {textmerge.Markers, c.Ours},
		{textmerge.Markers, c.Theirs}} {
		got := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{Resolve: side.resolve})
		nothingLost(t, c, side.edited, got.Data)
	}
	got := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{})
	sources := bytes.Join([][]byte{c.base, c.Ours, c.Theirs}, nil)
	for l := range bytes.Lines(got.Data) {
		if !bytes.Contains(sources, l) && len(got.Conflicts) == 0 {
			t.Errorf("invented %q", l)
		}
	}
}

// nothingLost checks that lines only this side wrote are in the result, as
// often as it wrote them.
func nothingLost(t *testing.T, c triple, edited, result []byte) {
	t.Helper()
	for l := range bytes.Lines(edited) {
		if bytes.HasPrefix(l, []byte("new ")) && !bytes.Contains(c.base, l) &&
			bytes.Count(result, l) < bytes.Count(edited, l) {
			t.Errorf("lost %q: %q", l, result)
		}
	}
}

// Whatever line endings the owner's file has, they stay, and the merge is otherwise the
// same.
func TestEndings(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for range 2000 {
		c := RandomTriple(r)
		plain := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{})
		if len(c.base) == 0 || len(c.Ours) == 0 || c.Ours[0] == '\n' && len(c.Ours) == 1 ||
			bytes.HasSuffix(c.Ours, []byte("\n\n")) {
			continue
		}
		windows := textmerge.Merge(c.base, textmerge.WithEnding(c.Ours, textmerge.Crlf), c.Theirs, textmerge.Options{})
		if got := textmerge.ToLF(windows.Data); len(plain.Conflicts) != len(windows.Conflicts) ||
			!bytes.Equal(got, plain.Data) {
			t.Fatalf("crlf changed the merge of %q %q %q: %d conflicts and %q, want %d and %q", c.base, c.Ours,
				c.Theirs, len(windows.Conflicts), got, len(plain.Conflicts), plain.Data)
		}
		if bytes.Count(windows.Data, []byte("\n")) != bytes.Count(windows.Data, []byte("\r\n")) &&
			!bytes.Equal(c.base, c.Ours) && !bytes.Equal(textmerge.ToLF(c.Ours), c.base) {
			t.Fatalf("endings mixed: %q", windows.Data)
		}
		open := textmerge.Merge(c.base, bytes.TrimSuffix(c.Ours, []byte("\n")), c.Theirs, textmerge.Options{})
		want := bytes.TrimSuffix(plain.Data, []byte("\n"))
		if len(plain.Conflicts) == 0 && len(plain.Data) > 1 && !bytes.Equal(open.Data, want) {
			t.Fatalf("a missing final newline changed the merge of %q %q %q: %q, want %q", c.base, c.Ours, c.Theirs,
				open.Data, want)
		}
	}
}

func FuzzMerge(f *testing.F) {
	f.Add("a\nb\n", "a\r\nb\r\n", "b\n")
	f.Add("a", "a\n", "b\na")
	f.Add("", "x\ny", "x\ny\n")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		b, o, th := []byte(base), []byte(ours), []byte(theirs)
		if !bytes.Equal(textmerge.Join(textmerge.Split(o)), o) {
			t.Errorf("split and join changed %q", ours)
		}
		for _, opt := range []textmerge.Options{{}, {IgnoreBlanks: true}} {
			there, back := textmerge.Merge(b, o, th, opt), textmerge.Merge(b, th, o, opt)
			if len(there.Conflicts) != len(back.Conflicts) {
				t.Errorf("Merge(%q, %q, %q): %d conflicts one way, %d the other", base, ours, theirs,
					len(there.Conflicts), len(back.Conflicts))
			}
			if r := textmerge.Merge(b, o, b, opt); string(r.Data) != ours {
				t.Errorf("Merge(%q, %q, base) = %q", base, ours, r.Data)
			}
			for name := range map[string]bool{"a.go": true, "a.txt": true, "go.sum": true, "go.mod": true} {
				_, _ = File(name, b, o, th, opt)
			}
		}
	})
}
