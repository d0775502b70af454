package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// values is a session of three small values.
type values struct {
	User  string `json:"user,omitempty"`
	Count int    `json:"count,omitempty"`
	Theme string `json:"theme,omitempty"`
}

var body = []byte("ok")

// running is one handler and the requests that it answers in turn, each of
// another visitor.
type running struct {
	handler  http.Handler
	requests []*http.Request
}

// round answers n requests.
func (s running) round(n int) {
	w := &discard{h: make(http.Header)}
	for i := range n {
		clear(w.h)
		s.handler.ServeHTTP(w, s.requests[i%len(s.requests)])
	}
}

// many is how many visitors take turns on the route "read of many". Our core
// notes what a thousand sessions decoded to; with five times as many it decodes
// the session at nearly each request, as when a visitor was away for long.
const many = batch

// discard is a ResponseWriter that costs nothing.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// route is what a handler does with its session.
type route string

const (
	untouched route = "untouched"
	read      route = "read"
	write     route = "write"
	readMany  route = "read of many"
)

func bare(w http.ResponseWriter, _ *http.Request) { w.Write(body) }

// library makes the routes of one library, and requests of n visitors who have a
// session with it.
type library func(n int) (map[route]http.Handler, []*http.Request, error)

// subject is what is measured. It is built in a process of its own, so that no
// garbage collection pays for what another one keeps.
type subject struct {
	name  string
	build func() (running, error)
}

// subjects returns the bare handler, the floor, and the libraries' routes. All
// but the first two serve a visitor with a session.
func subjects() []subject {
	all := []subject{
		{"bare", func() (running, error) {
			return running{http.HandlerFunc(bare), []*http.Request{httptest.NewRequest("GET", "/", nil)}}, nil
		}},
		{"floor of a read", floor},
	}
	libraries := []struct {
		name string
		make library
	}{{"ours", ours}, {"scs", ofSCS}, {"gorilla", gorilla}, {"gin", ofGin}}
	for _, r := range []route{untouched, read, readMany, write} {
		for i, l := range libraries {
			if r == readMany && i > 1 {
				continue // theirs is in the cookie, or has nothing that it could keep
			}
			all = append(all, subject{l.name + " " + string(r), func() (running, error) {
				visitors, like := 1, r
				if r == readMany {
					visitors, like = many, read
				}
				handlers, requests, err := l.make(visitors)
				if err != nil {
					return running{}, err
				}
				return running{handlers[like], requests}, nil
			}})
		}
	}
	return all
}

func ours(n int) (map[route]http.Handler, []*http.Request, error) {
	store, err := memory.Open(context.Background(), "")
	if err != nil {
		return nil, nil, err
	}
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[values](cfg)
	if err != nil {
		return nil, nil, err
	}
	count := 0 // no two visitors have the same values
	known, err := open(n, m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		m.Get(r).V = values{User: "ann", Count: count, Theme: "dark"}
	})))
	if err != nil {
		return nil, nil, err
	}
	routes := map[route]http.HandlerFunc{
		untouched: bare,
		read: func(w http.ResponseWriter, r *http.Request) {
			if m.Get(r).V.User != "ann" {
				panic("the session was not found")
			}
			w.Write(body)
		},
		write: func(w http.ResponseWriter, r *http.Request) {
			m.Get(r).V.Count++
			w.Write(body)
		},
	}
	return wrap(m.Middleware, routes), known, nil
}

func ofSCS(n int) (map[route]http.Handler, []*http.Request, error) {
	m := scs.New()
	m.Store = memstore.NewWithCleanupInterval(0)
	m.Lifetime = 24 * time.Hour
	count := 0
	known, err := open(n, m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "count", count)
		m.Put(r.Context(), "theme", "dark")
	})))
	if err != nil {
		return nil, nil, err
	}
	routes := map[route]http.HandlerFunc{
		untouched: bare,
		read: func(w http.ResponseWriter, r *http.Request) {
			if m.GetString(r.Context(), "user") != "ann" {
				panic("the session was not found")
			}
			w.Write(body)
		},
		write: func(w http.ResponseWriter, r *http.Request) {
			m.Put(r.Context(), "count", m.GetInt(r.Context(), "count")+1)
			w.Write(body)
		},
	}
	return wrap(m.LoadAndSave, routes), known, nil
}

func wrap(middleware func(http.Handler) http.Handler, routes map[route]http.HandlerFunc) map[route]http.Handler {
	all := make(map[route]http.Handler)
	for r, h := range routes {
		all[r] = middleware(h)
	}
	return all
}

// open makes n sessions and returns a request of each.
func open(n int, h http.Handler) ([]*http.Request, error) {
	var all []*http.Request
	for range n {
		r, err := openOne(h)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

func openOne(h http.Handler) (*http.Request, error) {
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, httptest.NewRequest("GET", "/", nil))
	cookies := rec.Result().Cookies()
	if len(cookies) != 1 {
		return nil, fmt.Errorf("the session was opened with %d cookies, want 1", len(cookies))
	}
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Cookie", cookies[0].Name+"="+cookies[0].Value)
	return r, nil
}
