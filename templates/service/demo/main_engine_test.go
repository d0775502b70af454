package main

import (
	"regexp"
	"strings"
	"testing"
)

// TestASVS_7_4_4: whoever is logged in sees a button to log out, beside their
// name, and pressing it ends the session on the service.
func TestASVS_7_4_4(t *testing.T) {
	page, err := files.ReadFile("index.html")
	if err != nil {
		t.Fatal(err)
	}
	_, card, _ := strings.Cut(string(page), `id="user-card"`)
	card, _, _ = strings.Cut(card, "</section>")
	button := regexp.MustCompile(`<button [^>]*id="logout"[^>]*>([^<]*)</button>`).FindStringSubmatch(card)
	if button == nil || button[1] != "Log out" || strings.Contains(button[0], "hidden") {
		t.Errorf("the card of whoever is logged in has no visible button logout that says \"Log out\": %q", button)
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
