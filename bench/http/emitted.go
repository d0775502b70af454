package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sessionseed/sessionseed/generator"
	"github.com/sessionseed/sessionseed/templates"
)

// emit writes a project with this store into dir, as "sessionseed new" does, and
// adds the routes of the benchmark as its owner would.
func emit(ctx context.Context, dir, store string, sessions bool) error {
	o := generator.Defaults()
	o.Module, o.Store = "example.com/emitted", store
	g := &generator.Generator{Templates: templates.FS(), Version: "bench"}
	tree, err := g.Render(o, generator.Secrets{SessionKey: strings.Repeat("A", 43), AccountPassword: "unused"})
	if err != nil {
		return err
	}
	if err := generator.Create(ctx, dir, tree, false); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil {
		return err
	}
	web := filepath.Join(dir, "internal", "web")
	routes := "\tmux.Handle(\"GET /me\", a.answer(a.getMe))\n"
	if err := edit(filepath.Join(web, "routes.go"), routes, routes+"\ta.benchRoutes(mux)\n"); err != nil {
		return err
	}
	handlers := bareHandlers
	if sessions {
		handlers = sessionHandlers
		head := "type Session struct {\n"
		err = edit(filepath.Join(web, "login.go"), head, head+"\tTheme string `json:\"t,omitempty\"`\n\tCount int `json:\"n,omitempty\"`\n")
	} else {
		err = edit(filepath.Join(web, "routes.go"), "\t\ta.sessions.Middleware,\n", "")
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(web, "bench.go"), []byte(handlers+results), 0o644)
}

// edit replaces the one place where old stands in a file.
func edit(path, old, new string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if bytes.Count(text, []byte(old)) != 1 {
		return fmt.Errorf("%s does not hold %q once: the template has changed, and so must this benchmark", path, old)
	}
	return os.WriteFile(path, bytes.Replace(text, []byte(old), []byte(new), 1), 0o644)
}

const sessionHandlers = `package web

import (
	"net/http"
	"net/http/pprof"
)

func (a *app) benchRoutes(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.Handle("GET /untouched", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		return succeed(w, "who is it", who{"ann", "dark"})
	}))
	mux.Handle("GET /read", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		s := a.sessions.Get(r)
		if s.V.Username != "ann" {
			return errAnonymous
		}
		return succeed(w, "who is it", who{s.V.Username, s.V.Theme})
	}))
	mux.Handle("POST /write", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		s := a.sessions.Get(r)
		s.V.Count++
		return succeed(w, "counted", counted{int64(s.V.Count)})
	}))
	mux.Handle("POST /open", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		s := a.sessions.Get(r)
		s.V.Username, s.V.Theme, s.V.Count = "ann", "dark", 1
		return succeed(w, "opened", nil)
	}))
}
`

const bareHandlers = `package web

import (
	"net/http"
	"net/http/pprof"
	"sync/atomic"
)

func (a *app) benchRoutes(mux *http.ServeMux) {
	var count atomic.Int64
	same := a.answer(func(w http.ResponseWriter, r *http.Request) error {
		return succeed(w, "who is it", who{"ann", "dark"})
	})
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.Handle("GET /untouched", same)
	mux.Handle("GET /read", same)
	mux.Handle("POST /write", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		return succeed(w, "counted", counted{count.Add(1)})
	}))
	mux.Handle("POST /open", a.answer(func(w http.ResponseWriter, r *http.Request) error { return succeed(w, "opened", nil) }))
}
`

// results ends both files.
const results = `
type who struct {
	User  string ` + "`json:\"user\"`" + `
	Theme string ` + "`json:\"theme\"`" + `
}

type counted struct {
	Count int64 ` + "`json:\"count\"`" + `
}
`
