package web

import (
	"fmt"
	"net/http"
)

// muxErrors lends the envelope to the answers that ServeMux writes itself: 404
// and 405.
func (a *app) muxErrors(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		own, pattern := mux.Handler(r)
		if pattern != "" {
			mux.ServeHTTP(w, r)
			return
		}
		seen := discard{header: http.Header{}}
		own.ServeHTTP(&seen, r)
		if seen.status == http.StatusMethodNotAllowed {
			w.Header().Set("Allow", seen.header.Get("Allow"))
			a.fail(w, r, &problem{status: seen.status, name: "method_not_allowed",
				message: fmt.Sprintf("%s is not possible here; allowed: %s", r.Method, seen.header.Get("Allow"))})
			return
		}
		a.fail(w, r, &problem{status: http.StatusNotFound, name: "not_found", message: "there is nothing at this address"})
	})
}

// discard is a ResponseWriter that keeps status and headers only.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
