// Package goimport merges the import blocks of Go files as sets: an import follows
// a path that the other side renamed, and one that nothing uses any more goes.
package goimport

import (
	"bytes"
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

// ParseImports takes src apart. It is not ok where the imports do not parse, for
// cgo, and where imports are not on lines of their own.
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

// LineEnd is where the line of a position ends, after its line break.
func LineEnd(src []byte, at int) int {
	if i := bytes.IndexByte(src[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(src)
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

// Assemble puts a file together again.
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
