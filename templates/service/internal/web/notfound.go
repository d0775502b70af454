package web

import (
	"fmt"
	"net/http"
	"strings"
)

// notFound answers in the envelope where no route matches, in place of
// ServeMux's own 404 and 405. It is the mux's pattern "/".
func (a *app) notFound(mux *http.ServeMux) http.Handler {
	return a.answer(func(w http.ResponseWriter, r *http.Request) error {
		var allowed []string
		other := r.WithContext(r.Context()) // a copy
		for _, other.Method = range []string{"DELETE", "GET", "HEAD", "PATCH", "POST", "PUT"} {
			if _, pattern := mux.Handler(other); pattern != "/" {
				allowed = append(allowed, other.Method)
			}
		}
		if allowed == nil {
			return &problem{status: http.StatusNotFound, name: "not_found", message: "there is nothing at this address"}
		}
		list := strings.Join(allowed, ", ")
		w.Header().Set("Allow", list)
		return &problem{status: http.StatusMethodNotAllowed, name: "method_not_allowed",
			message: fmt.Sprintf("%s is not possible here; allowed: %s", r.Method, list)}
	})
}
