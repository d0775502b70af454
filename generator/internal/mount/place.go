package mount

import (
	"bytes"
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// place is somewhere that a service serves.
type place struct {
	Mount
	rank int // the best is the highest
}

// places lists where the file serves.
func (f *file) places() (list []place) {
	for _, d := range f.ast.Decls {
		function, ok := d.(*ast.FuncDecl)
		if !ok || function.Body == nil {
			continue
		}
		var stack []ast.Node
		ast.Inspect(function.Body, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			stack = append(stack, n)
			if p, ok := f.place(n, stack, serving(function.Body)); ok {
				if f.ast.Name.Name == "main" {
					p.rank += 2
				}
				if p.Router != "net/http" {
					p.rank++
				}
				list = append(list, p)
			}
			return true
		})
	}
	return list
}

// waits are functions and methods that return when there are no more requests.
var waits = strings.Fields("ListenAndServe ListenAndServeTLS Serve ServeTLS Run RunTLS Start StartTLS Listen")

// handlerAt is which argument of a function of net/http is the handler.
var handlerAt = map[string]int{"ListenAndServe": 1, "ListenAndServeTLS": 3, "Serve": 1, "ServeTLS": 1}

// serving reports whether a function itself waits for requests, so that what it defers
// runs when there are no more.
func serving(body *ast.BlockStmt) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if s, ok := call.Fun.(*ast.SelectorExpr); ok {
				found = found || slices.Contains(waits, s.Sel.Name)
			}
		}
		return !found
	})
	return found
}

// place is what to write at a node, if it is where the service gets its handler.
func (f *file) place(n ast.Node, stack []ast.Node, serving bool) (p place, ok bool) {
	switch n := n.(type) {
	case *ast.AssignStmt: // app := fiber.New(), which has no routes yet: Use is for those behind it
		name, isName := n.Lhs[0].(*ast.Ident)
		if !isName || f.routers[name.Name].name != "fiber" || !serving || len(n.Rhs) != 1 {
			return p, false
		}
		call, isCall := n.Rhs[0].(*ast.CallExpr)
		if !isCall {
			return p, false
		}
		from, function := f.selects(call.Fun)
		if r := f.routers[name.Name]; !r.is(from) || !slices.Contains(r.makers, function) {
			return p, false
		}
		for _, importPath := range f.imports {
			if f.routers[name.Name].is(importPath) {
				p = f.written("fiber", strconv.Quote(importPath+"/middleware/adaptor"))
			}
		}
		after := f.line(n.End()) + 1
		sessions, web := f.names()
		p.Edits = []Edit{{Line: after, Text: f.indented(n, sessions+" := "+web+".MustOpen()",
			"defer "+sessions+".Close()", name.Name+".Use(adaptor.HTTPMiddleware("+sessions+".Handler))")}}
		p.rank = 10
		return p, true
	case *ast.CallExpr:
		from, function := f.selects(n.Fun)
		if from == "net/http" {
			if at, is := handlerAt[function]; is && len(n.Args) > at {
				return f.wraps(n.Args[at], stack)
			}
		}
		s, isMethod := n.Fun.(*ast.SelectorExpr)
		if !isMethod {
			return p, false
		}
		if x, isName := s.X.(*ast.Ident); isName {
			if r := f.routers[x.Name]; r.name != "fiber" && slices.Contains(r.serves, s.Sel.Name) {
				return f.runs(n, x.Name, r, s.Sel.Name, stack)
			}
		}
	case *ast.CompositeLit:
		if from, name := f.selects(n.Type); from != "net/http" || name != "Server" || !serving {
			return p, false
		}
		for _, e := range n.Elts {
			if pair, isPair := e.(*ast.KeyValueExpr); isPair {
				if key, isName := pair.Key.(*ast.Ident); isName && key.Name == "Handler" {
					return f.wraps(pair.Value, stack)
				}
			}
		}
	}
	return p, false
}

// written begins a place of the file.
func (f *file) written(name string, imports ...string) place {
	_, web := f.names()
	own := strconv.Quote(f.web)
	if web != path.Base(f.web) {
		own = web + " " + own
	}
	return place{Mount: Mount{Router: name, File: f.name, Imports: append([]string{own}, imports...)}}
}

