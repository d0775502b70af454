package web

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// mount puts the sessions in front of next, which plays the service that was there before.
func mount(t *testing.T, next func(s *Sessions, w http.ResponseWriter, r *http.Request)) *service {
	t.Helper()
	s := prepare(t, nil)
	sessions := &Sessions{s.app.sessions, s.app, func() error { return nil }}
	server := httptest.NewServer(sessions.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next(sessions, w, r)
	})))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// What is mounted answers its own routes, and all others are the owner's, with a session.
func TestMountedHandler(t *testing.T) {
	b := mount(t, func(s *Sessions, w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == "PUT" {
			s.Get(r).V.Username = "changed"
		}
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s by %q, %d bytes", r.Method, r.URL.Path, s.Get(r).V.Username, len(body))
	}).browser(frontEnd)
	teapot := func(method, path, body, want string) {
		t.Helper()
		if got := b.do(method, path, body); got.status != http.StatusTeapot || got.body != want ||
			got.header.Get("Access-Control-Allow-Origin") != frontEnd {
			t.Errorf("%s %s = %d %s, want 418 %s, readable by the front end", method, path, got.status, got.body, want)
		}
	}
	teapot("GET", "/mine", "", `GET /mine by "", 0 bytes`)
	b.login()
	teapot("GET", "/mine", "", `GET /mine by "`+username+`", 0 bytes`)
	teapot("PUT", "/mine", "", `PUT /mine by "changed", 0 bytes`)
	teapot("GET", "/mine", "", `GET /mine by "changed", 0 bytes`)
	teapot("GET", "/login", "", `GET /login by "changed", 0 bytes`)
	teapot("GET", "/healthz", "", `GET /healthz by "changed", 0 bytes`)
	large := strings.Repeat("x", maxBody+1)
	teapot("POST", "/upload", large, fmt.Sprintf(`POST /upload by "changed", %d bytes`, maxBody+1))
	b.do("POST", "/login", large, "Content-Type", "application/json").
		want(t, "a large login", http.StatusRequestEntityTooLarge, "too_large")

	// Requests that change something come from listed pages alone; the host is the owner's business.
	b.do("POST", "/mine", nil, "Origin", stranger, "Sec-Fetch-Site", "cross-site").
		want(t, "POST of a stranger's page", http.StatusForbidden, "cross_origin")
	r, _ := http.NewRequest("GET", b.url+"/mine", nil)
	r.Host = "10.0.0.7:8080"
	if answer, err := http.DefaultClient.Do(r); err != nil || answer.StatusCode != http.StatusTeapot {
		t.Errorf("a probe by address: %v, %v, want 418", answer, err)
	}
	b.do("POST", "/logout", nil).want(t, "POST /logout", http.StatusOK, "")
	teapot("GET", "/mine", "", `GET /mine by "", 0 bytes`)
}

// Lines of other programs in .env are skipped, and so is what concerns the server.
func TestSettingsBesideOthers(t *testing.T) {
	name := filepath.Join(t.TempDir(), ".env")
	text := "export PATH=$PATH:x\nGREETING=\"a $b\"\nSTORE_URL=here\nPORT=nope\nKEY=\"-----BEGIN\nabc=\n-----END\"\n"
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	getenv, err := settings(name, func(name string) string {
		return map[string]string{"LOG_LEVEL": "loud", "COOKIE_NAME": "given"}[name]
	})
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{"STORE_URL": "here", "PORT": "", "LOG_LEVEL": "", "COOKIE_NAME": "given"}
	for name, want := range wants {
		if got := getenv(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
}

// The store opens with the settings of defaults.go, unless they name a server.
func TestOpen(t *testing.T) {
	if strings.Contains(config.StoreURL, "://") {
		t.Skip("the store is on a server; set STORE_URL and run the service")
	}
	t.Chdir(t.TempDir())
	for name, value := range map[string]string{"PUBLIC_URL": "http://localhost:8080", "CORS_ORIGINS": frontEnd,
		"COOKIE_NAME": "sid", "COOKIE_SAME_SITE": "lax", "COOKIE_SECURE": "false", "COOKIE_PARTITIONED": "false",
		"COOKIE_DOMAIN": "none"} {
		t.Setenv(name, value)
	}
	s, err := Open(t.Context(), people{username: password})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ready(t.Context()); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	t.Setenv("PUBLIC_URL", "nowhere")
	if _, err := Open(t.Context(), nil); err == nil || !strings.Contains(err.Error(), "PUBLIC_URL") {
		t.Errorf("Open with a bad URL = %v, want an error that names the setting", err)
	}
}
