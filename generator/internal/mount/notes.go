package mount

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

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

var httpMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}

const twice = "two CORS middlewares are one too many: take it out, as SESSIONS.md says"

// servesIn reports whether one of the arguments is a call that serves and stays as it is:
// Listen of fiber's, or ListenAndServe and the like of an http.Server.
func (f *file) servesIn(args []ast.Expr) bool {
	return slices.ContainsFunc(args, func(e ast.Expr) bool {
		call, _ := e.(*ast.CallExpr)
		if call == nil {
			return false
		}
		s, _ := call.Fun.(*ast.SelectorExpr)
		if s == nil {
			return false
		}
		x, _ := s.X.(*ast.Ident)
		if x == nil || f.imports[x.Name] != "" {
			return false
		}
		_, ofServer := handlerAt[s.Sel.Name]
		return ofServer || s.Sel.Name == "Listen" && f.routers[x.Name].name == "fiber"
	})
}

// remark notes what the service has that concerns whoever mounts, and returns its exits.
func (f *file) remark(routes []string, notes map[string]string) (exits []exit) {
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
	methods := map[ast.Expr]string{} // of paths, where a router has a function for each, as in r.Get("/login", page)
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.CallExpr:
			s, ok := n.Fun.(*ast.SelectorExpr)
			if ok && len(n.Args) > 0 && slices.Contains(httpMethods, strings.ToUpper(s.Sel.Name)) {
				methods[n.Args[0]] = strings.ToUpper(s.Sel.Name)
			}
			if ok && strings.HasPrefix(s.Sel.Name, "Fatal") {
				text := skips("log.Fatal") + "write log.Print there"
				if importPath, _ := f.selects(n.Fun); importPath != "log" {
					called := string(f.src[f.offset(n.Fun.Pos()):f.offset(n.Fun.End())])
					text = skips(called) + "write a call there that does not exit"
				}
				exits = append(exits, exit{f.name, text, f.line(n.Pos()), f.line(n.End()), f.servesIn(n.Args)})
			}
		case *ast.BasicLit:
			text, err := strconv.Unquote(n.Value)
			if n.Kind != token.STRING || err != nil {
				return true
			}
			if route := answered(routes, methods[n], text); route != "" {
				method, path, _ := strings.Cut(route, " ")
				note("has the path " + path + ", where the sessions answer " + method + " first, unless a group is " +
					"before it; change theirs, in the new package web, or yours")
			}
			if text == "Access-Control-Allow-Origin" {
				note("sets Access-Control-Allow-Origin: " + twice)
			}
		}
		return true
	})
	return exits
}

// answered is the one of the routes that answers requests for a route of the owner's, or
// "". Without a method theirs is for any.
func answered(routes []string, method, pattern string) string {
	path := pattern
	if before, after, ok := strings.Cut(pattern, " "); ok && strings.HasPrefix(after, "/") {
		method, path = before, after
	}
	for _, route := range routes {
		if m, p, _ := strings.Cut(route, " "); p == path && (method == "" || method == m) {
			return route
		}
	}
	return ""
}
