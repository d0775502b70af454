package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// healthcheckAt asks the service that listens at addr.
func healthcheckAt(ctx context.Context, addr string) error {
	env := map[string]string{"ADDR": addr, "PUBLIC_URL": "http://localhost:8080",
		"CORS_ORIGINS": "http://localhost:5173",
		"COOKIE_NAME":  "sid", "COOKIE_SECURE": "false", "COOKIE_SAME_SITE": "lax", "COOKIE_PARTITIONED": "false",
		"COOKIE_DOMAIN": "none"}
	return healthcheck(ctx, call{getenv: func(name string) string { return env[name] }})
}

// TestHealthcheckWithoutProxy: a proxy for the calls of the service to others
// does not answer for the service. The address is one where nobody is (RFC 5737).
func TestHealthcheckWithoutProxy(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer proxy.Close()
	t.Setenv("HTTP_PROXY", proxy.URL)
	ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
	defer cancel()
	if err := healthcheckAt(ctx, "192.0.2.1:8080"); err == nil {
		t.Error("healthcheck = nil where no service is: the proxy was asked")
	}
}

func TestHealthcheck(t *testing.T) {
	alive := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			http.NotFound(w, r)
		}
	}
	for _, test := range []struct {
		name    string
		service http.HandlerFunc
		want    string // part of the error, "" for none
	}{
		{"alive", alive, ""},
		{"failing", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
			"503"},
		{"no content", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "204"},
		{"sent elsewhere", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/healthz" {
				http.Redirect(w, r, "/other", http.StatusFound)
			}
		}, "302"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server := httptest.NewServer(test.service)
			defer server.Close()
			port := server.URL[strings.LastIndexByte(server.URL, ':'):]
			for _, host := range []string{"127.0.0.1", "", "0.0.0.0"} { // "" and 0.0.0.0: any address of this machine
				err := healthcheckAt(t.Context(), host+port)
				if test.want == "" && err != nil || test.want != "" &&
					(err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("healthcheck at %s = %v, want %q in it (\"\": no error)", host+port, err, test.want)
				}
			}
		})
	}

	t.Run("not running", func(t *testing.T) {
		server := httptest.NewServer(http.HandlerFunc(alive))
		addr := server.Listener.Addr().String()
		server.Close()
		if err := healthcheckAt(t.Context(), addr); err == nil {
			t.Error("healthcheck of a service that is gone = nil")
		}
	})
}
