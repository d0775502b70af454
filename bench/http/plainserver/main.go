// Command plainserver has the four routes of the benchmark on net/http alone:
// with alexedwards/scs, its memory store and default options; with
// STORE=emitted with the session package and memory store of an emitted
// service; with STORE=none without sessions.
package main

import (
	"log"
	"net/http"
	"os"
	"strings"
	"sync/atomic"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sessionseed/sessionseed/templates/service/bench/service/plain"
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
		handler = plain.WithSCS(m)
	}
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), handler))
}

// bare has its visitors send a cookie as long as that of the emitted sessions,
// so that both services get the same requests.
func bare(mux *http.ServeMux) {
	var count atomic.Int64
	cookie := "koa.sess=" + strings.Repeat("x", 87) + "; Path=/"
	mux.HandleFunc("GET /untouched", plain.Untouched)
	mux.HandleFunc("GET /read", plain.Untouched)
	mux.HandleFunc("POST /write", func(w http.ResponseWriter, _ *http.Request) {
		plain.Answer(w, "counted", map[string]any{"count": count.Add(1)})
	})
	mux.HandleFunc("POST /open", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", cookie)
		plain.Answer(w, "opened", nil)
	})
}
