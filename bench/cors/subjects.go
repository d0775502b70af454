package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/gorilla/handlers"
	"github.com/jub0bs/cors"
	rs "github.com/rs/cors"

	ours "github.com/sessionseed/sessionseed/templates/service/internal/cors"
)

const (
	origin   = "https://app.example.com"
	stranger = "https://evil.example"
)

// The policy that all of them are given.
var (
	origins = []string{origin, "https://admin.example.com", "http://localhost:5173"}
	methods = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	headers = []string{"Content-Type", "X-Trace"}
	exposed = []string{"Retry-After"}
)

const maxAge = 600 // seconds

// The libraries, in the order of the report.
var libraries = []struct {
	name string
	wrap func(http.Handler) (http.Handler, error)
}{
	{"ours", func(next http.Handler) (http.Handler, error) {
		m, err := ours.New(ours.Config{Origins: origins, Methods: methods, Headers: headers, ExposedHeaders: exposed,
			MaxAge: maxAge * time.Second})
		if err != nil {
			return nil, err
		}
		return m.Wrap(next), nil
	}},
	{"jub0bs/cors", func(next http.Handler) (http.Handler, error) {
		m, err := cors.NewMiddleware(cors.Config{Origins: origins, Credentialed: true, Methods: methods,
			RequestHeaders:  headers,
			ResponseHeaders: exposed, MaxAgeInSeconds: maxAge,
			ExtraConfig: cors.ExtraConfig{DangerouslyTolerateInsecureOrigins: true}})
		if err != nil {
			return nil, err
		}
		return m.Wrap(next), nil
	}},
	{"rs/cors", func(next http.Handler) (http.Handler, error) {
		return rs.New(rs.Options{AllowedOrigins: origins, AllowCredentials: true, AllowedMethods: methods,
			AllowedHeaders: headers,
			ExposedHeaders: exposed, MaxAge: maxAge}).Handler(next), nil
	}},
	{"gorilla/handlers", func(next http.Handler) (http.Handler, error) {
		return handlers.CORS(handlers.AllowedOrigins(origins), handlers.AllowCredentials(),
			handlers.AllowedMethods(methods),
			handlers.AllowedHeaders(headers), handlers.ExposedHeaders(exposed), handlers.MaxAge(maxAge))(next), nil
	}},
}

// kind is one sort of request.
type kind struct {
	name    string
	request *http.Request
}

func request(method string, pairs ...string) *http.Request {
	r := httptest.NewRequest(method, "/me", nil)
	for i := 0; i < len(pairs); i += 2 {
		r.Header.Set(pairs[i], pairs[i+1])
	}
	return r
}

// kinds are the requests of the report. A hostile one carries as many bytes as
// the service's header limit lets through.
func kinds() []kind {
	const limit = 30 << 10
	preflight := func(from, wanted string) *http.Request {
		return request("OPTIONS", "Origin", from, "Access-Control-Request-Method", "PUT",
			"Access-Control-Request-Headers", wanted)
	}
	return []kind{
		{"no Origin", request("GET")},
		{"actual request", request("GET", "Origin", origin)},
		{"of a stranger", request("GET", "Origin", stranger)},
		{"preflight", preflight(origin, "content-type")},
		{"preflight of a stranger", preflight(stranger, "content-type")},
		{"hostile preflight: 30 KiB of commas", preflight(origin, strings.Repeat(",", limit))},
		{"hostile preflight: 30 KiB of names", preflight(origin, strings.Repeat("content-type,", limit/13)+"x")},
		{"hostile Origin of 30 KiB", request("GET", "Origin", "https://"+strings.Repeat("a.", limit/2))},
	}
}

// subject is one library with one kind of request.
type subject struct {
	library string
	kind    kind
	handler http.Handler
}

func (s subject) name() string { return s.library + ": " + s.kind.name }

func subjects() ([]subject, error) {
	var all []subject
	for _, k := range kinds() {
		for _, l := range libraries {
			h, err := l.wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", l.name, err)
			}
			all = append(all, subject{l.name, k, h})
		}
	}
	return all, nil
}

// answer lets the handler answer n times.
func (s subject) answer(n int) {
	w := &discard{header: make(http.Header)}
	for range n {
		clear(w.header)
		s.handler.ServeHTTP(w, s.kind.request)
	}
}

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }
func (d *discard) WriteHeader(int)             {}
