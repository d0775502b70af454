package main

import (
	"net/http/httptest"
	"strings"
	"testing"
)

// TestPage: the page knows the service, and may talk to it and to nobody else.
func TestPage(t *testing.T) {
	handler, err := newHandler("https://api.example.com")
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 200 || !strings.Contains(w.Body.String(), `<meta name="api" content="https://api.example.com">`) {
		t.Errorf("GET / = %d, without the service's address", w.Code)
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "connect-src https://api.example.com;", "script-src 'self';", "frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("Content-Security-Policy %q lacks %q", policy, want)
		}
	}
	for _, elsewhere := range []string{`src="http`, `href="http`, "@import", "style="} {
		if strings.Contains(w.Body.String(), elsewhere) {
			t.Errorf("the page loads from elsewhere, or needs inline styles: %s", elsewhere)
		}
	}
	for _, file := range []string{"app.js", "api.js", "axios.min.js", "style.css", "icon.svg"} {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequest("GET", "/"+file, nil))
		if w.Code != 200 {
			t.Errorf("GET /%s = %d", file, w.Code)
		}
	}
	w = httptest.NewRecorder()
	handler.ServeHTTP(w, httptest.NewRequest("GET", "/main.go", nil))
	if w.Code != 404 {
		t.Errorf("GET /main.go = %d, want 404", w.Code)
	}
}

func TestNewHandlerRefuses(t *testing.T) {
	for _, api := range []string{"", "localhost:8080", "http://a;script-src *", "http://a b", "http://"} {
		if _, err := newHandler(api); err == nil {
			t.Errorf("newHandler(%q) = nil error", api)
		}
	}
}

func TestListenAddr(t *testing.T) {
	for _, test := range []struct{ origin, want string }{
		{"http://localhost:5173", "localhost:5173"},
		{"http://127.0.0.1:3000", "127.0.0.1:3000"},
		{"http://[::1]:3000", "[::1]:3000"},
		{"https://app.example.com", "localhost:5173"},
	} {
		if got, err := listenAddr(test.origin); err != nil || got != test.want {
			t.Errorf("listenAddr(%q) = %q, %v; want %q", test.origin, got, err, test.want)
		}
	}
	if _, err := listenAddr("app"); err == nil {
		t.Error(`listenAddr("app") = nil error`)
	}
}
