package service

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Repository is this repository, seen from the directory of a part.
const Repository = "../.."

// Emit writes a project with this store into dir, as its user would, adds the
// routes of the benchmark to it, as its owner would, and returns the binary of
// it. Without sessions the routes do the same but for the session. Visitors are
// signed in by [Open] if the service runs with SIGN_IN=1.
func Emit(ctx context.Context, dir, store string, sessions bool) (binary string, err error) {
	err = Run(ctx, Repository, "go", "run", ".", "new", dir, "--yes", "--module", "example.com/emitted", "--store",
		store)
	if err != nil {
		return "", err
	}
	if err := os.Remove(filepath.Join(dir, ".env")); err != nil {
		return "", err
	}
	web, handlers := filepath.Join(dir, "internal", "web"), bareHandlers
	if sessions {
		handlers = sessionHandlers
		err = edit(web, "type Session struct {\n",
			"$0\tTheme string `json:\"t,omitempty\"`\n\tCount int `json:\"n,omitempty\"`\n")
	} else {
		err = edit(web, "\t\ta.sessions.Middleware,\n", "")
	}
	if err != nil {
		return "", err
	}
	if err := edit(web, "\tmux := http.NewServeMux()\n", "$0\ta.benchRoutes(mux)\n"); err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(web, "bench.go"), []byte(handlers+results), 0o644); err != nil {
		return "", err
	}
	binary = filepath.Join(dir, "service")
	return binary, Run(ctx, dir, "go", "build", "-o", binary, ".")
}

// edit replaces the one place where old is in a Go file of the directory; $0 is
// what was there.
func edit(dir, old, new string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return err
	}
	var path string
	var found []byte
	count := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		if n := bytes.Count(text, []byte(old)); n > 0 {
			path, found, count = file, text, count+n
		}
	}
	if count != 1 {
		return fmt.Errorf("%q is in %s %d times, not once: the template has changed, and so must this benchmark",
			old, dir, count)
	}
	new = strings.ReplaceAll(new, "$0", old)
	return os.WriteFile(path, bytes.Replace(found, []byte(old), []byte(new), 1), 0o644)
}

const sessionHandlers = `package web

import (
	"net/http"
	"net/http/pprof"
	"os"
)

func (a *app) benchRoutes(mux *http.ServeMux) {
	signIn := os.Getenv("SIGN_IN") != ""
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
		if signIn {
			if err := s.SignIn("ann"); err != nil {
				return err
			}
		}
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
	mux.Handle("POST /open", a.answer(func(w http.ResponseWriter, r *http.Request) error {
		return succeed(w, "opened", nil)
	}))
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
