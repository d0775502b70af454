// Package subject is what the programs have in common that each measure one
// library: the routes, requests of visitors who have a session, and the answers
// to the questions of the program which compares them.
package subject

import (
	"fmt"
	"net/http"
	"net/http/httptest"
)

// Values is a session of three small values.
type Values struct {
	User  string `json:"user,omitempty"`
	Count int    `json:"count,omitempty"`
	Theme string `json:"theme,omitempty"`
}

// Body is what each route answers.
var Body = []byte("ok")

// Bare is the route that every library's other work is added to.
func Bare(w http.ResponseWriter, _ *http.Request) { w.Write(Body) }

// Route is what a handler does with its session.
type Route string

const (
	Untouched Route = "untouched" // nothing
	Read      Route = "read"      // looks at a value
	Write     Route = "write"     // counts one up
	// ReadMany is Read with many visitors in turn.
	ReadMany Route = "read of many"
)

// Many is how many visitors take turns on ReadMany, as in a service that has more
// than one: what was read last is no longer at hand.
const Many = batch

// Library makes the handlers of its routes, and requests of n visitors who
// have a session.
type Library func(n int) (map[Route]http.Handler, []*http.Request, error)

// Wrap puts a library's middleware around its routes.
func Wrap(middleware func(http.Handler) http.Handler, routes map[Route]http.HandlerFunc) map[Route]http.Handler {
	all := make(map[Route]http.Handler)
	for r, h := range routes {
		all[r] = middleware(h)
	}
	return all
}

// Open makes n sessions and returns a request of each.
func Open(n int, h http.Handler) ([]*http.Request, error) {
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

// Own gives each call a request of its own, as a server does: gorilla/sessions,
// which gin-contrib/sessions is built on, keeps what it has read in the request
// itself.
func Own(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		copied := *r
		h.ServeHTTP(w, &copied)
	})
}
