package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// TestErrorAfterHeaders: an error is answered whole, whatever the handler had said about the answer that it meant.
func TestErrorAfterHeaders(t *testing.T) {
	s := start(t, nil)
	mux := http.NewServeMux()
	mux.Handle("GET /file", s.app.answer(func(w http.ResponseWriter, _ *http.Request) error {
		h := w.Header()
		h.Set("Content-Length", "5")
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Disposition", "attachment")
		h.Set("ETag", `"1"`)
		h.Set("X-Own", "stays")
		return errors.New("the disk is gone")
	}))
	server := httptest.NewServer(s.app.sessions.Middleware(mux))
	defer server.Close()
	answer, err := http.Get(server.URL + "/file")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	var e envelope
	if jsonErr := json.Unmarshal(body, &e); err != nil || jsonErr != nil || answer.StatusCode != 500 {
		t.Errorf("%d %q, %v, %v, want the whole envelope of a 500", answer.StatusCode, body, err, jsonErr)
	}
	for name, want := range map[string]string{"Content-Encoding": "", "Content-Disposition": "", "ETag": "",
		"X-Own": "stays"} {
		if got := answer.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// TestPanic answers 500, readable for the front end, and goes on.
func TestPanic(t *testing.T) {
	s := start(t, nil)
	mux := http.NewServeMux()
	mux.HandleFunc("GET /early", func(http.ResponseWriter, *http.Request) { panic("secret detail") })
	mux.HandleFunc("GET /late", func(w http.ResponseWriter, _ *http.Request) {
		w.Write([]byte("half an answer"))
		http.NewResponseController(w).Flush()
		panic("secret detail")
	})
	server := httptest.NewServer(s.app.observed(s.app.headers(s.app.cors.Wrap(mux))))
	defer server.Close()
	b := s.browser(frontEnd)
	b.url = server.URL

	answer := b.do("GET", "/early", nil)
	answer.want(t, "GET /early", http.StatusInternalServerError, "internal")
	if answer.header.Get("Access-Control-Allow-Origin") != frontEnd || strings.Contains(answer.body, "secret") {
		t.Errorf("GET /early = %v %s; want CORS headers and no detail", answer.header, answer.body)
	}
	if log := s.log.String(); !strings.Contains(log, "secret detail") ||
		!strings.Contains(log, "respond_engine_test.go") {
		t.Error("the log lacks the cause or the place of the panic")
	}
	response, err := b.client.Get(server.URL + "/late")
	if err == nil {
		_, err = response.Body.Read(make([]byte, 100))
		for err == nil {
			_, err = response.Body.Read(make([]byte, 100))
		}
		response.Body.Close()
	}
	if err == nil || err.Error() == "EOF" {
		t.Error("GET /late: half an answer looks complete")
	}
}

// TestMethodNotAllowed: where another method would work, the answer says which.
func TestMethodNotAllowed(t *testing.T) {
	b := start(t, nil).browser(frontEnd)
	for _, test := range []struct{ method, path, allow string }{
		{"GET", "/login", "POST"},
		{"DELETE", "/me", "GET, HEAD"},
	} {
		answer := b.do(test.method, test.path, nil)
		answer.want(t, test.method+" "+test.path, http.StatusMethodNotAllowed, "method_not_allowed")
		if got := answer.header.Get("Allow"); got != test.allow {
			t.Errorf("%s %s: Allow = %q, want %q", test.method, test.path, got, test.allow)
		}
	}
}

// TestRoot: somebody who opens the service itself in a browser learns where its pages are, in development alone. A
// route of the owner's at / wins; with one this test can go.
func TestRoot(t *testing.T) {
	for _, test := range []struct {
		name   string
		dev    bool
		path   string
		status int
		want   string // in the body
	}{
		{"in development", true, "/", http.StatusOK, `"frontEnds":["` + frontEnd + `"]`},
		{"another address", true, "/pages", http.StatusNotFound, "not_found"},
		{"in production", false, "/", http.StatusNotFound, "not_found"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, func(cfg *config.Config) { cfg.Dev = test.dev })
			answer := s.browser("").do("GET", test.path, nil)
			if answer.status != test.status || !strings.Contains(answer.body, test.want) {
				t.Errorf("GET %s = %d %s, want %d, %s", test.path, answer.status, answer.body, test.status, test.want)
			}
		})
	}
	mux := prepare(t, nil).app.routes()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	seen := httptest.NewRecorder()
	if mux.ServeHTTP(seen, httptest.NewRequest("GET", "/", nil)); seen.Code != http.StatusTeapot {
		t.Errorf("GET / with a route of the owner's = %d, want that route", seen.Code)
	}
}
