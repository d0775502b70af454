package regenerate_test

import (
	"fmt"
	"go/ast"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/imports"
)

// ownersEdit is one edit of an owner. The lines of it that a run must not lose bear
// the word acme.
type ownersEdit struct {
	name string
	// edit reports whether the project has the place.
	edit func(p pages) bool
	// files are those of the default project that it changes.
	files map[string]bool
}

// ownersEdits are the edits that an owner makes in a year. The places of some
// are those that the default project has: each route, each middleware. An edit
// that the project does not invite begins with the word "uninvited".
func ownersEdits(t testing.TB, p pages) []ownersEdit {
	var list []ownersEdit
	add := func(name string, edits ...func(pages) bool) {
		e := ownersEdit{name, func(p pages) bool {
			for _, edit := range edits {
				if !edit(p) {
					return false
				}
			}
			return true
		}, map[string]bool{}}
		edited := p.clone()
		if !e.edit(edited) {
			t.Errorf("the default project has no place for %q", name)
		}
		for name, text := range edited {
			if old, ok := p[name]; !ok || old != text {
				e.files[name] = true
			}
		}
		for name := range p {
			if _, ok := edited[name]; !ok {
				e.files[name] = true
			}
		}
		list = append(list, e)
	}
	const web = "internal/web/"
	routes, session, login, account := web+"routes.go", web+"session.go", web+"login.go", "internal/account/env/env.go"

	// Fields of Session.
	field := "\tAcme string `json:\"acme\"`\n"
	add("session field at the start", behind(session, "type Session struct {", field))
	for _, line := range between(p[session], "type Session struct {", "}") {
		add("session field behind "+line, behind(session, line, field))
	}
	add("session field that is long",
		behind(session, "type Session struct {", "\tAcmeAndASonAndDaughters map[string][]string `json:\"acme\"`\n"))
	add("session field in a group of its own",
		behind(session, "type Session struct {", "\t// Acme is what we sell.\n"+field+"\n"))
	add("session field in a group at the end", before(session, "}", "\n"+field))
	add("session field with comments",
		behind(session, "type Session struct {", "\t// acme above\n"+
			"\tAcme string `json:\"acme\"` // acme beside\n\t// acme below\n"))
	add("what a session starts with",
		behind(session, "c.Store = a.store", "\tc.AutoCommit = c.AutoCommit || false // acme\n"))

	// Fields of app, and their values.
	add("app field at the start", behind(routes, "type app struct {", "\tacme string\n"))
	for _, line := range between(p[routes], "type app struct {", "}") {
		add("app field behind "+line, behind(routes, line, "\tacme string\n"))
	}
	add("app field in a group of its own",
		behind(routes, "type app struct {", "\t// acme is long.\n\tacmeAndASonAndDaughters map[string][]string\n\n"))
	for _, line := range between(p[routes], "a := &app{", "}") {
		add("app value behind "+line,
			behind(routes, "type app struct {", "\tacmeValue int\n"),
			behind(routes, line, "\t\tacmeValue: 1,\n"))
	}
	add("app value before the return",
		behind(routes, "type app struct {", "\tacmeLater int\n"),
		before(routes, "return a, errors.Join(errs[:]...)", "\ta.acmeLater = 1\n"))

	// Routes.
	route := "\tmux.Handle(\"GET /acme\", http.NotFoundHandler())\n"
	all := lines(p[routes], func(line string) bool { return strings.HasPrefix(line, "mux.Handle(") })
	add("route before the first", before(routes, all[0], route))
	for _, line := range all {
		add("route behind "+line, behind(routes, line, route))
		pattern, handler, _ := strings.Cut(strings.TrimSuffix(line, ")"), ", ")
		add("route over several lines "+line, instead(routes, line, "\t"+pattern+", // acme\n\t\t"+handler+",\n\t)\n"))
	}
	add("route at the end", before(routes, "return mux", route))
	add("route with a handler", behind(routes, all[0], "\tmux.Handle(\"GET /acme\", a.answer(a.getAcme))\n"),
		atEnd(login, "\n// getAcme answers.\n"+
			"func (a *app) getAcme(w http.ResponseWriter, r *http.Request) error {\n"+
			"\treturn succeed(w, \"acme\", nil)\n}\n"))
	add("routes in a file of their own", before(routes, "return mux", "\ta.acmeRoutes(mux)\n"),
		ownFile(web+"acme.go", "package web\n\nimport \"net/http\"\n\n"+
			"func (a *app) acmeRoutes(mux *http.ServeMux) {\n"+route+"}\n"))

	// Middleware.
	acme := ownFile(web+"acme_middleware.go",
		"package web\n\nimport \"net/http\"\n\nfunc acme(next http.Handler) http.Handler { return next }\n")
	for i, line := range between(p[routes], "stack := []func(http.Handler) http.Handler{", "}") {
		if i == 0 {
			add("middleware before the first", acme, before(routes, line, "\t\tacme,\n"))
		}
		add("middleware behind "+line, acme, behind(routes, line, "\t\tacme,\n"))
	}
	add("middleware around the routes", acme,
		before(routes, "var h http.Handler = a.routes()", "\tstack = append(stack, acme)\n"))
	add("header of the front end",
		instead(web+"middleware.go", `headers := []string{"Content-Type"}`,
			"\theaders := []string{\"Content-Type\", \"X-Acme\"}\n"))

	// Own users.
	add("own users",
		replaced("main.go", "web.New(cfg, sessions, accounts, log)", "web.New(cfg, sessions, acme{accounts}, log)"),
		ownFile("acme.go", "package main\n\nimport \"{module}/internal/web\"\n\n"+
			"type acme struct{ web.Authenticator }\n"))
	add("own hash", replaced(account, "hashIterations = 600_000", "hashIterations = 700_000 // acme"))

	// Handlers and main.go are the owner's too.
	add("statement in the login", before(login, "s.V.Username = name", "\ta.log.Debug(\"acme\")\n"))
	add("field of the profile", behind(login, "type profile struct {", "\tAcme string `json:\"acme\"`\n"))
	add("statement in main",
		before("main.go", "cfg, cfgErr := config.Load(c.getenv)", "\tfmt.Fprintln(c.stderr, \"acme\")\n"))
	add("statement beside the store",
		before("main.go", "sessions, err := store.Open(ctx, cfg.StoreURL)", "\tlog.Debug(\"acme\")\n"))

	// Imports, in every group; gofmt sorts them.
	for _, name := range []string{routes, session, "main.go"} {
		for _, path := range []string{"bufio", "io/fs", "unicode/utf8",
			"{module}/acme", "{module}/internal/macme", "{module}/internal/zacme"} {
			add(name+": import of "+path, ownImport(name, path))
		}
		add(name+": import in a group of its own", replaced(name, "\n)\n", "\n\n\t_ \"sync/atomic\" // acme\n)\n"))
	}

	// Comments.
	decls := lines(p[routes], func(line string) bool {
		return strings.HasPrefix(line, "func ") || strings.HasPrefix(line, "type ")
	})
	var above, beside, below []func(pages) bool
	for i, line := range decls {
		above = append(above, before(routes, line, fmt.Sprintf("// acme %d\n", i)))
		below = append(below, behind(routes, line, fmt.Sprintf("\t// acme %d\n", i)))
	}
	inside := slices.Concat(all, between(p[routes], "type app struct {", "}"),
		between(p[routes], "stack := []func(http.Handler) http.Handler{", "}"))
	for i, line := range inside {
		above = append(above, before(routes, line, fmt.Sprintf("\t// acme inside %d\n", i)))
		below = append(below, behind(routes, line, fmt.Sprintf("\t// acme inside %d\n", i)))
		if !strings.Contains(line, "//") {
			beside = append(beside, instead(routes, line, fmt.Sprintf("\t%s // acme inside %d\n", line, i)))
		}
	}
	add("comments above", above...)
	add("comments beside", beside...)
	add("comments below", below...)
	for _, name := range []string{session, login, account, web + "middleware.go", "main.go", "serve.go"} {
		add("comment at the end of "+name, atEnd(name, "\n// acme\n"))
		add("comment at the start of "+name, atStart(name, "// acme\n\n"))
	}

	// README.
	const readme = "README.md"
	title := strings.TrimSpace(strings.SplitN(p[readme], "\n", 2)[0])
	first := strings.Split(p[readme], "\n\n")[1]
	add("README: paragraph before the first", behind(readme, title, "\nWe are acme.\n"))
	add("README: paragraph behind the first", func(p pages) bool {
		paragraphs := strings.SplitN(p[readme], "\n\n", 3)
		p[readme] = strings.Join(slices.Insert(paragraphs, 2, "We are acme."), "\n\n")
		return true
	})
	add("README: own words for the first", func(p pages) bool {
		if !strings.Contains(p[readme], first) {
			return false
		}
		p[readme] = strings.Replace(p[readme], first, "The service of acme.", 1)
		return true
	})
	for _, line := range lines(p[readme], func(line string) bool { return strings.HasPrefix(line, "## ") }) {
		add("README: section before "+line, before(readme, line, "## Acme\n\nWe are acme.\n\n"))
		add("README: paragraph at the start of "+line, behind(readme, line, "\nWe are acme.\n"))
		add("README: paragraph at the end of the section before "+line, before(readme, line, "We are acme.\n\n"))
	}
	add("README: section at the end", atEnd(readme, "\n## Acme\n\nWe are acme.\n"))
	ofAnOption := regexp.MustCompile("`(PUBLIC_URL|CORS_ORIGINS|COOKIE_NAME|STORE_URL|TRUST_PROXY)`")
	for _, table := range regexp.MustCompile(`(?m)^\|---.*\n((\|.*\n)+)`).FindAllStringSubmatch(p[readme], -1) {
		rows := strings.Split(strings.TrimSpace(table[1]), "\n")
		for i, row := range rows {
			invited := "README: "
			if strings.Contains(rows[0], "`GET /code`") || ofAnOption.MatchString(row) ||
				i+1 < len(rows) && ofAnOption.MatchString(rows[i+1]) {
				invited = "uninvited: README: "
			}
			name, _, _ := strings.Cut(row[1:], "|")
			add(invited+"row behind that of "+strings.TrimSpace(name),
				behind(readme, row, strings.Repeat("| acme ", strings.Count(row, "|")-1)+"|\n"))
		}
	}

	// The other texts.
	for _, f := range []struct{ name, own string }{
		{".env", "ACME=1\n"}, {".env.example", "ACME=\n"}, {".gitignore", "acme/\n"},
	} {
		add(f.name+": at the start", atStart(f.name, f.own))
		add(f.name+": at the end", atEnd(f.name, f.own))
		for _, line := range lines(p[f.name], func(line string) bool { return line != "" && line[0] != '#' }) {
			name := f.name + ": behind " + line
			if line == "/shop" { // the name of the project, which follows the module path
				name = "uninvited: " + name
			}
			add(name, behind(f.name, line, f.own))
		}
	}
	add(".env.example: comment in", func(p pages) bool {
		p[".env.example"] += "# acme\nACME_KEY=\n"
		return true
	})
	const compose = "compose.yaml"
	add("compose: service", replaced(compose, "\nvolumes:\n", "\n  acme:\n    image: acme\n\nvolumes:\n"))
	add("compose: volume", atEnd(compose, "  acme: {}\n"))
	add("compose: port", behind(compose, `- "127.0.0.1:8080:8080"`, "      - \"127.0.0.1:9090:9090\" # acme\n"))
	add("compose: file of settings", instead(compose, "env_file: .env", "    env_file: [.env, acme.env]\n"))
	add("compose: key of the service", behind(compose, "build: .", "    hostname: acme\n"))
	const workflow = ".github/workflows/ci.yml"
	for _, line := range lines(p[workflow], func(line string) bool { return strings.HasPrefix(line, "- name:") }) {
		add("workflow: step before "+line, before(workflow, line, "      - name: Acme\n"))
	}
	add("workflow: step at the end", atEnd(workflow, "      - name: Acme\n"))
	add("workflow: job", atEnd(workflow, "  acme:\n    runs-on: ubuntu-latest # acme\n"))
	add("Dockerfile: step of the build", behind("Dockerfile", "COPY . .", "RUN acme\n"))
	add("Dockerfile: file of the image",
		behind("Dockerfile", "COPY --from=build /out/service /service", "COPY acme /acme\n"))
	add("Dockerfile: variable", before("Dockerfile", "USER 65532:65532", "ENV ACME=1\n"))
	add("Dockerfile: label", atEnd("Dockerfile", "LABEL acme=1\n"))
	add("dockerignore: file", atEnd(".dockerignore", "!acme\n"))

	uninvitedEdits(add, p)
	return list
}

