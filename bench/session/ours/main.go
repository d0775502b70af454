// Command ours measures the session package of emitted projects, with its
// memory store.
package main

import (
	"bytes"
	"context"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

func main() { subject.Main(library, fill) }

func manager() (session.Store, *session.Manager[subject.Values], error) {
	store, err := memory.Open(context.Background(), "")
	if err != nil {
		return nil, nil, err
	}
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[subject.Values](cfg)
	return store, m, err
}

func library(n int) (map[subject.Route]http.Handler, []*http.Request, error) {
	_, m, err := manager()
	if err != nil {
		return nil, nil, err
	}
	count := 0 // no two visitors have the same values
	known, err := subject.Open(n, m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		m.Get(r).V = subject.Values{User: "ann", Count: count, Theme: "dark"}
	})))
	if err != nil {
		return nil, nil, err
	}
	routes := map[subject.Route]http.HandlerFunc{
		subject.Untouched: subject.Bare,
		subject.Read: func(w http.ResponseWriter, r *http.Request) {
			if m.Get(r).V.User != "ann" {
				panic("the session was not found")
			}
			w.Write(subject.Body)
		},
		subject.Write: func(w http.ResponseWriter, r *http.Request) {
			m.Get(r).V.Count++
			w.Write(subject.Body)
		},
	}
	return subject.Wrap(m.Middleware, routes), known, nil
}

func fill() (any, http.Handler, error) {
	store, m, err := manager()
	if err != nil {
		return nil, nil, err
	}
	return store, m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Get(r).V = subject.Values{User: "ann", Count: 1, Theme: "dark"}
	})), nil
}
