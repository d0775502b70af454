// Package goimport merges the import blocks of Go files as sets: an import follows
// a path that the other side renamed, and one that nothing uses any more goes.
package goimport

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/textmerge"
)

// importKey is what makes two imports the same one.
type importKey struct{ name, path string }

// imports is a Go file taken apart at its import declarations.
type imports struct {
	Head, Block, Tail []byte // blank lines around the block left out
	TailLine          int    // where the tail begins in the file, from 1
	specs             []importKey
	lineOf            map[importKey]int // index into the lines of block
}

// parseImports takes src apart. It is not ok for source that does not parse,
// for cgo, and where imports are not on lines of their own.
func ParseImports(src []byte) (imports, bool) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if err != nil {
		return imports{}, false
	}
	offset := func(p token.Pos) int { return fset.PositionFor(p, false).Offset }
	from := LineEnd(src, offset(file.Name.End()))
	to := from
	if n := len(file.Decls); n > 0 {
		from = lineStart(src, offset(file.Decls[0].Pos()))
		to = LineEnd(src, offset(file.Decls[n-1].End()))
	}
	im := imports{Block: src[from:to], lineOf: map[importKey]int{}}
	lines := textmerge.Split(im.Block)

	taken := map[int]bool{}
	for i, decl := range file.Decls {
		if i > 0 && strings.TrimSpace(string(src[offset(file.Decls[i-1].End()):offset(decl.Pos())])) != "" {
			return imports{}, false
		}
	}
	for _, spec := range file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil || p == "C" {
			return imports{}, false
		}
		k := importKey{path: p}
		if spec.Name != nil {
			k.name = spec.Name.Name
		}
		n := bytes.Count(src[from:offset(spec.Pos())], []byte(textmerge.Lf))
		text := strings.TrimSpace(strings.TrimPrefix(lines[n].Text, "import"))
		written := string(src[offset(spec.Pos()):offset(spec.End())])
		rest, ok := strings.CutPrefix(text, written)
		rest = strings.TrimSpace(rest)
		if _, twice := im.lineOf[k]; twice || taken[n] || !ok || rest != "" && !strings.HasPrefix(rest, "//") {
			return imports{}, false
		}
		taken[n] = true
		im.specs = append(im.specs, k)
		im.lineOf[k] = n
	}

	im.Head = slices.Concat(bytes.TrimRight(src[:from], "\n"), []byte(textmerge.Lf))
	im.Tail = bytes.TrimLeft(src[to:], "\n")
	im.TailLine = bytes.Count(src[:len(src)-len(im.Tail)], []byte(textmerge.Lf)) + 1
	return im, true
}

func lineStart(src []byte, at int) int { return bytes.LastIndexByte(src[:at], '\n') + 1 }

func LineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
}

// wanted merges the three sets: what one side added is there, what one side
// removed is not.
func Wanted(base, ours, theirs imports) []importKey {
	var want []importKey
	for _, k := range slices.Concat(ours.without(Renames(base, ours), base, theirs),
		theirs.without(Renames(base, theirs), base, ours)) {
		if slices.Contains(want, k) {
			continue
		}
		inBase := slices.Contains(base.specs, k)
		inOurs, inTheirs := slices.Contains(ours.specs, k), slices.Contains(theirs.specs, k)
		if inOurs && inTheirs || !inBase && !taken(k, base, ours) {
			want = append(want, k)
		}
	}
	return want
}

// settleByUse corrects a merged set by what the merged text uses: an import
// that one side removed stays if the other side has a use left, and an import
// goes whose last uses were removed by both sides together.
func SettleByUse(want []importKey, head, tail []byte, base, ours, theirs imports) []importKey {
	used, ok := selectors(append(slices.Clip(head), tail...))
	if !ok {
		return want
	}
	provided := map[string]bool{}
	for _, k := range want {
		for _, n := range k.names() {
			provided[n] = true
		}
	}
	for _, k := range slices.Concat(ours.specs, theirs.specs, base.specs) {
		if !slices.Contains(want, k) && k.usedIn(used) &&
			!slices.ContainsFunc(k.names(), func(n string) bool { return provided[n] }) {
			want = append(want, k)
			for _, n := range k.names() {
				provided[n] = true
			}
		}
	}
	// Both added one path, one of them with its name.
	want = slices.DeleteFunc(slices.Clone(want), func(k importKey) bool {
		return k.name == "" && slices.ContainsFunc(want, func(o importKey) bool {
			return o.path == k.path && o.name != "" && slices.Contains(k.names(), o.name)
		})
	})
	usedOurs, _ := selectors(append(slices.Clip(ours.Head), ours.Tail...))
	usedTheirs, _ := selectors(append(slices.Clip(theirs.Head), theirs.Tail...))
	return slices.DeleteFunc(want, func(k importKey) bool {
		// One that its own side does not use by a name of its path has another name.
		return !k.usedIn(used) && (k.usedIn(usedOurs) && slices.Contains(ours.specs, k) ||
			k.usedIn(usedTheirs) && slices.Contains(theirs.specs, k))
	})
}

// selectors returns the names that are before a dot and are declared nowhere
// in the file, that is, the packages it uses.
func selectors(src []byte) (map[string]bool, bool) {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return nil, false
	}
	unresolved := map[*ast.Ident]bool{}
	for _, id := range file.Unresolved {
		unresolved[id] = true
	}
	used := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok && unresolved[id] {
				used[id.Name] = true
			}
		}
		return true
	})
	return used, true
}

var majorVersion = regexp.MustCompile(`^v[0-9]+$`)

// names returns what the package may be called in the file: the name given, or
// what its path suggests. Only go list knows for sure, and the staged compile
// has the last word.
func (k importKey) names() []string {
	if k.name == "_" || k.name == "." {
		return nil
	}
	if k.name != "" {
		return []string{k.name}
	}
	last := path.Base(k.path)
	if majorVersion.MatchString(last) && path.Dir(k.path) != "." {
		last = path.Base(path.Dir(k.path))
	}
	if stem, version, ok := strings.Cut(last, ".v"); ok && majorVersion.MatchString("v"+version) {
		last = stem
	}
	names := []string{last}
	for _, n := range []string{strings.TrimPrefix(last, "go-"), strings.TrimSuffix(last, "-go"),
		strings.TrimSuffix(last, ".go")} {
		if n != last {
			names = append(names, n)
		}
	}
	return names
}

func (k importKey) usedIn(used map[string]bool) bool {
	return slices.ContainsFunc(k.names(), func(n string) bool { return used[n] })
}

// assemble puts a file together again.
func Assemble(head, block, tail []byte) []byte {
	out := slices.Clone(head)
	if len(block) > 0 {
		out = append(append(out, '\n'), block...)
	}
	if len(tail) > 0 {
		out = append(append(out, '\n'), tail...)
	}
	return out
}
