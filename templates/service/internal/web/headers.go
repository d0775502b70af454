package web

import "net/http"

// headers are those that every answer carries: the body is what its type says
// (ASVS 3.4.4), and only the front ends' own sites may embed it.
func (a *app) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Resource-Policy", a.cfg.ResourcePolicy)
		next.ServeHTTP(w, r)
	})
}
