package web

import "net/http"

// headers are those that every answer carries: the body is what its type says
// (ASVS 3.4.4), and only the front ends' own sites may embed it.
func (a *app) headers(next http.Handler) http.Handler {
	// Made once: Header.Set would allocate a slice for each answer. Nobody may
	// change their elements.
	options, policy := []string{"nosniff"}, []string{a.cfg.ResourcePolicy}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h["X-Content-Type-Options"] = options
		h["Cross-Origin-Resource-Policy"] = policy
		next.ServeHTTP(w, r)
	})
}
