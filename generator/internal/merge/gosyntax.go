package merge

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/treemerge"
)

// parseGo returns the declarations from an offset to the end as one list.
func parseGo(src []byte, from int) *treemerge.Node {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	t := goTree{src: src, file: fset.File(f.FileStart)}
	t.scan()
	decls := slices.DeleteFunc(f.Decls, func(d ast.Decl) bool { return t.at(d.Pos()) < from })
	n := t.node("file", from, len(src))
	n.List, _ = t.lines(from, len(src), treemerge.Style{Keyed: true}, items(decls), t.decl)
	return n
}

// decl takes a top-level declaration apart.
func (t *goTree) decl(it item, from, to int) *treemerge.Node {
	switch d := it.node.(type) {
	case *ast.FuncDecl:
		pos := d.Type.Func
		var n *treemerge.Node
		if d.Body == nil {
			n = t.build(d.Type, t.at(pos), to)
		} else {
			n = t.headed("FuncDecl", t.at(pos), to, d.Body, d.Type)
		}
		all := t.led("decl func", from, to, pos, n)
		all.Key = funcKey(d)
		all.Name = "func " + all.Key
		if d.Name.Name == "init" || d.Name.Name == "_" {
			all.Key = ""
		}
		return all
	case *ast.GenDecl:
		all := t.led("decl "+d.Tok.String(), from, to, d.TokPos, t.genDecl(d, t.at(d.TokPos), to))
		switch {
		case d.Tok == token.IMPORT:
			all.Key, all.Name = "import", "imports"
		case !d.Lparen.IsValid():
			all.Key = t.specKey(d.Specs[0])
			all.Name = d.Tok.String() + " " + all.Key
		default:
			all.Words = []string{}
			for _, spec := range d.Specs {
				all.Words = append(all.Words, t.specKey(spec))
			}
		}
		return all
	}
	return t.node("decl bad", from, to)
}

func funcKey(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return d.Name.Name
	}
	x := d.Recv.List[0].Type
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
			continue
		case *ast.ParenExpr:
			x = e.X
			continue
		case *ast.IndexExpr:
			x = e.X
			continue
		case *ast.IndexListExpr:
			x = e.X
			continue
		case *ast.Ident:
			return e.Name + "." + d.Name.Name
		}
		return "?." + d.Name.Name
	}
}

