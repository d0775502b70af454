package merge

import (
	"bytes"
	"fmt"
	"go/format"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// element is a piece of a random file: its own text with %s where the inner
// elements stand, a mark that nothing else has, and the inner elements.
type element struct {
	mark  string
	text  string
	inner []*element
}

func (e *element) write(b *strings.Builder) {
	var inner strings.Builder
	for _, i := range e.inner {
		i.write(&inner)
	}
	b.WriteString(strings.Replace(e.text, "%s", inner.String(), 1))
}

func (e *element) clone() *element {
	c := *e
	c.inner = nil
	for _, i := range e.inner {
		c.inner = append(c.inner, i.clone())
	}
	return &c
}

// marks lists the marks of an element and all within.
func (e *element) marks() []string {
	out := []string{e.mark}
	for _, i := range e.inner {
		out = append(out, i.marks()...)
	}
	return out
}

// random makes random files of one kind.
type random struct {
	*rand.Rand
	kind string
	n    int
}

func (r *random) mark() string {
	r.n++
	return fmt.Sprintf("m%dm", r.n)
}

func (r *random) many(n int, level string) []*element {
	var out []*element
	for range r.IntN(n) {
		out = append(out, r.element(level))
	}
	return out
}

// element makes an element of a level: "file", "body", "fields" and so on.
func (r *random) element(level string) *element {
	m := r.mark()
	leaf := func(text string) *element { return &element{mark: m, text: strings.ReplaceAll(text, "$", m)} }
	with := func(text, level string) *element {
		e := leaf(text)
		e.inner = r.many(5, level)
		return e
	}
	switch level {
	case "file":
		switch r.IntN(5) {
		case 0:
			return with("\n// $ is a type.\ntype T$ struct {\n%s}\n", "fields")
		case 1:
			return with("\nvar v$ = map[string]int{\n%s}\n", "entries")
		case 2:
			return with("\nconst (\n%s)\n", "consts")
		}
		return with("\nfunc f$(a int) {\n%s}\n", "body")
	case "fields":
		return leaf("\tF$ int // $\n")
	case "entries":
		return leaf("\t\"$\": 0x0,\n")
	case "consts":
		return leaf("\tc$ = 0x0\n")
	case "args":
		return leaf("a$(), ")
	case "cases":
		return with("\tcase $:\n%s", "body")
	case "body":
		switch r.IntN(7) {
		case 0:
			return with("\tif b$ {\n%s\t}\n", "body")
		case 1:
			return with("\tswitch s$ {\n%s\t}\n", "cases")
		case 2:
			return with("\tcall$(%s)\n", "args")
		case 3:
			return leaf("\t// $\n\tx++\n")
		case 4:
			return leaf("\treturn g$\n")
		}
		return leaf("\tx = y$(0x0)\n")
	case "yaml":
		if r.IntN(2) == 0 {
			return with("$:\n  own: 0x0\n%s", "nested")
		}
		return leaf("# $\n$: 0x0\n")
	case "nested":
		return leaf("  $: 0x0\n")
	case "markdown":
		return with("\n## $\n%s", "prose")
	case "prose":
		return leaf("\nText $ of 0x0.\n")
	case "lines":
		return leaf("$=0x0\n")
	}
	panic(level)
}

// levelOf is the level of the elements within one.
func levelOf(e *element, top string) string {
	for prefix, level := range map[string]string{
		"\n// ": "fields", "\nvar": "entries", "\nconst": "consts", "\nfunc": "body", "\tif": "body",
		"\tswitch": "cases",
		"\tcall":   "args", "\tcase": "body", "\n## ": "prose",
	} {
		if strings.HasPrefix(e.text, prefix) {
			return level
		}
	}
	if strings.Contains(e.text, "  own") {
		return "nested"
	}
	return top
}

// edited returns a copy of a file with some elements added, deleted or changed,
// and the marks that the edits brought and took.
func (r *random) edited(file *element) (out *element, added, deleted []string) {
	out = file.clone()
	for range 1 + r.IntN(4) {
		in := out
		for len(in.inner) > 0 && r.IntN(3) > 0 {
			if next := in.inner[r.IntN(len(in.inner))]; strings.Contains(next.text, "%s") {
				in = next
				continue
			}
			break
		}
		at := r.IntN(len(in.inner) + 1)
		switch {
		case r.IntN(2) == 0 || len(in.inner) == 0:
			if !strings.Contains(in.text, "%s") {
				continue
			}
			e := r.element(levelOf(in, r.kind))
			in.inner = slices.Insert(in.inner, at, e)
			added = append(added, e.marks()...)
		case r.IntN(2) == 0:
			at = min(at, len(in.inner)-1)
			deleted = append(deleted, in.inner[at].marks()...)
			in.inner = slices.Delete(in.inner, at, at+1)
		default: // change it: what it was is gone
			e := in.inner[min(at, len(in.inner)-1)]
			m := r.mark()
			if changed := strings.Replace(e.text, "0x0", m, 1); changed != e.text {
				e.text = changed
				added = append(added, m)
			}
		}
	}
	// What one edit brought and a later one took was not added.
	text := r.bytes(out)
	added = slices.DeleteFunc(added, func(m string) bool { return !bytes.Contains(text, []byte(m)) })
	return out, added, deleted
}

// bytes is the text of a file.
func (r *random) bytes(file *element) []byte {
	var b strings.Builder
	file.write(&b)
	if r.kind != "file" {
		return []byte(b.String())
	}
	out, err := format.Source([]byte(b.String()))
	if err != nil {
		panic(fmt.Sprintf("%v in\n%s", err, b.String()))
	}
	return out
}

var kinds = []struct{ kind, name, head string }{
	{
		"file",
		"a.go",
		"package a\n\nimport \"fmt\"\n%s",
	}, {"yaml", "a.yaml", "%s"}, {"markdown", "a.md", "# A\n%s"}, {"lines", ".env", "%s"},
}

// checkStructure checks the laws of the merge on n random cases.
func checkStructure(t *testing.T, seed uint64, n int) {
	r := &random{Rand: rand.New(rand.NewPCG(seed, 3))}
	clean, structural := 0, 0
	for i := range n {
		k := kinds[0]
		if i%4 == 3 {
			k = kinds[1+i/4%3]
		}
		r.kind = k.kind
		file := &element{mark: "package", text: k.head, inner: r.many(6, k.kind)}
		ours, addedO, deletedO := r.edited(file)
		theirs, addedT, deletedT := r.edited(file)
		c := triple{r.bytes(file), r.bytes(ours), r.bytes(theirs)}
		got := checkFile(t, k.name, c)
		if len(got.Conflicts) == 0 {
			clean++
			for _, m := range slices.Concat(addedO, addedT) {
				if !bytes.Contains(got.Data, []byte(m)) && !slices.Contains(deletedO, m) &&
					!slices.Contains(deletedT, m) {
					t.Errorf("%s is lost", m)
				}
			}
			for _, m := range slices.Concat(deletedO, deletedT) { // by lines it is as in git
				if got.Structural && bytes.Contains(got.Data, []byte(m)) && bytes.Contains(c.base, []byte(m)) {
					t.Errorf("%s is back", m)
				}
			}
		}
		if got.Structural {
			structural++
		}
		if t.Failed() {
			t.Fatalf("case %d of seed %d: %d conflicts, Structural %v\nbase\n%s\nours\n%s\ntheirs\n%s\ngot\n%s", i,
				seed, len(got.Conflicts), got.Structural, c.base, c.Ours, c.Theirs, got.Data)
		}
	}
	t.Logf("%d merges, %d clean, %d by structure", n, clean, structural)
	if clean*4 < n || structural*20 < n {
		t.Errorf("%d merges: only %d clean and %d by structure", n, clean, structural)
	}
}

// checkFile checks the laws of File on one case.
func checkFile(t *testing.T, name string, c triple) textmerge.Result {
	t.Helper()
	file := func(base, ours, theirs []byte) textmerge.Result {
		r, err := File(name, base, ours, theirs, textmerge.Options{})
		if err != nil {
			t.Errorf("File: %v", err)
		}
		return r
	}
	for law, r := range map[string]textmerge.Result{"only ours": file(c.base, c.Ours, c.base),
		"both the same": file(c.base, c.Ours, c.Ours)} {
		if len(r.Conflicts) > 0 || !bytes.Equal(r.Data, c.Ours) {
			t.Errorf("%s: %d conflicts\n%s", law, len(r.Conflicts), r.Data)
		}
	}
	if r := file(c.base, c.base, c.Theirs); len(r.Conflicts) > 0 || !bytes.Equal(r.Data, c.Theirs) {
		t.Errorf("only theirs: %d conflicts\n%s", len(r.Conflicts), r.Data)
	}
	got, back := file(c.base, c.Ours, c.Theirs), file(c.base, c.Theirs, c.Ours)
	if len(got.Conflicts) != len(back.Conflicts) {
		t.Errorf("%d conflicts one way, %d the other:\n%s", len(got.Conflicts), len(back.Conflicts), back.Data)
	}
	if len(got.Conflicts) > 0 {
		return got
	}
	words := func(text []byte) []string {
		w := strings.Fields(string(text))
		if strings.HasSuffix(name, ".go") {
			w, _ = goTokens(text)
		}
		slices.Sort(w)
		return w
	}
	if !slices.Equal(words(got.Data), words(back.Data)) {
		t.Errorf("not symmetric, the other way:\n%s", back.Data)
	}
	known := map[string]bool{}
	for _, w := range slices.Concat(words(c.Ours), words(c.Theirs), []string{","}) {
		known[w] = true
	}
	for _, w := range words(got.Data) {
		if !known[w] {
			t.Errorf("invented %q", w)
		}
	}
	if formatted, err := format.Source(got.Data); strings.HasSuffix(name, ".go") &&
		(err != nil || !bytes.Equal(formatted, got.Data)) {
		t.Errorf("gofmt: %v, and it makes\n%s", err, formatted)
	}
	lines := textmerge.Merge(c.base, c.Ours, c.Theirs, textmerge.Options{})
	if len(lines.Conflicts) == 0 && !got.Structural && !slices.Equal(words(lines.Data), words(got.Data)) {
		t.Errorf("by lines it is\n%s", lines.Data)
	}
	return got
}

func TestStructureLaws(t *testing.T) { checkStructure(t, seed(time.Now()), edits(t, 800)) }

// FuzzFile feeds the merge with what may be no Go, no YAML and no Markdown.
func FuzzFile(f *testing.F) {
	f.Add(structureBase, strings.Replace(structureBase, "A int", "A int64", 1),
		strings.Replace(structureBase, "B string", "C string", 1))
	f.Add("a: 1\nb:\n  - c\n", "a: 2\nb:\n  - c\n  - d\n", "a: 1\nb:\n  - e\n")
	f.Add("# A\n\nx\n", "# A\n\ny\n\n## B\n", "# A\n```\nz\n```\n")
	f.Fuzz(func(t *testing.T, base, ours, theirs string) {
		for _, name := range []string{"a.go", "a.yaml", "a.md", ".env", ".gitignore"} {
			b, o, th := []byte(base), []byte(ours), []byte(theirs)
			if r, _ := File(name, b, o, b, textmerge.Options{}); string(r.Data) != ours {
				t.Errorf("%s: only ours changed: %q", name, r.Data)
			}
			there, errThere := File(name, b, o, th, textmerge.Options{})
			back, errBack := File(name, b, th, o, textmerge.Options{})
			if len(there.Conflicts) != len(back.Conflicts) || (errThere == nil) != (errBack == nil) {
				t.Errorf("%s: %d conflicts one way (%v), %d the other (%v)", name, len(there.Conflicts), errThere,
					len(back.Conflicts), errBack)
			}
			if _, err := format.Source(o); err == nil && name == "a.go" && len(there.Conflicts) == 0 &&
				errThere == nil &&
				there.Structural &&
				!parses(there.Data) {
				t.Errorf("does not parse: %q", there.Data)
			}
		}
	})
}
