package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// three is a session of three small values.
type three struct {
	User  string `json:"user"`
	Count int    `json:"count"`
	Theme string `json:"theme"`
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ h http.Header }

func (d *discard) Header() http.Header         { return d.h }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkRequest measures one request through the middleware. Subtract bare from the others.
func BenchmarkRequest(b *testing.B) {
	cfg := session.Defaults()
	cfg.Store = sessiontest.NewStore()
	cfg.Keys = [][]byte{testKey(1)}
	m, err := session.New[three](cfg)
	if err != nil {
		b.Fatal(err)
	}
	body := []byte("ok")
	untouched := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write(body) })
	read := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v := m.Get(r).V; v.User != "ann" || v.Theme != "dark" {
			b.Errorf("session = %+v, want that of ann, dark", v)
		}
		w.Write(body)
	})
	write := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Get(r).V.Count++
		w.Write(body)
	})
	first := httptest.NewRecorder()
	m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		m.Get(r).V = three{User: "ann", Count: 1, Theme: "dark"}
	})).ServeHTTP(first, httptest.NewRequest("GET", "/", nil))
	anonymous, known := httptest.NewRequest("GET", "/", nil), httptest.NewRequest("GET", "/", nil)
	known.AddCookie(first.Result().Cookies()[0])

	for _, bb := range []struct {
		name string
		h    http.Handler
		r    *http.Request
	}{
		{"bare", untouched, known},
		{"untouched without a cookie", m.Middleware(untouched), anonymous},
		{"untouched with a cookie", m.Middleware(untouched), known},
		{"read", m.Middleware(read), known},
		{"write", m.Middleware(write), known},
	} {
		b.Run(bb.name, func(b *testing.B) {
			b.ReportAllocs()
			w := &discard{h: make(http.Header)}
			for b.Loop() {
				clear(w.h)
				bb.h.ServeHTTP(w, bb.r)
			}
		})
	}
}
