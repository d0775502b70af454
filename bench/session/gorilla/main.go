// Command gorilla measures github.com/gorilla/sessions with its cookie store.
package main

import (
	"bytes"
	"net/http"

	"github.com/gorilla/sessions"

	"github.com/sessionseed/sessionseed/templates/service/bench/session/subject"
)

func main() { subject.Main(library, nil) }

var keys = [2][]byte{bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)}

// library keeps the session in a cookie, signed and encrypted, which is what gorilla/sessions has itself; it knows no
// store in memory. It has no middleware either, so its untouched route is the bare one with the copy of
// the request that Own makes.
func library(n int) (map[subject.Route]http.Handler, []*http.Request, error) {
	store := sessions.NewCookieStore(keys[0], keys[1])
	get := func(r *http.Request) *sessions.Session {
		s, err := store.Get(r, "id")
		if err != nil {
			panic(err)
		}
		return s
	}
	save := func(w http.ResponseWriter, r *http.Request, s *sessions.Session) {
		if err := s.Save(r, w); err != nil {
			panic(err)
		}
	}
	known, err := subject.Open(n, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := get(r)
		s.Values["user"], s.Values["count"], s.Values["theme"] = "ann", 1, "dark"
		save(w, r, s)
	}))
	if err != nil {
		return nil, nil, err
	}
	routes := map[subject.Route]http.HandlerFunc{
		subject.Untouched: subject.Bare,
		subject.Read: func(w http.ResponseWriter, r *http.Request) {
			if get(r).Values["user"] != "ann" {
				panic("the session was not found")
			}
			w.Write(subject.Body)
		},
		subject.Write: func(w http.ResponseWriter, r *http.Request) {
			s := get(r)
			s.Values["count"] = s.Values["count"].(int) + 1
			save(w, r, s)
			w.Write(subject.Body)
		},
	}
	return subject.Wrap(subject.Own, routes), known, nil
}
