package merge

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// goTree builds the tree of one Go file.
type goTree struct {
	src    []byte
	file   *token.File
	tokens []string
	starts []int // offsets of tokens
}

// parseGo returns the declarations from an offset to the end as one list.
func parseGo(src []byte, from int) *node {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	t := goTree{src: src, file: fset.File(f.FileStart)}
	t.scan()
	decls := slices.DeleteFunc(f.Decls, func(d ast.Decl) bool { return t.at(d.Pos()) < from })
	n := t.node("file", from, len(src))
	n.list, _ = t.lines(from, len(src), style{keyed: true}, items(decls), t.decl)
	return n
}

func (t *goTree) at(p token.Pos) int { return t.file.Offset(p) }

// scan reads the tokens. The semicolons that stand for line ends are none, and
// neither is a comma before a closing bracket.
func (t *goTree) scan() {
	t.tokens, t.starts = goTokens(t.src)
}

func goTokens(src []byte) (tokens []string, starts []int) {
	fset := token.NewFileSet()
	file := fset.AddFile("", fset.Base(), len(src))
	var s scanner.Scanner
	s.Init(file, src, func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		switch {
		case tok == token.EOF:
			return tokens, starts
		case tok == token.SEMICOLON && lit == "\n":
			continue
		case !tok.IsLiteral() && tok != token.COMMENT:
			lit = tok.String()
		case tok == token.COMMENT:
			lit = strings.TrimRight(lit, " \t")
		}
		tokens = append(tokens, lit)
		starts = append(starts, file.Offset(pos))
	}
}

// node makes a node of a range of the source.
func (t *goTree) node(kind string, from, to int) *node {
	lo, hi := sort.SearchInts(t.starts, from), sort.SearchInts(t.starts, to)
	tokens := t.tokens[lo:hi]
	if n := len(tokens); n > 1 && tokens[n-1] == "," {
		tokens = tokens[:n-1]
	}
	return &node{text: t.src[from:to], tokens: tokens, kind: kind, line: t.file.Line(t.file.Pos(from))}
}

// whole makes a node whose parts are the nodes given and the text between them.
func (t *goTree) whole(kind string, from, to int, inner ...*placed) *node {
	n := t.node(kind, from, to)
	if len(inner) == 0 {
		return n
	}
	at := from
	for _, p := range inner {
		n.parts = append(n.parts, t.node("text", at, p.from), p.node)
		at = p.to
	}
	n.parts = append(n.parts, t.node("text", at, to))
	return n
}

// placed is a node with its range.
type placed struct {
	*node
	from, to int
}

