package merge

import (
	"bytes"
	"fmt"
	"go/format"
	"go/parser"
	"go/token"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/goimport"
	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

var goSource = treemerge.Language{Parse: parseGo, Valid: goParses, Words: goTokens}

// mergeGo merges Go source: the import block as a set, the text before it by
// lines, that after it by lines or by structure. The result is formatted if ours was; the owner's own style
// is kept otherwise.
func mergeGo(base, ours, theirs []byte, o textmerge.Options) (textmerge.Result, error) {
	o.IgnoreBlanks = true
	r, ok := mergeAroundImports(base, ours, theirs, o)
	if !ok {
		r = goSource.MergeStructure(base, ours, theirs, [3]int{}, o)
	}
	var err error
	formatted, ferr := format.Source(ours)
	if len(r.Conflicts) == 0 && ferr == nil && bytes.Equal(formatted, ours) {
		var data []byte
		if data, err = format.Source(r.Data); err == nil {
			r.Data = data
		} else {
			err = fmt.Errorf("cannot be merged: the changes of both sides fit together line by line, but not as Go: %w",
				err)
		}
	}
	return r, err
}

// mergeAroundImports is not ok if one of the three has no import block that can
// be taken apart.
func mergeAroundImports(base, ours, theirs []byte, o textmerge.Options) (textmerge.Result, bool) {
	b, okB := goimport.ParseImports(base)
	u, okU := goimport.ParseImports(ours)
	t, okT := goimport.ParseImports(theirs)
	if !okB || !okU || !okT {
		return textmerge.Result{}, false
	}
	u = u.Following(b, t)
	u, t = u.RenamedBy(goimport.Renames(b, t), b), t.RenamedBy(goimport.Renames(b, u), b)
	head := textmerge.Merge(b.Head, u.Head, t.Head, o)
	// Each declaration comes with the line before it, the first one too.
	from := [3]int{len(base) - len(b.Tail) - 1, len(ours) - len(u.Tail) - 1, len(theirs) - len(t.Tail) - 1}
	tail := goSource.MergeStructure(base, ours, theirs, from, o)
	for i := range tail.Conflicts {
		tail.Conflicts[i].Line += u.TailLine - 2
	}
	r := textmerge.Result{Conflicts: append(head.Conflicts, tail.Conflicts...), Structural: tail.Structural}

	tail.Data = bytes.TrimLeft(tail.Data, "\n")
	want := goimport.Wanted(b, u, t)
	if len(r.Conflicts) == 0 {
		want = goimport.SettleByUse(want, head.Data, tail.Data, b, u, t)
	}
	source := u
	if bytes.Equal(u.Block, b.Block) {
		source = t
	}
	r.Data = goimport.Assemble(head.Data, source.With(want), tail.Data)
	return r, true
}

// goParses reports whether text is an element of a kind.
func goParses(kind string, text []byte) bool {
	kind, what, _ := strings.Cut(kind, " ")
	before, behind := "", ""
	switch {
	case kind == "file" && parses(text), kind == "":
		return true
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
	return parses(slices.Concat([]byte("package p;"+before), text, []byte(behind)))
}

func parses(src []byte) bool {
	_, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	return err == nil
}
