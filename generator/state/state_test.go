package state

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/project"
	"github.com/sessionseed/sessionseed/generator/tree"
)

// awkward are texts that txtar or a merge could not give back, or that look so.
var awkward = []string{
	"", "\n", "x", "x\n", "x\ny", "x\r\ny\r\n", "x\ry\n", "\x00\n", "\xff\n", "\ufeffx\n", "\"x\"\n",
	"-- x --\n", "-- x\n", "a\n-- (end) --\nb\n",
	"<<<<<<< x\n", "|||||||\n", "=======\n", ">>>>>>> x\n", "title\n========\n", " -- x --\n", "\u2028\n", "line\v\f\n",
}

func statefulTree(texts []string) *tree.Tree {
	files := []tree.File{
		{Path: "go.mod", Mode: 0o644, Class: tree.Modules, Data: []byte("module m\n")},
		{Path: ".env", Mode: 0o600, Class: tree.Secret},
	}
	for i, text := range texts {
		files = append(
			files,
			tree.File{
				Path:  fmt.Sprintf("internal/web/f%02d.go", i),
				Mode:  0o644,
				Class: tree.Scaffolded,
				Data:  []byte(text),
			},
		)
	}
	return tree.New(files)
}

// written makes a project with the state of a tree, whose files all wait for
// markers to be settled.
func written(t testing.TB, whole, owned *tree.Tree) *project.Project {
	t.Helper()
	dir := t.TempDir()
	pending := map[string]tree.File{}
	for _, f := range whole.Files {
		pending[f.Path] = f
	}
	files, err := encodeState(project.NewOwned(owned), whole, pending, options.Defaults(), "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		put(t, dir, f.Path, string(f.Data))
	}
	p, err := project.Open(dir, owned)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// holds reports how a state differs from the tree that it was written for.
func holds(s *State, whole *tree.Tree) error {
	n := 0
	for _, f := range whole.Files {
		if f.Class == tree.Secret {
			continue
		}
		n++
		about, ok := s.File(f.Path)
		if !ok || about != (FileState{f.Path, f.Class, f.Mode}) || !bytes.Equal(s.Base[f.Path], f.Data) ||
			!bytes.Equal(s.Pending[f.Path], f.Data) {
			return fmt.Errorf("%s is %+v with %q and %q, want %+v with %q twice", f.Path, about, s.Base[f.Path],
				s.Pending[f.Path], FileState{f.Path, f.Class, f.Mode}, f.Data)
		}
	}
	if len(s.Files) != n || len(s.Base) != n {
		return fmt.Errorf("%d files and %d texts, want %d", len(s.Files), len(s.Base), n)
	}
	return nil
}

func TestStateHoldsAnyText(t *testing.T) {
	whole := statefulTree(awkward)
	p := written(t, whole, whole)
	for range 2 { // as written, and as a checkout with other ends of lines has it
		s, err := ReadState(p)
		if err != nil {
			t.Fatal(err)
		}
		if err := holds(s, whole); err != nil || s.Settled || s.Generator != "v1.0.0" ||
			s.Options["key"][0] != "koa.sess" {
			t.Errorf("%v, settled %v, %q, %q", err, s.Settled, s.Generator, s.Options["key"])
		}
		for name, text := range onDisk(t, p.Dir) {
			put(t, p.Dir, name, strings.ReplaceAll(text, "\n", "\r\n"))
		}
	}
}

// No two things that change are on neighboring lines, and no name comes or goes,
// for git takes both for conflicts; nothing else is in the files either that would
// change with a run.
func TestStateMergesByLine(t *testing.T) {
	all := statefulTree(make([]string, 20))
	some := statefulTree([]string{"a\n", "b\n"})
	o := project.NewOwned(all)
	before, err := encodeState(o, some, nil, options.Defaults(), "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	changed := options.Defaults()
	for _, d := range options.Table() {
		if d.Kind == options.Bool {
			if err := d.Set(&changed, fmt.Sprint(d.Get(&changed)[0] != "true")); err != nil {
				t.Fatal(err)
			}
		}
	}
	after, err := encodeState(o, all, nil, changed, "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	names := func(data []byte) (list []string) {
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "-- ") || strings.HasPrefix(line, `"`) {
				list = append(list, line)
			}
		}
		return list
	}
	for i := range before {
		b, a := names(before[i].Data), names(after[i].Data)
		if i == 1 { // the texts of the second tree are empty, and quoted
			a = slices.DeleteFunc(a, func(line string) bool { return line == "\"\"\n" })
		}
		if !slices.Equal(b, a) || len(b) < 20 {
			t.Errorf("%s: the lines that stay are %q and %q", before[i].Path, b, a)
		}
	}
	lines, values := strings.SplitAfter(string(after[0].Data), "\n"), 0
	for i, line := range lines {
		if strings.HasPrefix(line, "  ") {
			if values++; strings.HasPrefix(lines[i-1], "  ") || strings.HasPrefix(lines[i+1], "  ") {
				t.Errorf("%q is beside another value", line)
			}
		}
	}
	if values < 40 || !json.Valid(after[0].Data) {
		t.Errorf("%d values, want at least 40 in valid JSON: %s", values, after[0].Data)
	}
	again, err := encodeState(o, all, nil, changed, "v1.0.0")
	if err != nil {
		t.Errorf("another time: %v", err)
	} else if !slices.EqualFunc(again, after, func(a, b tree.File) bool { return bytes.Equal(a.Data, b.Data) }) {
		t.Error("another time there are other bytes")
	}
}