// names are what the file does not use yet, for the sessions and for their package.
func (f *file) names() (sessions, web string) {
	free := func(names ...string) string {
		for _, name := range names {
			if !f.idents[name] && f.imports[name] == "" {
				return name
			}
		}
		return names[0] + "2"
	}
	return free("sessions", "visits", "logins"), free(path.Base(f.web), "sessionweb", "webs")
}

// wraps puts the handler of an expression behind the sessions.
func (f *file) wraps(handler ast.Expr, stack []ast.Node) (place, bool) {
	name := "net/http"
	text := string(f.src[f.offset(handler.Pos()):f.offset(handler.End())])
	if text == "nil" {
		for local, importPath := range f.imports {
			if importPath == "net/http" {
				text = local + ".DefaultServeMux"
			}
		}
	}
	root := handler
	for {
		if s, ok := root.(*ast.SelectorExpr); ok {
			root = s.X
			continue
		}
		break
	}
	if x, ok := root.(*ast.Ident); ok && f.routers[x.Name].name != "" {
		name = f.routers[x.Name].name
	}
	if strings.Contains(text, ".Handler(") && strings.Contains(text, "sessions") {
		return place{}, false // it is mounted already
	}
	p := f.written(name)
	sessions, _ := f.names()
	return f.finished(p, handler, sessions+".Handler("+text+")", stack)
}

// runs has the server of net/http serve a router that had a method of its own for it.
func (f *file) runs(call *ast.CallExpr, variable string, r router, method string, stack []ast.Node) (place, bool) {
	p := f.written(r.name)
	server := ""
	for local, importPath := range f.imports {
		if importPath == "net/http" {
			server = local
		}
	}
	if server == "" {
		server = "http"
		p.Imports = append(p.Imports, `"net/http"`)
	}
	args := []string{`":8080"`}
	if len(call.Args) == 0 {
		p.Notes = append(p.Notes, f.name+" has "+method+"(), which takes the port from PORT if it is set; the line to "+
			"write does not")
	} else {
		args = nil
		for _, a := range call.Args {
			args = append(args, string(f.src[f.offset(a.Pos()):f.offset(a.End())]))
		}
	}
	function := "ListenAndServe"
	if strings.HasSuffix(method, "TLS") {
		function += "TLS"
	}
	sessions, _ := f.names()
	text := fmt.Sprintf("%s.%s(%s, %s.Handler(%s))", server, function, strings.Join(args, ", "), sessions, variable)
	return f.finished(p, call, text, stack)
}

// finished adds the three lines: two before the statement, and the one in which text
// takes the place of an expression.
func (f *file) finished(p place, old ast.Expr, text string, stack []ast.Node) (place, bool) {
	var statement ast.Node
	var block *ast.BlockStmt
	for i, n := range stack {
		if b, ok := n.(*ast.BlockStmt); ok && i+1 < len(stack) {
			block, statement = b, stack[i+1]
		}
	}
	if statement == nil {
		return p, false
	}
	sessions, web := f.names()
	first, from, to := f.line(statement.Pos()), f.line(old.Pos()), f.line(old.End())
	start := f.offset(f.fset.File(old.Pos()).LineStart(from))
	end := len(f.src)
	if i := bytes.IndexByte(f.src[f.offset(old.End()):], '\n'); i >= 0 {
		end = f.offset(old.End()) + i + 1
	}
	p.rank = 10
	if f.line(block.Lbrace) == first { // the function is on one line
		p.Edits = []Edit{{Line: first, Remove: to - first + 1,
			Text: strings.TrimRight(string(f.src[start:f.offset(statement.Pos())]), " ") + "\n\t" +
				sessions + " := " + web + ".MustOpen()\n\tdefer " + sessions + ".Close()\n\t" +
				string(f.src[f.offset(statement.Pos()):f.offset(old.Pos())]) + text +
				string(f.src[f.offset(old.End()):f.offset(statement.End())]) + "\n" +
				strings.TrimLeft(string(f.src[f.offset(statement.End()):end]), " ")}}
		return p, true
	}
	p.Edits = []Edit{
		{Line: first, Text: f.indented(statement, sessions+" := "+web+".MustOpen()", "defer "+sessions+".Close()")},
		{Line: from, Remove: to - from + 1,
			Text: string(f.src[start:f.offset(old.Pos())]) + text + string(f.src[f.offset(old.End()):end])},
	}
	return p, true
}
