package zoo

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// service is a correct service with knobs; each specimen turns one of them.
type service struct {
	name       string                          // of the cookie, default "sid"
	attributes string                          // of the cookie, default those of class A on plain http
	set        func(id string) []string        // Set-Cookie lines instead of name and attributes
	read       func(r *http.Request) string    // the id in a request, instead of the cookie's value
	origin     func(origin string) []string    // values of Access-Control-Allow-Origin, default the page's
	allow      []string                        // Access-Control-Allow-Credentials, default "true"
	methods    string                          // Access-Control-Allow-Methods
	headers    string                          // Access-Control-Allow-Headers, default "content-type"
	preflight  int                             // status of preflights, default 204
	cors       bool                            // only around answers of the three routes, not around everything
	change     func(http.Header)               // last look at the headers of an answer
	guard      func(http.Handler) http.Handler // between CORS and the routes
	forgets    bool                            // hands out a new session each time
	image      bool                            // /code is a picture

	mu       sync.Mutex
	sessions map[string]bool
}

// at returns the service's handler for a page. It may be called once.
func (s *service) at(page string) http.Handler {
	if s.name == "" {
		s.name = "sid"
	}
	if s.attributes == "" {
		s.attributes = "; Path=/; HttpOnly; SameSite=Lax"
	}
	if s.allow == nil {
		s.allow = []string{"true"}
	}
	if s.headers == "" {
		s.headers = "content-type"
	}
	if s.preflight == 0 {
		s.preflight = http.StatusNoContent
	}
	s.sessions = map[string]bool{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /code", s.code)
	mux.HandleFunc("POST /login", s.whose)
	mux.HandleFunc("PATCH /login", s.whose)
	mux.HandleFunc("GET /me", s.whose)
	var inner http.Handler = mux
	if s.guard != nil {
		inner = s.guard(inner)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Cache-Control", "no-store")
		h.Add("Vary", "Origin")
		known := s.cors && r.URL.Path != "/code" && r.URL.Path != "/login" && r.URL.Path != "/me"
		if origin := r.Header.Get("Origin"); origin != "" && !known {
			s.allowOrigin(h, origin, page)
		}
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Headers", s.headers)
			if s.methods != "" {
				h.Set("Access-Control-Allow-Methods", s.methods)
			}
			if s.preflight >= 300 && s.preflight < 400 {
				h.Set("Location", r.URL.Path+"/")
			}
			if s.change != nil {
				s.change(h)
			}
			w.WriteHeader(s.preflight)
			return
		}
		if s.change != nil {
			w = &changing{ResponseWriter: w, change: s.change}
		}
		inner.ServeHTTP(w, r)
	})
}

func (s *service) allowOrigin(h http.Header, origin, page string) {
	values := []string{origin}
	switch {
	case s.origin != nil:
		values = s.origin(origin)
	case origin != page:
		return
	}
	if len(values) > 0 {
		h["Access-Control-Allow-Origin"] = values
		h["Access-Control-Allow-Credentials"] = s.allow
	}
}

// changing calls change before the headers go out.
type changing struct {
	http.ResponseWriter
	change func(http.Header)
	done   bool
}

func (c *changing) WriteHeader(status int) {
	if !c.done {
		c.done = true
		c.change(c.Header())
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *changing) Write(b []byte) (int, error) {
	if !c.done {
		c.WriteHeader(http.StatusOK)
	}
	return c.ResponseWriter.Write(b)
}

// session returns the id that a request proves, or "".
func (s *service) session(r *http.Request) string {
	id := ""
	switch {
	case s.read != nil:
		id = s.read(r)
	default:
		id = cookieValue(r, s.name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.sessions[id] {
		return ""
	}
	return id
}

func (s *service) code(w http.ResponseWriter, r *http.Request) {
	id := s.session(r)
	if id == "" || s.forgets {
		id = strings.ToLower(rand.Text())
		s.mu.Lock()
		s.sessions[id] = true
		s.mu.Unlock()
		lines := []string{s.name + "=" + id + s.attributes}
		if s.set != nil {
			lines = s.set(id)
		}
		for _, line := range lines {
			w.Header().Add("Set-Cookie", line)
		}
	}
	if s.image {
		w.Header().Set("Content-Type", "image/svg+xml")
		fmt.Fprint(w, `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>`)
		return
	}
	answer(w, http.StatusOK, id)
}

// whose names the session of a request, as a login with a wrong password or a profile would.
func (s *service) whose(w http.ResponseWriter, r *http.Request) {
	if id := s.session(r); id != "" {
		answer(w, http.StatusOK, id)
		return
	}
	answer(w, http.StatusUnauthorized, "")
}

func answer(w http.ResponseWriter, status int, id string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(map[string]string{"session": id})
}

// cookieValue reads a cookie also under names that net/http drops.
func cookieValue(r *http.Request, name string) string {
	for _, line := range r.Header["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if value, ok := strings.CutPrefix(strings.TrimSpace(pair), name+"="); ok {
				return value
			}
		}
	}
	return ""
}