// build makes a node of an expression, a type or a simple statement.
func (t *goTree) build(n ast.Node, from, to int) *node {
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

// item is one thing of a list.
type item struct {
	node     ast.Node
	key      string
	pos, end token.Pos
}

func items[N ast.Node](nodes []N) []item {
	var out []item
	for _, n := range nodes {
		out = append(out, item{node: n, pos: n.Pos(), end: n.End()})
	}
	return out
}

func (t *goTree) list(kind string, from, to token.Pos, l *list) *placed {
	p := &placed{t.node(kind, t.at(from), t.at(to)), t.at(from), t.at(to)}
	p.node.list = l
	return p
}

var behind = regexp.MustCompile(`^[,;]?[ \t]*(//.*)?\n?$`)

// lines takes a list apart whose items have lines of their own. It is not ok if
// they do not.
func (t *goTree) lines(from, to int, s style, all []item, build func(item, int, int) *node) (*list, bool) {
	l := &list{style: s}
	at := from
	if from > 0 && t.src[from-1] != '\n' { // the rest of the line of the bracket
		at = lineEnd(t.src, from)
		if len(all) == 0 {
			at = min(at, to)
		}
		if at > to || len(all) > 0 && !behind.Match(t.src[from:at]) {
			return nil, false
		}
	}
	l.head = t.src[from:at]
	for _, it := range all {
		start, end := t.at(it.pos), t.at(it.end)
		next := lineEnd(t.src, end)
		if start < at || next > to || !behind.Match(t.src[end:next]) {
			return nil, false
		}
		l.items = append(l.items, build(it, at, next))
		at = next
	}
	l.tail = t.src[at:to]
	return l, true
}

// led makes a node of what stands before an element, and the element.
func (t *goTree) led(kind string, from, to int, lead token.Pos, n *node) *node {
	all := t.node(kind, from, to)
	all.parts = []*node{t.node("lead", from, t.at(lead)), n}
	return all
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
	l, _ := t.lines(t.at(from), t.at(to), style{keyed: clauses}, its, func(it item, from, to int) *node {
		n := t.led("stmt", from, to, it.pos, t.stmt(it.node.(ast.Stmt), t.at(it.pos), to))
		n.kind += " " + kindOf(it.node)
		n.key = it.key
		n.defines, n.leaves = declared(it.node), leaves(it.node)
		return n
	})
	return t.list("block", from, to, l)
}

func (t *goTree) clauseKey(from, to token.Pos) string {
	return strings.Join(t.node("", t.at(from), t.at(to)).tokens, " ")
}

// stmt takes a statement apart: its head, its body and what comes behind.
func (t *goTree) stmt(s ast.Stmt, from, to int) *node {
	kind := kindOf(s)
	headed := func(body *ast.BlockStmt, head ...ast.Node) *node {
		return t.headed(kind, from, to, body, head...)
	}
	switch s := s.(type) {
	case *ast.IfStmt:
		n := headed(s.Body, s.Init, s.Cond)
		rest := n.parts[2]
		at := t.at(s.Body.Rbrace)
		switch e := s.Else.(type) {
		case *ast.BlockStmt:
			rest = t.whole("else", at, to, t.block(e))
		case *ast.IfStmt:
			rest = t.stmt(e, at, to)
		}
		n.parts[2] = rest
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
		return t.clause(kind, from, to, s.Case, s.Colon, s.Body)
	case *ast.CommClause:
		return t.clause(kind, from, to, s.Case, s.Colon, s.Body)
	case *ast.DeclStmt:
		return t.genDecl(s.Decl.(*ast.GenDecl), from, to)
	}
	return t.build(s, from, to)
}

// headed takes a statement or a function apart that has a head and a body.
func (t *goTree) headed(kind string, from, to int, body *ast.BlockStmt, head ...ast.Node) *node {
	n := t.node(kind, from, to)
	open, end := t.at(body.Lbrace)+1, t.at(body.Rbrace)
	var inner []*placed
	for _, h := range head {
		if h != nil {
			inner = append(inner, t.lists(h)...)
		}
	}
	n.parts = []*node{t.whole("head", from, open, inner...), t.block(body).node, t.node("end", end, to)}
	return n
}

func (t *goTree) clause(kind string, from, to int, _, colon token.Pos, body []ast.Stmt) *node {
	n := t.node(kind, from, to)
	at := t.at(colon) + 1
	n.parts = []*node{t.node("head", from, at), t.stmts(colon+1, t.file.Pos(to), body).node}
	return n
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
	build := func(it item, from, to int) *node {
		n := t.led("expr", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
		n.kind += " " + kindOf(it.node)
		n.key = it.key
		return n
	}
	return t.commas("exprs", from, to, style{keyed: keys, placed: !literal}, its, build)
}

// commas is a list of items between commas, in lines of their own or not.
func (t *goTree) commas(kind string, from, to token.Pos, s style, its []item, build func(item, int, int) *node) *placed {
	flat := func() *list {
		l := &list{style: s}
		l.inline = true
		at := t.at(from)
		for i, it := range its {
			end := t.at(it.end)
			l.items = append(l.items, build(it, at, end))
			at = end
			if i < len(its)-1 {
				at += strings.IndexByte(string(t.src[end:]), ',') + 1
			}
		}
		l.tail = t.src[at:t.at(to)]
		return l
	}
	l, ok := t.lines(t.at(from), t.at(to), s, its, build)
	if !ok || len(its) == 0 {
		l = flat()
	} else {
		l.flat = flat
	}
	return t.list(kind, from, to, l)
}

func (t *goTree) params(f *ast.FieldList) *placed {
	return t.commas("params", f.Opening+1, f.Closing, style{placed: true}, items(f.List), func(it item, from, to int) *node {
		return t.led("param", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
	})
}

// fields is the list of a struct's fields or an interface's methods.
func (t *goTree) fields(f *ast.FieldList) *placed {
	its := items(f.List)
	for i, field := range f.List {
		its[i].key = t.fieldKey(field)
	}
	l, _ := t.lines(t.at(f.Opening)+1, t.at(f.Closing), style{keyed: true}, its, func(it item, from, to int) *node {
		n := t.led("field", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
		n.key, n.name = it.key, "field "+it.key
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

// decl takes a top-level declaration apart.
func (t *goTree) decl(it item, from, to int) *node {
	switch d := it.node.(type) {
	case *ast.FuncDecl:
		pos := d.Type.Func
		var n *node
		if d.Body == nil {
			n = t.build(d.Type, t.at(pos), to)
		} else {
			n = t.headed("FuncDecl", t.at(pos), to, d.Body, d.Type)
		}
		all := t.led("decl func", from, to, pos, n)
		all.key = funcKey(d)
		all.name = "func " + all.key
		if d.Name.Name == "init" || d.Name.Name == "_" {
			all.key = ""
		}
		return all
	case *ast.GenDecl:
		all := t.led("decl "+d.Tok.String(), from, to, d.TokPos, t.genDecl(d, t.at(d.TokPos), to))
		switch {
		case d.Tok == token.IMPORT:
			all.key, all.name = "import", "imports"
		case !d.Lparen.IsValid():
			all.key = t.specKey(d.Specs[0])
			all.name = d.Tok.String() + " " + all.key
		default:
			all.words = []string{}
			for _, spec := range d.Specs {
				all.words = append(all.words, t.specKey(spec))
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
func (t *goTree) genDecl(d *ast.GenDecl, from, to int) *node {
	if !d.Lparen.IsValid() {
		return t.build(d.Specs[0], from, to)
	}
	its := items(d.Specs)
	for i, s := range d.Specs {
		its[i].key = t.specKey(s)
	}
	l, _ := t.lines(t.at(d.Lparen)+1, t.at(d.Rparen), style{keyed: true}, its, func(it item, from, to int) *node {
		n := t.led("spec", from, to, it.pos, t.build(it.node, t.at(it.pos), to))
		n.key, n.name = it.key, d.Tok.String()+" "+it.key
		if it.key == "_" {
			n.key = ""
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
