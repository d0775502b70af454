// Package mount finds out which router a Go service uses and where it serves, and says
// what its owner has to write there to mount the sessions. It reads, and changes
// nothing.
package mount

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Mount is what to write.
type Mount struct {
	Router string `json:"router"` // as it is called, net/http for none
	// File is the file to edit, relative to the module; empty where no place was found
	// that serves, and Edits are then an example.
	File    string   `json:"file,omitempty"`
	Imports []string `json:"imports"` // to add, as they are written in an import block
	Edits   []Edit   `json:"edits"`   // from top to bottom, by the lines before any of them
	// Notes are facts about the service that concern whoever mounts, one sentence each.
	Notes []string `json:"notes,omitempty"`
}

// Edit is text that comes before a line of the file, in place of so many lines.
type Edit struct {
	Line   int    `json:"line"`
	Remove int    `json:"remove"`
	Text   string `json:"text"` // whole lines, indented
}

// Apply makes the edits in the text of the file.
func (m *Mount) Apply(src []byte) []byte {
	lines := bytes.SplitAfter(src, []byte("\n"))
	for _, e := range slices.Backward(m.Edits) {
		lines = slices.Replace(lines, e.Line-1, e.Line-1+e.Remove, []byte(e.Text))
	}
	return bytes.Join(lines, nil)
}

// router is one that is known.
type router struct {
	name, path string   // path is the import path, without a major version
	makers     []string // functions that make one
	serves     []string // methods that listen and serve at the address that is their first argument
}

var routers = []router{
	{"chi", "github.com/go-chi/chi", []string{"NewRouter", "NewMux"}, nil},
	{"gin", "github.com/gin-gonic/gin", []string{"Default", "New"}, []string{"Run", "RunTLS"}},
	{"echo", "github.com/labstack/echo", []string{"New"}, []string{"Start", "StartTLS"}},
	{"fiber", "github.com/gofiber/fiber", []string{"New"}, []string{"Listen"}},
	{"gorilla/mux", "github.com/gorilla/mux", []string{"NewRouter"}, nil},
}

func (r router) is(importPath string) bool {
	rest, ok := strings.CutPrefix(importPath, r.path)
	return ok && (rest == "" || len(rest) > 2 && rest[:2] == "/v" && strings.Trim(rest[2:], "0123456789") == "")
}

// place is somewhere that a service serves.
type place struct {
	Mount
	rank int // the best is the highest
}

// maxFile bounds a file that is read, in bytes.
const maxFile = 1 << 20

// Find looks through the module in dir, whose packages of sessions have the import path
// web among them. paths are the routes that will be answered by them.
func Find(dir, web string, paths []string) *Mount {
	var best place
	notes := map[string]string{} // fact -> file
	requires, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
	_ = filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(dir, name)
		switch base := filepath.Base(name); {
		case err != nil || relErr != nil:
			return nil
		case e.IsDir() && rel != ".":
			_, nested := os.Lstat(filepath.Join(name, "go.mod"))
			if base[0] == '.' || base[0] == '_' || base == "vendor" || base == "testdata" || base == "node_modules" ||
				nested == nil {
				return filepath.SkipDir
			}
			return nil
		case !e.Type().IsRegular() || filepath.Ext(base) != ".go" || strings.HasSuffix(base, "_test.go"):
			return nil
		}
		if ok, err := build.Default.MatchFile(filepath.Dir(name), filepath.Base(name)); err != nil || !ok {
			return nil
		}
		if info, err := e.Info(); err != nil || info.Size() > maxFile {
			return nil
		}
		src, err := os.ReadFile(name)
		if err != nil {
			return nil
		}
		f := parse(filepath.ToSlash(rel), src, web)
		if f == nil {
			return nil
		}
		f.remark(paths, notes)
		for _, p := range f.places() {
			if p.rank > best.rank {
				best = p
			}
		}
		return nil
	})
	m := &best.Mount
	if best.rank == 0 {
		m = example(string(requires), web)
	}
	for fact, file := range notes {
		m.Notes = append(m.Notes, file+" "+fact)
	}
	slices.Sort(m.Notes)
	return m
}

