// Command scs measures github.com/alexedwards/scs v2 with its memory store.
package main

import (
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

func main() { subject.Main(library, fill) }

func library(n int) (map[subject.Route]http.Handler, []*http.Request, error) {
	m := scs.New()
	m.Store = memstore.NewWithCleanupInterval(0)
	m.Lifetime = 24 * time.Hour
	count := 0
	known, err := subject.Open(n, m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		count++
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "count", count)
		m.Put(r.Context(), "theme", "dark")
	})))
	if err != nil {
		return nil, nil, err
	}
	routes := map[subject.Route]http.HandlerFunc{
		subject.Untouched: subject.Bare,
		subject.Read: func(w http.ResponseWriter, r *http.Request) {
			if m.GetString(r.Context(), "user") != "ann" {
				panic("the session was not found")
			}
			w.Write(subject.Body)
		},
		subject.Write: func(w http.ResponseWriter, r *http.Request) {
			m.Put(r.Context(), "count", m.GetInt(r.Context(), "count")+1)
			w.Write(subject.Body)
		},
	}
	return subject.Wrap(m.LoadAndSave, routes), known, nil
}

func fill() (any, http.Handler, error) {
	store := memstore.NewWithCleanupInterval(0)
	m := scs.New()
	m.Store = store
	return store, m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "count", 1)
		m.Put(r.Context(), "theme", "dark")
	})), nil
}