// uninvitedEdits are those that people make nonetheless.
func uninvitedEdits(add func(string, ...func(pages) bool), p pages) {
	const web = "internal/web/"
	routes := web + "routes.go"
	for _, name := range []string{"getMe", "postLogin", "postLogout"} {
		add("uninvited: handler moved, "+name, moved(web+"login.go", web+"acme.go", name))
	}
	add("uninvited: routes.go split in two", moved(routes, web+"acme.go", "handler"))
	for _, name := range []string{routes, web + "session.go", web + "login.go", web + "captcha.go",
		"main.go", "README.md"} {
		add("uninvited: file renamed, "+name, func(p pages) bool {
			text, ok := p[name]
			delete(p, name)
			p[path.Join(path.Dir(name), "acme_"+path.Base(name))] = text
			return ok
		})
	}
	for _, name := range []string{routes, web + "session.go", web + "login.go"} {
		add("uninvited: receiver renamed, "+name, func(p pages) bool {
			_, ok := p[name]
			p.rename(name, func(d ast.Decl) (string, string) {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && len(fn.Recv.List[0].Names) > 0 {
					return fn.Recv.List[0].Names[0].Name, "acme"
				}
				return "", ""
			})
			return ok
		})
	}
	for _, name := range []string{"app", "Session", "visit"} {
		add("uninvited: type renamed, "+name, func(p pages) bool {
			for file := range p {
				if path.Dir(file) == path.Dir(routes) && path.Ext(file) == ".go" {
					p.rename(file, func(ast.Decl) (string, string) { return name, "Acme" + name })
				}
			}
			return true
		})
	}
	add("uninvited: another logger in one file",
		rewrite(web+"login.go", `a\.log\.InfoContext\(r\.Context\(\), `, "acmeLog(a, "),
		ownFile(web+"acme.go", "package web\n\n"+
			"func acmeLog(a *app, text string, args ...any) { a.log.Info(text, args...) }\n"))
	everywhere := func(f func(text string) string) func(pages) bool {
		f = remembered(f)
		return func(p pages) bool {
			for name, text := range p {
				if path.Ext(name) == ".go" && !strings.Contains(text, "DO NOT EDIT") {
					p.put(name, f(text))
				}
			}
			return true
		}
	}
	oneGroup := func(text string) string {
		start := strings.Index(text, "import (\n")
		if start < 0 {
			return text
		}
		end := start + strings.Index(text[start:], "\n)")
		return text[:start] + strings.ReplaceAll(text[start:end], "\n\n", "\n") + text[end:]
	}
	add("uninvited: imports in one group", everywhere(oneGroup))
	add("uninvited: imports as goimports groups them", everywhere(func(text string) string {
		options := &imports.Options{FormatOnly: true, Comments: true, TabIndent: true, TabWidth: 8}
		done, err := imports.Process("any.go", []byte(oneGroup(text)), options)
		if err != nil {
			panic(err)
		}
		return string(done)
	}))
	add("uninvited: a blank line behind each block", everywhere(func(text string) string {
		return regexp.MustCompile(`(?m)^(\t+)\}\n(\t+[^\s})])`).ReplaceAllString(text, "$1}\n\n$2")
	}))
	add("uninvited: each parameter on a line", everywhere(func(text string) string {
		signature := regexp.MustCompile(`(?m)^(func (?:\([^()]+\) )?\w+)\(([^()\n]+, [^()\n]+)\) ([^{}\n]*)\{$`)
		return signature.ReplaceAllString(text, "$1(\n$2,\n) $3{")
	}))
}
