package goedit

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
)

// Outline is what a Go file declares at its top level, and what it uses of others.
type Outline struct {
	Declares, Uses, Imports []string
}

// OutlineOf takes a file apart as far as it parses.
func OutlineOf(src []byte) *Outline {
	f := &Outline{Imports: Imports(src)}
	file, err := parser.ParseFile(token.NewFileSet(), "", src, 0)
	if err != nil {
		return f
	}
	for name := range file.Scope.Objects {
		f.Declares = append(f.Declares, name)
	}
	for _, id := range file.Unresolved {
		f.Uses = append(f.Uses, id.Name)
	}
	tested, external := strings.CutSuffix(file.Name.Name, "_test")
	if !external {
		return f
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == tested && x.Obj == nil {
				f.Uses = append(f.Uses, s.Sel.Name)
			}
		}
		return true
	})
	return f
}

// Imports are the import paths of Go source, none if they do not parse.
func Imports(src []byte) []string {
	var paths []string
	_, _ = RewriteImports(src, func(importPath string) string {
		paths = append(paths, importPath)
		return importPath
	})
	return paths
}

// ImportName is what a file calls a package that it imports: its own name for it, else
// the last element of the path.
func ImportName(src []byte, importPath string) string {
	file, err := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly|parser.SkipObjectResolution)
	if err == nil {
		for _, spec := range file.Imports {
			if spec.Path.Value == strconv.Quote(importPath) && spec.Name != nil {
				return spec.Name.Name
			}
		}
	}
	return path.Base(importPath)
}