// genDecl takes an import, const, var or type declaration apart.
func (t *goTree) genDecl(d *ast.GenDecl, from, to int) *treemerge.Node {
	if !d.Lparen.IsValid() {
		return t.build(d.Specs[0], from, to)
	}
	its := items(d.Specs)
	for i, s := range d.Specs {
		its[i].key = t.specKey(s)
	}
	l, _ := t.lines(t.at(d.Lparen)+1, t.at(d.Rparen), treemerge.Style{Keyed: true}, its,
		func(it item, from, to int) *treemerge.Node {
			n := t.led("spec", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
			n.Key, n.Name = it.key, d.Tok.String()+" "+it.key
			if it.key == "_" {
				n.Key = ""
			}
			return n
		})
	return t.whole("group "+d.Tok.String(), from, to, t.list("specs", d.Lparen+1, d.Rparen, l))
}

func (t *goTree) specKey(s ast.Spec) string {
	switch s := s.(type) {
	case *ast.ImportSpec:
		return s.Path.Value
	case *ast.TypeSpec:
		return s.Name.Name
	case *ast.ValueSpec:
		var names []string
		for _, n := range s.Names {
			names = append(names, n.Name)
		}
		return strings.Join(names, ", ")
	}
	return ""
}

func (t *goTree) block(b *ast.BlockStmt) *placed {
	return t.stmts(b.Lbrace+1, b.Rbrace, b.List)
}

func (t *goTree) stmts(from, to token.Pos, all []ast.Stmt) *placed {
	clauses := false
	its := items(all)
	for i, s := range all {
		switch s := s.(type) {
		case *ast.CaseClause:
			clauses = true
			its[i].key = t.clauseKey(s.Case, s.Colon)
		case *ast.CommClause:
			clauses = true
			its[i].key = t.clauseKey(s.Case, s.Colon)
		}
	}
	l, _ := t.lines(t.at(from), t.at(to), treemerge.Style{Keyed: clauses}, its,
		func(it item, from, to int) *treemerge.Node {
			n := t.led("stmt", from, to, it.pos, t.stmt(it.node.(ast.Stmt), t.at(it.pos), to))
			n.Kind += " " + kindOf(it.node)
			n.Key = it.key
			n.Defines, n.Leaves = declared(it.node), leaves(it.node)
			return n
		})
	return t.list("block", from, to, l)
}

func (t *goTree) clauseKey(from, to token.Pos) string {
	return strings.Join(t.node("", t.at(from), t.at(to)).Tokens, " ")
}

// stmt takes a statement apart: its head, its body and what comes behind.
func (t *goTree) stmt(s ast.Stmt, from, to int) *treemerge.Node {
	kind := kindOf(s)
	headed := func(body *ast.BlockStmt, head ...ast.Node) *treemerge.Node {
		return t.headed(kind, from, to, body, head...)
	}
	switch s := s.(type) {
	case *ast.IfStmt:
		n := headed(s.Body, s.Init, s.Cond)
		rest := n.Parts[2]
		at := t.at(s.Body.Rbrace)
		switch e := s.Else.(type) {
		case *ast.BlockStmt:
			rest = t.whole("else", at, to, t.block(e))
		case *ast.IfStmt:
			rest = t.stmt(e, at, to)
		}
		n.Parts[2] = rest
		return n
	case *ast.ForStmt:
		return headed(s.Body, s.Init, s.Cond, s.Post)
	case *ast.RangeStmt:
		return headed(s.Body, s.Key, s.Value, s.X)
	case *ast.SwitchStmt:
		return headed(s.Body, s.Init, s.Tag)
	case *ast.TypeSwitchStmt:
		return headed(s.Body, s.Init, s.Assign)
	case *ast.SelectStmt:
		return headed(s.Body)
	case *ast.CaseClause:
		return t.clause(kind, from, to, s.Colon, s.Body)
	case *ast.CommClause:
		return t.clause(kind, from, to, s.Colon, s.Body)
	case *ast.DeclStmt:
		return t.genDecl(s.Decl.(*ast.GenDecl), from, to)
	}
	return t.build(s, from, to)
}

// headed takes a statement or a function apart that has a head and a body.
func (t *goTree) headed(kind string, from, to int, body *ast.BlockStmt, head ...ast.Node) *treemerge.Node {
	n := t.node(kind, from, to)
	open, end := t.at(body.Lbrace)+1, t.at(body.Rbrace)
	var inner []*placed
	for _, h := range head {
		if h != nil {
			inner = append(inner, t.lists(h)...)
		}
	}
	n.Parts = []*treemerge.Node{t.whole("head", from, open, inner...), t.block(body).Node, t.node("end", end, to)}
	return n
}

func (t *goTree) clause(kind string, from, to int, colon token.Pos, body []ast.Stmt) *treemerge.Node {
	n := t.node(kind, from, to)
	at := t.at(colon) + 1
	n.Parts = []*treemerge.Node{t.node("head", from, at), t.stmts(colon+1, t.file.Pos(to), body).Node}
	return n
}

// declared lists the names that a statement declares in its block.
func declared(n ast.Node) []string {
	var names []string
	switch s := n.(type) {
	case *ast.AssignStmt:
		for _, e := range s.Lhs {
			if id, ok := e.(*ast.Ident); ok && s.Tok == token.DEFINE && id.Name != "_" {
				names = append(names, id.Name)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// leaves reports whether what follows a statement does not run.
func leaves(n ast.Node) bool {
	switch s := n.(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.ExprStmt:
		call, ok := s.X.(*ast.CallExpr)
		if !ok {
			return false
		}
		id, ok := call.Fun.(*ast.Ident)
		return ok && id.Name == "panic"
	}
	return false
}

// build makes a node of an expression, a type or a simple statement.
func (t *goTree) build(n ast.Node, from, to int) *treemerge.Node {
	return t.whole(kindOf(n), from, to, t.lists(n)...)
}

func kindOf(n ast.Node) string { return reflect.TypeOf(n).Elem().Name() }

// lists returns the outermost lists in a piece of syntax, in their order.
func (t *goTree) lists(root ast.Node) []*placed {
	var out []*placed
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			out = append(out, t.block(n))
		case *ast.CompositeLit:
			if n.Type != nil {
				out = append(out, t.lists(n.Type)...)
			}
			out = append(out, t.exprs(n.Lbrace+1, n.Rbrace, items(n.Elts), true))
		case *ast.CallExpr:
			out = append(out, t.lists(n.Fun)...)
			args := items(n.Args)
			if n.Ellipsis.IsValid() {
				args[len(args)-1].end = n.Ellipsis + 3
			}
			out = append(out, t.exprs(n.Lparen+1, n.Rparen, args, false))
		case *ast.StructType:
			out = append(out, t.fields(n.Fields))
		case *ast.InterfaceType:
			out = append(out, t.fields(n.Methods))
		case *ast.FuncType:
			out = append(out, t.params(n.Params))
			if n.Results != nil && n.Results.Opening.IsValid() {
				out = append(out, t.params(n.Results))
			}
		default:
			return true
		}
		return false
	})
	return out
}

// exprs is the list of a call's arguments or a literal's elements.
func (t *goTree) exprs(from, to token.Pos, its []item, literal bool) *placed {
	keys := literal && len(its) > 0
	for i, it := range its {
		kv, ok := it.node.(*ast.KeyValueExpr)
		keys = keys && ok
		if ok {
			its[i].key = string(t.src[t.at(kv.Key.Pos()):t.at(kv.Key.End())])
		}
	}
	build := func(it item, from, to int) *treemerge.Node {
		n := t.led("expr", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
		n.Kind += " " + kindOf(it.node)
		n.Key = it.key
		return n
	}
	return t.commas("exprs", from, to, treemerge.Style{Keyed: keys, Placed: !literal}, its, build)
}

func (t *goTree) params(f *ast.FieldList) *placed {
	return t.commas(
		"params",
		f.Opening+1,
		f.Closing,
		treemerge.Style{Placed: true},
		items(f.List),
		func(it item, from, to int) *treemerge.Node {
			return t.led("param", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
		},
	)
}

// fields is the list of a struct's fields or an interface's methods.
func (t *goTree) fields(f *ast.FieldList) *placed {
	its := items(f.List)
	for i, field := range f.List {
		its[i].key = t.fieldKey(field)
	}
	l, _ := t.lines(t.at(f.Opening)+1, t.at(f.Closing), treemerge.Style{Keyed: true}, its,
		func(it item, from, to int) *treemerge.Node {
			n := t.led("field", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
			n.Key, n.Name = it.key, "field "+it.key
			return n
		})
	return t.list("fields", f.Opening+1, f.Closing, l)
}

func (t *goTree) fieldKey(f *ast.Field) string {
	var names []string
	for _, n := range f.Names {
		names = append(names, n.Name)
	}
	if len(names) == 0 {
		return string(t.src[t.at(f.Type.Pos()):t.at(f.Type.End())])
	}
	return strings.Join(names, ", ")
}
