package main

import (
	"net/http/httptest"
	"regexp"
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
		t.Errorf("GET / = %d %s, want 200 with the service's address", w.Code, w.Body)
	}
	policy := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "connect-src https://api.example.com;", "script-src 'self';",
		"frame-ancestors 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("Content-Security-Policy %q lacks %q", policy, want)
		}
	}
	for _, elsewhere := range []string{`src="http`, `href="http`, "@import", "style="} {
		if strings.Contains(w.Body.String(), elsewhere) {
			t.Errorf("the page loads from elsewhere, or needs inline styles: %s", elsewhere)
		}
	}
	for _, found := range regexp.MustCompile(`(?:src|href)="([^"]+)"`).FindAllStringSubmatch(w.Body.String(), -1) {
		file := found[1]
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
