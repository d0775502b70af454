package goedit

import (
	"go/parser"
	"go/token"
	"strconv"

	"golang.org/x/tools/go/ast/astutil"
)

// ImportsInOrder reports whether the import paths of each paragraph are in gofmt's
// order. Source that was as gofmt leaves it, and in which only import paths changed,
// is so again when this holds; asking is far cheaper than formatting. It is false where
// an import has a comment behind it, which may have to be aligned.
func ImportsInOrder(src []byte) bool {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	for _, paragraph := range astutil.Imports(fset, file) {
		last := ""
		for _, spec := range paragraph {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil || spec.Comment != nil || path < last { // a comment is aligned with its neighbors
				return false
			}
			last = path
		}
	}
	return true
}
