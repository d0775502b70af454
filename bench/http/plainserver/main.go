// Command plainserver has the four routes of the benchmark on net/http alone:
// with alexedwards/scs, its memory store and default options; with
// STORE=emitted with the session package and memory store of an emitted
// service; with STORE=none without sessions.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
)

func main() {
	mux := http.NewServeMux()
	var handler http.Handler = mux
	switch os.Getenv("STORE") {
	case "none":
		bare(mux)
	case "emitted":
		m, err := emittedSessions()
		if err != nil {
			log.Fatal(err)
		}
		withEmitted(mux, m)
		handler = m.Middleware(mux)
	default:
		m := scs.New()
		m.Store = memstore.New()
		withSessions(mux, m)
		handler = m.LoadAndSave(mux)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler))
}

func withSessions(mux *http.ServeMux, m *scs.SessionManager) {
	mux.HandleFunc("GET /untouched", untouched)
	mux.HandleFunc("GET /read", func(w http.ResponseWriter, r *http.Request) {
		user := m.GetString(r.Context(), "user")
		if user != "ann" {
			http.Error(w, "no session", http.StatusUnauthorized)
			return
		}
		answer(w, "who is it", map[string]any{"user": user, "theme": m.GetString(r.Context(), "theme")})
	})
	mux.HandleFunc("POST /write", func(w http.ResponseWriter, r *http.Request) {
		count := m.GetInt(r.Context(), "count") + 1
		m.Put(r.Context(), "count", count)
		answer(w, "counted", map[string]any{"count": count})
	})
	mux.HandleFunc("POST /open", func(w http.ResponseWriter, r *http.Request) {
		m.Put(r.Context(), "user", "ann")
		m.Put(r.Context(), "theme", "dark")
		m.Put(r.Context(), "count", 1)
		answer(w, "opened", nil)
	})
}

// bare has its visitors send a cookie as long as that of the emitted sessions,
// so that both services get the same requests.
func bare(mux *http.ServeMux) {
	var count atomic.Int64
	cookie := "koa.sess=" + strings.Repeat("x", 87) + "; Path=/"
	mux.HandleFunc("GET /untouched", untouched)
	mux.HandleFunc("GET /read", untouched)
	mux.HandleFunc("POST /write", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, "counted", map[string]any{"count": count.Add(1)})
	})
	mux.HandleFunc("POST /open", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", cookie)
		answer(w, "opened", nil)
	})
}

func untouched(w http.ResponseWriter, _ *http.Request) {
	answer(w, "who is it", map[string]any{"user": "ann", "theme": "dark"})
}

func answer(w http.ResponseWriter, message string, result any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	json.NewEncoder(w).Encode(map[string]any{"message": message, "state": 1, "result": result})
}
