package merge

import (
	"bytes"
	"fmt"
	"go/format"
	"path"
)

// File merges one file of a project, in the way its name asks for. The name is
// slash-separated and only looked at, never opened.
//
// The error says why a merge that found no conflict is still no good: a go.mod
// that does not parse, or Go source that two clean changes together have
// broken. The result then holds the merged text as far as it came.
func File(name string, base, ours, theirs []byte, o Options) (Result, error) {
	switch {
	case path.Base(name) == "go.mod":
		data, err := GoMod(base, ours, theirs)
		return Result{Data: data}, err
	case path.Base(name) == "go.sum":
		return Result{Data: GoSum(base, ours, theirs)}, nil
	case path.Ext(name) == ".go":
		o.IgnoreBlanks = true
		return mergeGo(name, base, ours, theirs, o)
	default:
		return Merge(base, ours, theirs, o), nil
	}
}

// mergeGo merges Go source: the import block as a set, the text before and
// after it by lines. The result is formatted if ours was; the owner's own style
// is kept otherwise.
func mergeGo(name string, base, ours, theirs []byte, o Options) (Result, error) {
	if bytes.Equal(base, theirs) || bytes.Equal(ours, theirs) || bytes.Equal(base, ours) {
		return Merge(base, ours, theirs, o), nil
	}
	eol := ending(split(ours))
	base, ours, theirs = ToLF(base), ToLF(ours), ToLF(theirs)

	r, ok := mergeAroundImports(base, ours, theirs, o)
	if !ok {
		r = Merge(base, ours, theirs, o)
	}
	var err error
	formatted, ferr := format.Source(ours)
	if len(r.Conflicts) == 0 && ferr == nil && bytes.Equal(formatted, ours) {
		var data []byte
		if data, err = format.Source(r.Data); err == nil {
			r.Data = data
		} else {
			err = fmt.Errorf("%s: the changes of both sides fit together line by line, but not as Go: %w", name, err)
		}
	}
	if eol == crlf {
		r.Data = withEnding(r.Data, crlf)
		for i, c := range r.Conflicts {
			r.Conflicts[i].Ours = withEnding(c.Ours, crlf)
		}
	}
	return r, err
}

// mergeAroundImports is not ok if one of the three has no import block that can
// be taken apart.
func mergeAroundImports(base, ours, theirs []byte, o Options) (Result, bool) {
	b, okB := parseImports(base)
	u, okU := parseImports(ours)
	t, okT := parseImports(theirs)
	if !okB || !okU || !okT {
		return Result{}, false
	}
	u = u.following(b, t)
	head := Merge(b.head, u.head, t.head, o)
	tail := Merge(b.tail, u.tail, t.tail, o)
	for i := range tail.Conflicts {
		tail.Conflicts[i].Line += u.tailLine - 1
	}
	r := Result{Conflicts: append(head.Conflicts, tail.Conflicts...)}

	want := wanted(b, u, t)
	if len(r.Conflicts) == 0 {
		want = settleByUse(want, head.Data, tail.Data, b, u, t)
	}
	source := u
	if bytes.Equal(u.block, b.block) {
		source = t
	}
	r.Data = assemble(head.Data, source.with(want), tail.Data)
	return r, true
}
