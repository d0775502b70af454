package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"runtime"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// population is the number of sessions whose heap is measured.
const population = 1_000_000

// heap returns the bytes of live heap that each of population sessions takes
// in a store which fill makes and returns.
func heap(fill func() (store any, err error)) (float64, error) {
	before := live()
	store, err := fill()
	if err != nil {
		return 0, err
	}
	after := live()
	runtime.KeepAlive(store)
	return float64(after-before) / population, nil
}

func live() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// fillOurs opens the sessions as visitors do: each through the middleware.
func fillOurs() (any, error) {
	store, err := memory.New(memory.Options{})
	if err != nil {
		return nil, err
	}
	cfg := session.Defaults()
	cfg.Store, cfg.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	m, err := session.New[values](cfg)
	if err != nil {
		return nil, err
	}
	running{handler: m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Get(r).V = values{User: "ann", Count: 1, Theme: "dark"}
	})), requests: []*http.Request{httptest.NewRequest("GET", "/", nil)}}.round(population)
	return store, nil
}

// fillSCS does the same with scs.
func fillSCS() (any, error) {
	store := memstore.NewWithCleanupInterval(0)
	m := scs.New()
	m.Store = store
	running{handler: m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "count", 1)
		m.Put(r.Context(), "theme", "dark")
	})), requests: []*http.Request{httptest.NewRequest("GET", "/", nil)}}.round(population)
	return store, nil
}
