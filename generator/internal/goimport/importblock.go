package goimport

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// With returns the import block changed so that it imports exactly want. Lines
// that stay keep their text, comments and order.
func (im imports) With(want []importKey) []byte {
	lines := textmerge.Split(im.Block)
	drop := map[int]bool{}
	comments := map[string]string{} // behind the imports that go, by the name that another may take over
	var kept []importKey
	for _, k := range im.specs {
		if slices.Contains(want, k) {
			kept = append(kept, k)
			continue
		}
		drop[im.lineOf[k]] = true
		_, behind, _ := strings.Cut(lines[im.lineOf[k]].Text, strconv.Quote(k.path))
		comments[k.name] = behind
	}
	var added []importKey
	for _, k := range want {
		if _, there := im.lineOf[k]; !there {
			added = append(added, k)
		}
	}
	if len(kept)+len(added) == 0 &&
		!slices.ContainsFunc(lines, func(l textmerge.Line) bool { return strings.Contains(l.Text, "//") }) {
		return nil
	}

	insert := map[int][]string{} // lines to insert after a line
	end := slices.IndexFunc(lines, func(l textmerge.Line) bool { return strings.HasPrefix(l.Text, ")") })
	var standard, others []string // what has none of its kind to stand next to
	for _, k := range added {
		near, text := im.nearest(k, kept), k.text()
		if k.name != "" && k.name != "_" && k.name != "." {
			text += comments[k.name]
		}
		switch {
		case end >= 0 && near >= 0 && near < end:
			insert[near] = append(insert[near], text)
		case k.standard():
			standard = append(standard, text)
		default:
			others = append(others, text)
		}
	}
	if end < 0 && len(added) > 0 { // no parentheses yet
		return parenthesise(lines, drop, slices.Concat(standard, others))
	}
	if len(standard) > 0 {
		open := slices.IndexFunc(lines, func(l textmerge.Line) bool { return strings.HasPrefix(l.Text, "import (") })
		insert[open] = standard
		if len(kept) > 0 {
			insert[open] = append(standard, "")
		}
	}
	if len(others) > 0 {
		if len(kept)+len(standard) > 0 {
			insert[end-1] = append(insert[end-1], "")
		}
		insert[end-1] = append(insert[end-1], others...)
	}

	var out []textmerge.Line
	for i, l := range lines {
		if !drop[i] {
			out = append(out, l)
		}
		for _, text := range insert[i] {
			out = append(out, textmerge.Line{Text: text, Eol: textmerge.Lf})
		}
	}
	return textmerge.Join(out)
}

// parenthesise makes one block of single import lines and what is added.
func parenthesise(lines []textmerge.Line, drop map[int]bool, added []string) []byte {
	var out []textmerge.Line
	for i, l := range lines {
		if text, ok := strings.CutPrefix(l.Text, "import "); ok && !drop[i] {
			out = append(out, textmerge.Line{Text: "\t" + text, Eol: textmerge.Lf})
		}
	}
	for _, text := range added {
		out = append(out, textmerge.Line{Text: text, Eol: textmerge.Lf})
	}
	if len(out) == 1 {
		return []byte("import " + strings.TrimSpace(out[0].Text) + textmerge.Lf)
	}
	out = append([]textmerge.Line{{Text: "import (", Eol: textmerge.Lf}}, out...)
	return textmerge.Join(append(out, textmerge.Line{Text: ")", Eol: textmerge.Lf}))
}

// nearest returns the line of the import that k should stand next to: the one
// of its kind with the longest common path, -1 if its kind is not there.
func (im imports) nearest(k importKey, kept []importKey) int {
	best, common := -1, -1
	for _, other := range kept {
		if other.standard() != k.standard() {
			continue
		}
		n := 0
		for n < len(k.path) && n < len(other.path) && k.path[n] == other.path[n] {
			n++
		}
		if n >= common {
			best, common = im.lineOf[other], n
		}
	}
	return best
}

// standard reports whether the path looks like the standard library's: no dot
// in its first element.
func (k importKey) standard() bool {
	first, _, _ := strings.Cut(k.path, "/")
	return !strings.Contains(first, ".")
}

func (k importKey) text() string {
	text := "\t" + strconv.Quote(k.path)
	if k.name != "" {
		text = "\t" + k.name + " " + strconv.Quote(k.path)
	}
	return text
}
