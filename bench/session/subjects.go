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

// subject is one handler and the requests that it answers in turn, each of
// another visitor.
type subject struct {
	name     string
	handler  http.Handler
	requests []*http.Request
}

// round answers n requests.
func (s subject) round(n int) {
	w := &discard{h: make(http.Header)}
	for i := range n {
		clear(w.h)
		s.handler.ServeHTTP(w, s.requests[i%len(s.requests)])
	}
}

// visitors is how many take turns on the route "read of many". Our core notes
// what a thousand sessions decoded to; with five times as many it decodes the
// session at nearly each request, as when a visitor was away for long.
const visitors = batch

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

// subjects returns the bare handler, the floor, and the libraries' routes. All
// but the bare one serve a visitor with a session.
func subjects() ([]subject, error) {
	floor, err := floorSubject()
	if err != nil {
		return nil, err
	}
	all := []subject{{"bare", http.HandlerFunc(bare), []*http.Request{httptest.NewRequest("GET", "/", nil)}}, floor}
	for _, library := range []func() ([]subject, error){oursSubjects, scsSubjects, gorillaSubjects, ginSubjects} {
		some, err := library()
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func oursSubjects() ([]subject, error) {
	store, err := memory.Open(context.Background(), "")
	if err != nil {
		return nil, err
	}
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[values](cfg)
	if err != nil {
		return nil, err
	}
	n := 0 // no two visitors have the same values
	known, err := open(visitors, m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		m.Get(r).V = values{User: "ann", Count: n, Theme: "dark"}
	})))
	if err != nil {
		return nil, err
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
	return wrap("ours", m.Middleware, routes, known), nil
}

func scsSubjects() ([]subject, error) {
	m := scs.New()
	m.Store = memstore.NewWithCleanupInterval(0)
	m.Lifetime = 24 * time.Hour
	n := 0
	known, err := open(visitors, m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n++
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "count", n)
		m.Put(r.Context(), "theme", "dark")
	})))
	if err != nil {
		return nil, err
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
	return wrap("scs", m.LoadAndSave, routes, known), nil
}

func wrap(library string, middleware func(http.Handler) http.Handler, routes map[route]http.HandlerFunc, known []*http.Request) []subject {
	var all []subject
	for _, r := range []route{untouched, read, write} {
		all = append(all, subject{library + " " + string(r), middleware(routes[r]), known[:1]})
	}
	if len(known) > 1 {
		all = append(all, subject{library + " " + string(readMany), middleware(routes[read]), known})
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
