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

// TestASVS_7_4_4: who is logged in sees how to log out, on the page that shows
// them so, and pressing it ends the session on the service.
func TestASVS_7_4_4(t *testing.T) {
	page, err := files.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	_, card, _ := strings.Cut(string(page), `id="user-card"`)
	card, _, _ = strings.Cut(card, "</section>")
	button := regexp.MustCompile(`<button [^>]*id="logout"[^>]*>([^<]*)</button>`).FindStringSubmatch(card)
	if button == nil || button[1] != "Log out" || strings.Contains(button[0], "hidden") {
		t.Errorf("the card of who is logged in has no visible button to log out: %q", button)
	}
	script, err := files.ReadFile("app.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`at("logout").addEventListener("click"`, `call("POST", "/logout")`} {
		if !strings.Contains(string(script), want) {
			t.Errorf("app.js lacks %s", want)
		}
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
