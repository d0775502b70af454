// Package plain has the four routes of the benchmark on net/http alone, with
// sessions of alexedwards/scs.
package plain

import (
	"encoding/json"
	"net/http"

	"github.com/alexedwards/scs/v2"
)

// WithSCS is the service with the sessions of m.
func WithSCS(m *scs.SessionManager) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /untouched", Untouched)
	mux.HandleFunc("GET /read", func(w http.ResponseWriter, r *http.Request) {
		user := m.GetString(r.Context(), "user")
		if user != "ann" {
			http.Error(w, "no session", http.StatusUnauthorized)
			return
		}
		Answer(w, "who is it", map[string]any{"user": user, "theme": m.GetString(r.Context(), "theme")})
	})
	mux.HandleFunc("POST /write", func(w http.ResponseWriter, r *http.Request) {
		count := m.GetInt(r.Context(), "count") + 1
		m.Put(r.Context(), "count", count)
		Answer(w, "counted", map[string]any{"count": count})
	})
	mux.HandleFunc("POST /open", func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "theme", "dark")
		m.Put(r.Context(), "count", 1)
		Answer(w, "opened", nil)
	})
	return m.LoadAndSave(mux)
}

// Untouched answers what a read answers, without a session.
func Untouched(w http.ResponseWriter, _ *http.Request) {
	Answer(w, "who is it", map[string]any{"user": "ann", "theme": "dark"})
}

// Answer writes the answer of a route.
func Answer(w http.ResponseWriter, message string, result any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(map[string]any{"message": message, "state": 1, "result": result})
}
