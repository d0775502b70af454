package merge

import (
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// mergeDecls merges the declarations of Go files behind their import blocks,
// which begin at the offsets given: by lines if that is clean and still Go, else
// by structure.
func mergeDecls(base, ours, theirs []byte, from [3]int, o Options) Result {
	byLines := Merge(base[from[0]:], ours[from[1]:], theirs[from[2]:], o)
	if len(byLines.Conflicts) == 0 && goParses("file", byLines.Data) {
		return byLines
	}
	var trees [3]*node
	for i, src := range [][]byte{base, ours, theirs} {
		var err error
		if trees[i], err = parseGo(src, from[i]); err != nil {
			return byLines
		}
	}
	m := structural{o: o, parses: goParses, words: goTokens}
	text, ok := m.list(trees[0].list, trees[1].list, trees[2].list)
	if !ok || len(m.conflicts) == 0 && !goParses("file", text) {
		return byLines
	}
	before := strings.Count(string(ours[:from[1]]), lf)
	for i := range m.conflicts {
		m.conflicts[i].Line -= before
	}
	return Result{text, m.conflicts}
}

// goParses reports whether text is an element of a kind.
func goParses(kind string, text []byte) bool {
	kind, what, _ := strings.Cut(kind, " ")
	before, behind := "", ""
	switch {
	case kind == "file", kind == "decl":
	case kind == "stmt" && what == "CaseClause":
		before, behind = "func _() { switch {\n", "}}"
	case kind == "stmt" && what == "CommClause":
		before, behind = "func _() { select {\n", "}}"
	case kind == "stmt", kind == "block":
		before, behind = "func _() {\n", "\n}"
	default:
		return true
	}
	src := slices.Concat([]byte("package p;"+before), text, []byte(behind))
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil
}
