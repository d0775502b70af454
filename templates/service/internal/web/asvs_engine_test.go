package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// The tests in this file are named by the requirement of OWASP ASVS 5.0 or NIST
// SP 800-63B-4 that they show. Those that need no route are in internal/session.

// TestASVS_3_5_1: requests that change something are refused if they come from
// another origin than the listed ones, with or without a body that needs a
// preflight; see also TestStranger.
func TestASVS_3_5_1(t *testing.T) {
	s := start(t, nil)
	b := s.browser(frontEnd)
	b.login()
	for _, origin := range []string{stranger, "null", "http://localhost:5174", "http://evil.localhost:5173"} {
		b.origin = origin
		for _, path := range []string{"/logout", "/logout/others", "/login"} {
			// A form, which needs no preflight, from a browser that sends no Sec-Fetch-Site.
			b.do("POST", path, "username=a&password=b", "Content-Type", "application/x-www-form-urlencoded",
				"Sec-Fetch-Site", "").
				want(t, "POST "+path+" by a form of "+origin, http.StatusForbidden, "cross_origin")
		}
	}
	b.origin = frontEnd
	b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusOK, "")
}

// TestASVS_7_6_2: a session of a user begins with an action of theirs. No GET
// with the fields of a login begins one; the routes are read from the source.
func TestASVS_7_6_2(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	route := regexp.MustCompile(`mux\.Handle(?:Func)?\("(?:GET )?(/[^"{]*)"`)
	paths := []string{"/", "/login", "/logout"}
	for _, name := range files {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, m := range route.FindAllSubmatch(source, -1) {
			paths = append(paths, string(m[1]))
		}
	}
	if len(paths) < 6 {
		t.Fatalf("the test finds the routes %q, want 3 or more: by mux.Handle or mux.HandleFunc", paths[3:])
	}
	for _, path := range paths {
		b := start(t, nil).browser(frontEnd)
		b.client.Timeout = time.Second // a route of the owner's may stream for ever
		login := b.credentials(username, password)
		query := url.Values{}
		for name, value := range login {
			query.Set(name, value)
		}
		body, err := json.Marshal(login)
		if err != nil {
			t.Fatal(err)
		}
		for _, method := range []string{"GET", "HEAD"} {
			for _, target := range []string{path + "?" + query.Encode(), path} {
				r, err := http.NewRequestWithContext(t.Context(), method, b.url+target, bytes.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				if answer, err := b.client.Do(r); err == nil {
					answer.Body.Close()
				}
				b.do("GET", "/me", nil).want(t, "GET /me after "+method+" "+target, http.StatusUnauthorized,
					"not_logged_in")
			}
		}
	}
}

// secure is a browser at https://api.example.com, and over plain http at the
// same name, as if no proxy kept anybody from the service. (On loopback addresses
// a cookie jar takes plain http for safe.)
func secure(t *testing.T) *browser {
	s := start(t, func(cfg *config.Config) {
		cfg.PublicURL, cfg.CORSOrigins = "https://api.example.com", []string{"https://app.example.com"}
		cfg.AllowedHosts = []string{"api.example.com"}
		cfg.Session.Key, cfg.Session.Secure = "__Host-sid", true
	})
	plain := s.url
	server := httptest.NewTLSServer(s.app.handler())
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // of the test's certificate
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		to := plain // port 80
		if strings.HasSuffix(addr, ":443") {
			to = server.URL
		}
		_, host, _ := strings.Cut(to, "://")
		return new(net.Dialer).DialContext(ctx, network, host)
	}
	b := s.browser("https://app.example.com")
	b.client.Transport = transport
	b.url = "https://api.example.com"
	return b
}

// TestNIST_5_1_NoFallbackToHTTP: a session that began over https is not there
// over plain http (NIST SP 800-63B-4, section 5.1). The service itself sees plain
// http behind a proxy; it is the cookie's Secure that keeps the browser from it.
func TestNIST_5_1_NoFallbackToHTTP(t *testing.T) {
	b := secure(t)
	for _, line := range b.login().header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err != nil || !c.Secure {
			t.Errorf("Set-Cookie: %q, %v, want Secure", line, err)
		}
	}
	for _, step := range []struct {
		url, name string
		status    int
	}{
		{"https://api.example.com", "", http.StatusOK},
		{"http://api.example.com", "not_logged_in", http.StatusUnauthorized},
		{"https://api.example.com", "", http.StatusOK},
	} {
		b.url = step.url
		b.do("GET", "/me", nil).want(t, "GET /me at "+step.url, step.status, step.name)
	}
}

// TestNIST_5_1_1: the cookie of a service on https, as NIST SP 800-63B-4 lists
// its attributes in section 5.1.1, items 1 to 7.
func TestNIST_5_1_1(t *testing.T) {
	b := secure(t)
	c, err := http.ParseSetCookie(b.login().header.Get("Set-Cookie"))
	if err != nil {
		t.Fatal(err)
	}
	if !c.Secure || c.Domain != "" || c.Path != "/" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode ||
		!strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("cookie: %v", c)
	}
	if life := b.cfg.Session.MaxAge; c.MaxAge != int(life.Seconds()) {
		t.Errorf("Max-Age = %d, the session lives %v", c.MaxAge, life)
	}
	if strings.Contains(c.Value, username) || strings.Contains(c.Value, url.QueryEscape(username)) {
		t.Error("the cookie shows who it belongs to")
	}
}
