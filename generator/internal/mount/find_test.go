package mount

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// service writes the files of a module, go.mod among them, into a directory.
func service(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// mainOf is a main function that imports packages.
func mainOf(imports, body string) string {
	text := "package main\n\nimport (\n"
	for path := range strings.FieldsSeq(imports) {
		text += "\t\"" + path + "\"\n"
	}
	return text + ")\n\nfunc main() {\n\t" + strings.ReplaceAll(body, "\n", "\n\t") + "\n}\n"
}

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		name, imports, body string
		router              string
		want                string   // the body afterwards
		needs               []string // imports besides the one of the sessions
	}{
		{"net/http", "net/http", "mux := http.NewServeMux()\n" + `log.Fatal(http.ListenAndServe(":80", mux))`,
			"net/http",
			"mux := http.NewServeMux()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`log.Print(http.ListenAndServe(":80", sessions.Handler(mux)))`, nil},
		{"log.Fatalf", "log net/http", `log.Fatalf("serve: %v", http.ListenAndServe(":80", mux))`, "net/http",
			"sessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`log.Printf("serve: %v", http.ListenAndServe(":80", sessions.Handler(mux)))`, nil},
		{"another's Fatal", "net/http", `blog.Fatal(http.ListenAndServe(":80", mux))`, "net/http",
			"sessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`blog.Fatal(http.ListenAndServe(":80", sessions.Handler(mux)))`, nil},
		{"echo's Fatal", "github.com/labstack/echo/v4", "e := echo.New()\ne.Logger.Fatal(e.Start(\":80\"))", "echo",
			"e := echo.New()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`e.Logger.Error(http.ListenAndServe(":80", sessions.Handler(e)))`, []string{`"net/http"`}},
		{"fiber's Listen", "log github.com/gofiber/fiber/v3",
			"app := fiber.New()\nlog.Fatal(app.Listen(addr))", "fiber",
			"app := fiber.New()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				"app.Use(adaptor.HTTPMiddleware(sessions.Handler))\nlog.Fatal(app.Listen(addr))",
			[]string{`"github.com/gofiber/fiber/v3/middleware/adaptor"`}},
		{"the default mux", "net/http", `http.ListenAndServeTLS(":80", "a", "b", nil)`, "net/http",
			"sessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`http.ListenAndServeTLS(":80", "a", "b", sessions.Handler(http.DefaultServeMux))`, nil},
		{"a server of several lines", "net/http github.com/go-chi/chi/v5",
			"r := chi.NewRouter()\ns := &http.Server{\n\tAddr: addr,\n\tHandler: r,\n}\ns.ListenAndServe()", "chi",
			"r := chi.NewRouter()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				"s := &http.Server{\n\tAddr: addr,\n\tHandler: sessions.Handler(r),\n}\ns.ListenAndServe()", nil},
		{"gin", "github.com/gin-gonic/gin", "r := gin.Default()\nr.Run()", "gin",
			"r := gin.Default()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				`http.ListenAndServe(":8080", sessions.Handler(r))`, []string{`"net/http"`}},
		{"echo, started in the background", "github.com/labstack/echo/v4",
			"e := echo.New()\ngo func() {\n\te.StartTLS(addr, cert, key)\n}()", "echo",
			"e := echo.New()\ngo func() {\n\tsessions := web.MustOpen()\n\tdefer sessions.Close()\n" +
				"\thttp.ListenAndServeTLS(addr, cert, key, sessions.Handler(e))\n}()", []string{`"net/http"`}},
		{"fiber", "github.com/gofiber/fiber/v3", "app := fiber.New()\napp.Listen(addr)", "fiber",
			"app := fiber.New()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				"app.Use(adaptor.HTTPMiddleware(sessions.Handler))\napp.Listen(addr)",
			[]string{`"github.com/gofiber/fiber/v3/middleware/adaptor"`}},
		{"gorilla", "net/http github.com/gorilla/mux", "r := mux.NewRouter()\nhttp.Serve(l, r)", "gorilla/mux",
			"r := mux.NewRouter()\nsessions := web.MustOpen()\ndefer sessions.Close()\n" +
				"http.Serve(l, sessions.Handler(r))", nil},
		{"names that are taken", "net/http example.com/web",
			"sessions := 1\nhttp.Serve(l, web.Mux(sessions))", "net/http",
			"sessions := 1\nvisits := sessionweb.MustOpen()\ndefer visits.Close()\n" +
				"http.Serve(l, visits.Handler(web.Mux(sessions)))", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := mainOf(tt.imports, tt.body)
			dir := service(t, map[string]string{"go.mod": "module example.com/shop\n", "cmd/main.go": src})
			m := Find(dir, "example.com/shop/internal/web", nil)
			if m.Router != tt.router || m.File != "cmd/main.go" {
				t.Fatalf("Find = %s in %q, want %s in cmd/main.go", m.Router, m.File, tt.router)
			}
			if !strings.Contains(m.Imports[0], `"example.com/shop/internal/web"`) ||
				strings.Join(m.Imports[1:], " ") != strings.Join(tt.needs, " ") {
				t.Errorf("imports %q, want example.com/shop/internal/web and then %q", m.Imports, tt.needs)
			}
			got := string(m.Apply([]byte(src)))
			if want := mainOf(tt.imports, tt.want); got != want {
				t.Errorf("after the edits:\n%s\nwant:\n%s", got, want)
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "", got, 0); err != nil {
				t.Error(err)
			}
			said := strings.Contains(strings.Join(m.Notes, "\n"), "skip the deferred Close")
			if fatal := strings.Contains(tt.body, "Fatal") && !strings.Contains(tt.body, "blog"); said != fatal {
				t.Errorf("notes %q say that log.Fatal would skip the deferred Close: %t, want %t", m.Notes, said, fatal)
			}
		})
	}
}

// A function on one line gets lines of its own.
func TestFindOnOneLine(t *testing.T) {
	const src = "package main\n\nimport \"net/http\"\n\nfunc main() { http.ListenAndServe(\":80\", nil) } // all\n"
	m := Find(service(t, map[string]string{"go.mod": "module m\n", "main.go": src}), "m/web", nil)
	want := "package main\n\nimport \"net/http\"\n\nfunc main() {\n" +
		"\tsessions := web.MustOpen()\n\tdefer sessions.Close()\n" +
		"\thttp.ListenAndServe(\":80\", sessions.Handler(http.DefaultServeMux))\n} // all\n"
	if got := string(m.Apply([]byte(src))); got != want {
		t.Errorf("after the edits:\n%s\nwant:\n%s", got, want)
	}
}

// Where no place that serves is found, or only one in a function that returns at once,
// so that its deferred calls would run too early, an example is shown.
func TestFindNothing(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing": {"go.mod": "module m\n\nrequire github.com/go-chi/chi/v5 v5.0.0\n", "m.go": "package m\n"},
		"a server that is returned": {"go.mod": "module m\n\nrequire github.com/go-chi/chi/v5 v5.0.0\n",
			"m.go": "package m\n\nimport \"net/http\"\n\nfunc f() *http.Server { return &http.Server{Handler: h} }\n"},
		"another module, another system, a test, what others wrote": {
			"go.mod":        "module m\n\nrequire github.com/go-chi/chi/v5 v5.0.0\n",
			"sub/go.mod":    "module n\n",
			"sub/main.go":   mainOf("net/http", "http.Serve(l, nil)"),
			"m_plan9.go":    mainOf("net/http", "http.Serve(l, nil)"),
			"m_test.go":     mainOf("net/http", "http.Serve(l, nil)"),
			"vendor/v/v.go": mainOf("net/http", "http.Serve(l, nil)"),
			"ignored.go":    "//go:build ignore\n\n" + mainOf("net/http", "http.Serve(l, nil)"),
			"broken.go":     "package m\n\nfunc {",
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := Find(service(t, files), "m/internal/web", nil)
			if m.File != "" || m.Router != "chi" || !strings.Contains(m.Edits[0].Text, "sessions.Handler(router)") {
				t.Errorf("Find = %+v, want an example for chi", m)
			}
		})
	}
}

func TestFindNotes(t *testing.T) {
	src := mainOf("net/http github.com/rs/cors github.com/alexedwards/scs/v2",
		`http.HandleFunc("POST /login", f); r.Get("/code", f); r.Delete("/account", f); e.Any("/email", f)`+"\n"+
			`w.Header().Set("Access-Control-Allow-Origin", "*")`)
	m := Find(service(t, map[string]string{"go.mod": "module m\n", "main.go": src}), "m/web",
		[]string{"POST /login", "GET /me", "POST /code", "DELETE /account", "POST /email"})
	all := strings.Join(m.Notes, "\n")
	for _, want := range []string{"imports github.com/rs/cors", "imports github.com/alexedwards/scs/v2",
		"path /login, where the sessions answer POST", "path /account", "path /email",
		"sets Access-Control-Allow-Origin"} {
		if !strings.Contains(all, want) {
			t.Errorf("the notes lack %q:\n%s", want, all)
		}
	}
	for _, other := range []string{"/me", "/code"} {
		if strings.Contains(all, other) {
			t.Errorf("the notes speak of %s:\n%s", other, all)
		}
	}
}

// What is shown for a place that was not found compiles, too.
func TestExampleForFiber(t *testing.T) {
	for _, version := range []string{"v2", "v3"} {
		goMod := "module m\n\nrequire github.com/gofiber/fiber/" + version + " " + version + ".0.0\n"
		m := Find(service(t, map[string]string{"go.mod": goMod, "main.go": "package main\n"}), "m/web", nil)
		want := strconv.Quote("github.com/gofiber/fiber/" + version + "/middleware/adaptor")
		if m.Router != "fiber" || !slices.Contains(m.Imports, want) {
			t.Errorf("%s: router %q, imports %q, want %s among them", version, m.Router, m.Imports, want)
		}
	}
}

// Fiber runs Use only for routes that are registered later, so that an app that comes from
// elsewhere, with its routes, is not the place.
func TestFiberAppWithRoutes(t *testing.T) {
	src := "package main\n\nimport \"github.com/gofiber/fiber/v3\"\n\n" +
		"func newApp() *fiber.App {\n\tapp := fiber.New()\n\tapp.Get(\"/\", nil)\n\treturn app\n}\n\n" +
		"func main() {\n\tapp := newApp()\n\tapp.Listen(\":80\")\n}\n"
	goMod := "module m\n\nrequire github.com/gofiber/fiber/v3 v3.0.0\n"
	m := Find(service(t, map[string]string{"go.mod": goMod, "main.go": src}), "m/web", nil)
	if m.Router != "fiber" || m.File != "" {
		t.Errorf("router %q in %q, edits %+v", m.Router, m.File, m.Edits)
	}
}

// log.Fatal around a server that stays as it is would skip the deferred Close.
func TestFatalAroundAServer(t *testing.T) {
	src := mainOf("log net/http", "srv := &http.Server{Addr: \":8080\", Handler: http.NewServeMux()}\n"+
		"log.Fatal(srv.ListenAndServe())")
	m := Find(service(t, map[string]string{"go.mod": "module m\n", "main.go": src}), "m/web", nil)
	const want = "write log.Print there"
	if all := strings.Join(m.Notes, "\n"); !strings.Contains(all, want) {
		t.Errorf("the notes lack %q:\n%s", want, all)
	}
}

// So would one around lines of which some are edited; and one in another program does not
// concern the sessions.
func TestFatalElsewhere(t *testing.T) {
	serve := mainOf("net/http os", "if err := http.ListenAndServe(\":80\", http.NewServeMux()); err != nil {\n"+
		"\tos.Exit(1)\n}")
	metrics := mainOf("log net/http", "srv := &http.Server{Addr: \":9090\"}\nlog.Fatal(srv.ListenAndServe())")
	own := mainOf("log net/http os", "logger := log.New(os.Stderr, \"\", 0)\n"+
		"srv := &http.Server{Addr: \":80\", Handler: http.NewServeMux()}\nlogger.Fatal(srv.ListenAndServe())")
	lines := mainOf("log net/http", "log.Fatalln(http.ListenAndServe(\n\t\":80\",\n\thttp.NewServeMux()))")
	for want, files := range map[string]map[string]string{
		"":            {"cmd/api/main.go": serve, "cmd/metrics/main.go": metrics},
		"cmd/main.go": {"cmd/main.go": lines},
		"has logger.Fatal where it serves, which would skip the deferred Close: write a call there": {"main.go": own},
	} {
		files["go.mod"] = "module m\n"
		m := Find(service(t, files), "m/web", nil)
		all := strings.Join(m.Notes, "\n")
		if want == "" && strings.Contains(all, "log.Fatal") || !strings.Contains(all, want) || m.File == "" {
			t.Errorf("%s: the notes are\n%s", m.File, all)
		}
	}
}

// A module whose path only begins like that of a router is none, and hides none.
func TestExampleAmongOthers(t *testing.T) {
	for require, want := range map[string]string{
		"github.com/labstack/echo-contrib v0.17.0\n\tgithub.com/labstack/echo/v4 v4.13.0": "echo",
		"github.com/labstack/echo-contrib v0.17.0":                                        "net/http",
		"github.com/gofiber/fiber/v2 v2.52.0 // indirect":                                 "net/http",
		"example.com/x v1.0.0\n)\n// github.com/gin-gonic/gin":                            "net/http",
	} {
		goMod := "module m\n\nrequire (\n\t" + require
		dir := service(t, map[string]string{"go.mod": goMod, "main.go": "package main\n"})
		if m := Find(dir, "m/web", nil); m.Router != want {
			t.Errorf("%s: router %q, want %q", require, m.Router, want)
		}
	}
}
