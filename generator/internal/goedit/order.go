package goedit

import (
	"go/parser"
	"go/token"
	"strconv"
)

// ImportsInOrder tells whether the import paths of each block stand in gofmt's
// order: ascending within lines that no blank line or comment parts. Source
// that was as gofmt leaves it, and in which only import paths changed, is so
// again exactly when this holds; asking is far cheaper than formatting.
func ImportsInOrder(src []byte) bool {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", src, parser.ImportsOnly|parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	lastPath, lastLine := "", -1
	for _, spec := range file.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil || spec.Comment != nil { // aligned with its neighbours
			return false
		}
		line := fset.Position(spec.Pos()).Line
		if line == lastLine+1 && path < lastPath {
			return false
		}
		lastPath, lastLine = path, line
	}
	return true
}
