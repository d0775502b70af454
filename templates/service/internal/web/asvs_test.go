package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
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
		for _, path := range []string{"/logout", "/logout/others", "/login"} {
			r, err := http.NewRequestWithContext(t.Context(), "POST", b.url+path, strings.NewReader("username=a&password=b"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Origin", origin)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded") // a form, which needs no preflight
			b.send(r).want(t, "POST "+path+" by a form of "+origin, http.StatusForbidden, "cross_origin")
		}
	}
	b.do("GET", "/me", nil).want(t, "GET /me afterwards", http.StatusOK, "")
}

// TestASVS_7_1_2: the README says that a user may have any number of sessions
// and that a new login ends none.
func TestASVS_7_1_2(t *testing.T) {
	s := start(t, nil)
	var browsers []*browser
	for range loginsBurst - 1 {
		b := s.browser(frontEnd)
		b.login()
		browsers = append(browsers, b)
	}
	for i, b := range browsers {
		b.do("GET", "/me", nil).want(t, "GET /me", http.StatusOK, "")
		for _, other := range browsers[:i] {
			if b.cookie().Value == other.cookie().Value {
				t.Error("two logins have one cookie")
			}
		}
	}
}

// TestASVS_7_6_2: a session of a user begins with an action of theirs. No GET
// begins one, whatever it carries; the routes are read from the source.
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
		t.Fatalf("the source has the GET routes %q", paths[3:])
	}
	for _, path := range paths {
		b := start(t, func(c *config.Config) { c.Session.MaxSessions = 5 }).browser(frontEnd)
		login := b.credentials(username, password)
		query := url.Values{}
		for name, value := range login {
			query.Set(name, value)
		}
		for _, method := range []string{"GET", "HEAD"} {
			b.do(method, path+"?"+query.Encode(), nil)
			if method == "GET" {
				b.do(method, path, login) // as a body
			}
			b.do("GET", "/me", nil).want(t, "GET /me after "+method+" "+path, http.StatusUnauthorized, "not_logged_in")
		}
	}
}

// TestASVS_14_3_1: the logout has the browser clear what it keeps of the
// service, if the option is on, and if it happened.
func TestASVS_14_3_1(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*config.Config)
		want   string
	}{
		"off":                    {nil, ""},
		"on":                     {func(cfg *config.Config) { cfg.Session.ClearSiteData = true }, `"cache", "storage"`},
		"on, without autoCommit": {func(cfg *config.Config) { cfg.Session.ClearSiteData, cfg.Session.AutoCommit = true, false }, `"cache", "storage"`},
	} {
		t.Run(name, func(t *testing.T) {
			store := sessiontest.NewStore()
			b := startWith(t, store, test.change).browser(frontEnd)
			for what, answer := range map[string]reply{"login": b.login(), "GET /me": b.do("GET", "/me", nil), "POST /logout/others": b.do("POST", "/logout/others", nil)} {
				if got := answer.header.Get("Clear-Site-Data"); got != "" {
					t.Errorf("%s: Clear-Site-Data = %q", what, got)
				}
			}
			store.FailWith(func(op, _ string) error {
				if op == "find" {
					return nil // the session is there, and cannot be ended
				}
				return errors.New("down")
			})
			failed := b.do("POST", "/logout", nil)
			failed.want(t, "POST /logout with the store down", http.StatusServiceUnavailable, "unavailable")
			if got := failed.header.Get("Clear-Site-Data"); got != "" {
				t.Errorf("POST /logout that failed: Clear-Site-Data = %q", got)
			}
			store.FailWith(nil)
			answer := b.do("POST", "/logout", nil)
			answer.want(t, "POST /logout", http.StatusOK, "")
			if got := answer.header.Get("Clear-Site-Data"); got != test.want {
				t.Errorf("POST /logout: Clear-Site-Data = %q, want %q", got, test.want)
			}
		})
	}
}

// secure is a browser at https://api.example.com, and over plain http at the
// same name, as if no proxy kept anybody from the service. (On loopback addresses
// a cookie jar takes plain http for safe.)
func secure(t *testing.T) *browser {
	s := start(t, func(cfg *config.Config) {
		cfg.PublicURL, cfg.CORSOrigins = "https://api.example.com", []string{"https://app.example.com"}
		cfg.Cookie.Name, cfg.Cookie.Secure = "__Host-sid", true
	})
	server := httptest.NewTLSServer(s.app.handler())
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport).Clone()
	transport.TLSClientConfig.ServerName = "example.com" // of the test's certificate
	transport.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		to := s.url // port 80
		if strings.HasSuffix(addr, ":443") {
			to = server.URL
		}
		_, host, _ := strings.Cut(to, "://")
		return new(net.Dialer).DialContext(ctx, network, host)
	}
	b := s.browser("https://app.example.com")
	b.client.Transport = transport
	b.service = &service{t: t, app: s.app, store: s.store, url: "https://api.example.com", log: s.log}
	return b
}

// TestNIST_5_1_NoFallbackToHTTP: a session that began over https is not there
// over plain http (NIST SP 800-63B-4, section 5.1). The service itself sees plain
// http behind a proxy; it is the cookie's Secure that keeps the browser from it.
func TestNIST_5_1_NoFallbackToHTTP(t *testing.T) {
	b := secure(t)
	for _, line := range b.login().header.Values("Set-Cookie") {
		if c, err := http.ParseSetCookie(line); err != nil || !c.Secure {
			t.Errorf("Set-Cookie: %q, want Secure", line)
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
	if !c.Secure || c.Domain != "" || c.Path != "/" || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || !strings.HasPrefix(c.Name, "__Host-") {
		t.Errorf("cookie: %v", c)
	}
	if life := b.app.cfg.Session.MaxAge; c.MaxAge != int(life.Seconds()) {
		t.Errorf("Max-Age = %d, the session lives %v", c.MaxAge, life)
	}
	if strings.Contains(c.Value, username) || strings.Contains(c.Value, url.QueryEscape(username)) {
		t.Error("the cookie shows who it belongs to")
	}
}
