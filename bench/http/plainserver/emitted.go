package main

import (
	"bytes"
	"context"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/bench/service/plain"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// visitor is the session of three small values.
type visitor struct {
	User  string `json:"user,omitempty"`
	Theme string `json:"theme,omitempty"`
	Count int    `json:"count,omitempty"`
}

func emittedSessions() (*session.Manager[visitor], error) {
	store, err := memory.Open(context.Background(), "")
	if err != nil {
		return nil, err
	}
	c := session.Defaults()
	c.Store, c.Keys = store, [][]byte{bytes.Repeat([]byte{1}, 32)}
	return session.New[visitor](c)
}

func withEmitted(mux *http.ServeMux, m *session.Manager[visitor]) {
	mux.HandleFunc("GET /untouched", plain.Untouched)
	mux.HandleFunc("GET /read", func(w http.ResponseWriter, r *http.Request) {
		s := m.Get(r)
		if s.V.User != "ann" {
			http.Error(w, "no session", http.StatusUnauthorized)
			return
		}
		plain.Answer(w, "who is it", map[string]any{"user": s.V.User, "theme": s.V.Theme})
	})
	mux.HandleFunc("POST /write", func(w http.ResponseWriter, r *http.Request) {
		s := m.Get(r)
		s.V.Count++
		plain.Answer(w, "counted", map[string]any{"count": s.V.Count})
	})
	mux.HandleFunc("POST /open", func(w http.ResponseWriter, r *http.Request) {
		m.Get(r).V = visitor{User: "ann", Theme: "dark", Count: 1}
		plain.Answer(w, "opened", nil)
	})
}
