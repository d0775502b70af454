package mount

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"
)

// file is one source file.
type file struct {
	name    string
	src     []byte
	fset    *token.FileSet
	ast     *ast.File
	imports map[string]string // local name -> path
	web     string
	routers map[string]router // variable -> what it holds, as far as the file shows
	idents  map[string]bool
}

func parse(name string, src []byte, web string) *file {
	f := &file{name: name, src: src, fset: token.NewFileSet(), imports: map[string]string{}, web: web,
		routers: map[string]router{}, idents: map[string]bool{}}
	var err error
	if f.ast, err = parser.ParseFile(f.fset, name, src, parser.SkipObjectResolution); err != nil {
		return nil
	}
	for _, spec := range f.ast.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		local := path.Base(importPath)
		if strings.HasPrefix(local, "v") && strings.Trim(local[1:], "0123456789") == "" {
			local = path.Base(path.Dir(importPath))
		}
		if spec.Name != nil {
			local = spec.Name.Name
		}
		f.imports[local] = importPath
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			f.idents[n.Name] = true
		case *ast.AssignStmt:
			for i, right := range n.Rhs {
				if left, ok := n.Lhs[min(i, len(n.Lhs)-1)].(*ast.Ident); ok {
					f.made(left.Name, right)
				}
			}
		case *ast.ValueSpec:
			f.typed(n.Names, n.Type)
			for i, right := range n.Values {
				f.made(n.Names[min(i, len(n.Names)-1)].Name, right)
			}
		case *ast.Field:
			f.typed(n.Names, n.Type)
		}
		return true
	})
	return f
}

// made notes a variable to which a router is assigned.
func (f *file) made(name string, value ast.Expr) {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return
	}
	if from, function := f.selects(call.Fun); function != "" {
		for _, r := range routers {
			if r.is(from) && slices.Contains(r.makers, function) {
				f.routers[name] = r
			}
		}
	}
}

// typed notes variables of a router's type.
func (f *file) typed(names []*ast.Ident, t ast.Expr) {
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	from, _ := f.selects(t)
	for _, r := range routers {
		for _, name := range names {
			if r.is(from) {
				f.routers[name.Name] = r
			}
		}
	}
}

// selects is the import path and the name in an expression like http.Server.
func (f *file) selects(e ast.Expr) (importPath, name string) {
	s, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := s.X.(*ast.Ident)
	if !ok || f.imports[x.Name] == "" {
		return "", ""
	}
	return f.imports[x.Name], s.Sel.Name
}

// indented are lines with the indent of a node.
func (f *file) indented(n ast.Node, lines ...string) string {
	at := f.src[f.offset(f.fset.File(n.Pos()).LineStart(f.line(n.Pos()))):f.offset(n.Pos())]
	indent := string(at[:len(at)-len(bytes.TrimLeft(at, " \t"))])
	return indent + strings.Join(lines, "\n"+indent) + "\n"
}

func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

func (f *file) offset(p token.Pos) int { return f.fset.Position(p).Offset }