// A state of schema 1 comes forward, and its archives go.
func TestZippedStateComesForward(t *testing.T) {
	whole := statefulTree(awkward)
	p := written(t, whole, whole)
	sum := func(f tree.File) string { return f.Blob().Sum() }
	var m strings.Builder
	m.WriteString(`{"schema": 1, "generator": "v0.9.0", "options": {"key": ["mine.sid"]}, "files": [`)
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	for i, f := range whole.Files[1:] {
		e, err := w.Create(f.Path)
		if err == nil {
			_, err = e.Write(f.Data)
		}
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&m, `%s{"path": %q, "class": %q, "mode": "0644", "sha256": %q, "pending": %q}`,
			strings.Repeat(",", min(i, 1)), f.Path, f.Class, sum(f), sum(f))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	m.WriteString("]}")
	put(t, p.Dir, project.ManifestPath, m.String())
	put(t, p.Dir, project.ZippedBase, archive.String())
	put(t, p.Dir, project.ZippedPending, archive.String())
	s, err := ReadState(p)
	if err != nil {
		t.Fatal(err)
	}
	if err := holds(s, whole); err != nil || s.Options["key"][0] != "mine.sid" {
		t.Errorf("%v, options %v", err, s.Options)
	}
	changes, err := StateChanges(p, whole, nil, options.Defaults(), "v1.0.0")
	if err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{}
	for _, c := range changes {
		left[c.Path] = c.After != nil
	}
	want := map[string]bool{
		project.BasePath: true, project.PendingPath: false, project.ZippedBase: false, project.ZippedPending: false,
		project.ManifestPath: true,
	}
	if !maps.Equal(left, want) {
		t.Errorf("the state becomes %v, want %v", left, want)
	}
	put(t, p.Dir, project.ZippedBase, archive.String()[:archive.Len()/2])
	if _, err := ReadState(p); err == nil {
		t.Error("half an archive: no error")
	}
}

func TestNewerStateIsNoDamage(t *testing.T) {
	p := written(t, statefulTree(nil), statefulTree(nil))
	put(t, p.Dir, project.ManifestPath, `{"schema": 3, "files": 7}`)
	if _, err := ReadState(p); !errors.Is(err, ErrNewerState) {
		t.Errorf("ReadState = %v", err)
	}
	put(t, p.Dir, project.ManifestPath, "{}") // which no version wrote
	if _, err := ReadState(p); errors.Is(err, ErrNewerState) ||
		!strings.Contains(problem.List(err)[0].Hint, "--adopt") {
		t.Errorf("ReadState of {} = %v with the hint %q, want --adopt in it", err, problem.List(err)[0].Hint)
	}
}

// Whatever the files say, a state names only what the generator makes, and an error
// has a remedy.
func FuzzReadState(f *testing.F) {
	whole := statefulTree([]string{"a\n", "\r"})
	files, err := encodeState(project.NewOwned(whole), whole, map[string]tree.File{"go.mod": whole.Files[1]},
		options.Defaults(), "v1.0.0")
	if err != nil {
		f.Fatal(err)
	}
	text := map[string]string{}
	for _, file := range files {
		text[file.Path] = string(file.Data)
	}
	f.Add(text[project.ManifestPath], text[project.BasePath], text[project.PendingPath])
	f.Add("<<<<<<< a\n"+text[project.ManifestPath]+"=======\n"+text[project.ManifestPath]+">>>>>>> b\n",
		text[project.BasePath], "")
	f.Add(text[project.ManifestPath], strings.Replace(text[project.BasePath], "a\n",
		"<<<<<<< a\na\n||||||| b\n=======\nb\n>>>>>>> c\n", 1), text[project.PendingPath])
	f.Add(`{"schema": 1, "files": [{"path": "../x", "mode": "0777"}]}`, "", "")
	f.Add(`{"schema": 2, "files": {".git/config": ["scaffolded", "0755"]}}`, "-- .git/config --\nx\n-- (end) --\n", "")
	f.Fuzz(func(t *testing.T, manifest, base, pending string) {
		dir := t.TempDir()
		put(t, dir, project.ManifestPath, manifest)
		put(t, dir, project.BasePath, base)
		put(t, dir, project.PendingPath, pending)
		put(t, dir, project.ZippedBase, base)
		p, err := project.Open(dir, whole)
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		s, err := ReadState(p)
		if err != nil {
			if list := problem.List(err); !errors.Is(err, ErrNewerState) &&
				(len(list) != 1 || list[0].Hint == "" || strings.ContainsFunc(list[0].Fact, unicode.IsControl)) {
				t.Errorf("%d problems, %q, want one with a hint and without control characters", len(list), err)
			}
			return
		}
		for _, about := range s.Files {
			if !p.Owned.Generated(about.Path) || about.Mode&0o111 != 0 ||
				s.Base[about.Path] == nil && len(base) > 0 && !strings.Contains(base, `""`) {
				t.Errorf("%+v with %q", about, s.Base[about.Path])
			}
		}
		if n := len(s.Base); n != len(s.Files) || len(s.Pending) > n {
			t.Errorf("%d files, %d texts, %d of them twice", len(s.Files), n, len(s.Pending))
		}
	})
}

// A text comes back as it was, whatever it is, and its lines pass a merge.
func FuzzQuoteText(f *testing.F) {
	for _, text := range awkward {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		part, quoted := quoteText(text)
		parts, err := parseArchive(withoutCR(formatArchive(map[string][]byte{"a.go": part})))
		if err != nil {
			t.Fatal(err)
		}
		got := parts["a.go"]
		if quoted {
			if got, err = unquoteText(got); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(got, text) {
			t.Errorf("%q came back as %q", text, got)
		}
		if s, err := sides(part); err != nil || len(s) != 1 {
			t.Errorf("%q has %d sides, %v, want 1 and no marks", part, len(s), err)
		}
	})
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