// example is for a service whose place to serve was not found.
func example(goMod, web string) *Mount {
	m := &Mount{Router: "net/http", Imports: []string{strconv.Quote(web)}}
	last := "http.ListenAndServe(addr, sessions.Handler(router))"
	for _, r := range routers {
		if strings.Contains(goMod, r.path+" ") || strings.Contains(goMod, r.path+"/v") {
			m.Router = r.name
			if r.name == "fiber" {
				last = "app.Use(adaptor.HTTPMiddleware(sessions.Handler))"
			}
			break
		}
	}
	m.Edits = []Edit{{Text: "sessions := web.MustOpen()\ndefer sessions.Close()\n" + last + "\n"}}
	return m
}

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
	case *ast.AssignStmt: // app := fiber.New()
		name, isName := n.Lhs[0].(*ast.Ident)
		if !isName || f.routers[name.Name].name != "fiber" || !serving || len(n.Rhs) != 1 {
			return p, false
		}
		f.made(name.Name, n.Rhs[0])
		if _, made := n.Rhs[0].(*ast.CallExpr); !made {
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
	if len(call.Args) > 0 {
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

// indented are lines with the indent of a node.
func (f *file) indented(n ast.Node, lines ...string) string {
	at := f.src[f.offset(f.fset.File(n.Pos()).LineStart(f.line(n.Pos()))):f.offset(n.Pos())]
	indent := string(at[:len(at)-len(bytes.TrimLeft(at, " \t"))])
	return indent + strings.Join(lines, "\n"+indent) + "\n"
}

func (f *file) line(p token.Pos) int { return f.fset.Position(p).Line }

func (f *file) offset(p token.Pos) int { return f.fset.Position(p).Offset }

// ownCORS and ownSessions are packages that do some of the same.
var (
	ownCORS = []string{
		"github.com/rs/cors", "github.com/gin-contrib/cors", "github.com/go-chi/cors", "github.com/jub0bs/cors",
		"github.com/gofiber/fiber/v2/middleware/cors", "github.com/gofiber/fiber/v3/middleware/cors",
	}
	ownSessions = []string{
		"github.com/alexedwards/scs", "github.com/gorilla/sessions", "github.com/gin-contrib/sessions",
		"github.com/labstack/echo-contrib/session", "github.com/gofiber/fiber/v2/middleware/session",
		"github.com/gofiber/fiber/v3/middleware/session",
	}
)

const twice = "browsers refuse an answer to which two CORS middlewares add, so take one of them out (SESSIONS.md)"

// remark notes what the service has that concerns whoever mounts.
func (f *file) remark(paths []string, notes map[string]string) {
	note := func(fact string) {
		if notes[fact] == "" || f.name < notes[fact] {
			notes[fact] = f.name
		}
	}
	for _, importPath := range f.imports {
		among := func(list []string) bool {
			return slices.ContainsFunc(list,
				func(p string) bool { return importPath == p || strings.HasPrefix(importPath, p+"/") })
		}
		if among(ownCORS) {
			note("imports " + importPath + ": " + twice)
		}
		if among(ownSessions) {
			note("imports " + importPath + ": SESSIONS.md says how to run both during a move")
		}
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind != token.STRING || err != nil {
				return true
			}
			if _, after, ok := strings.Cut(text, " "); ok && strings.HasPrefix(after, "/") {
				text = after
			}
			if slices.Contains(paths, text) {
				note("has the path " + text + ", which the sessions answer first; change theirs in routes.go, or yours")
			}
			if text == "Access-Control-Allow-Origin" {
				note("sets Access-Control-Allow-Origin: " + twice)
			}
		}
		return true
	})
}
