package web

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestBehindProxy(t *testing.T) {
	for _, test := range []struct {
		name                   string
		trust                  bool
		forwardedFor, proto    []string
		wantClient, wantScheme string
	}{
		{"not trusted", false, []string{"203.0.113.9"}, []string{"https"}, "192.0.2.1", "http"},
		{"trusted", true, []string{"203.0.113.9"}, []string{"https"}, "203.0.113.9", "https"},
		{"only the proxy's own value counts", true, []string{"1.1.1.1, 203.0.113.9"}, []string{"https, http"}, "203.0.113.9", "http"},
		{"of several headers the last", true, []string{"1.1.1.1", "203.0.113.9"}, []string{"http", "https"}, "203.0.113.9", "https"},
		{"IPv6", true, []string{"2001:db8::1"}, []string{"HTTPS"}, "2001:db8::1", "https"},
		{"mapped IPv4", true, []string{"::ffff:203.0.113.9"}, nil, "203.0.113.9", "http"},
		{"no headers", true, nil, nil, "192.0.2.1", "http"},
		{"nonsense", true, []string{"unknown"}, []string{"javascript"}, "192.0.2.1", "http"},
		{"empty", true, []string{""}, []string{""}, "192.0.2.1", "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := testConfig()
			cfg.TrustProxy = test.trust
			var client, seen string
			handler := (&app{cfg: cfg}).behindProxy(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				client, seen = clientAddr(r).String(), scheme(r)
			}))
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = "192.0.2.1:1234"
			r.Header["X-Forwarded-For"] = test.forwardedFor
			r.Header["X-Forwarded-Proto"] = test.proto
			handler.ServeHTTP(httptest.NewRecorder(), r)
			if client != test.wantClient || seen != test.wantScheme {
				t.Errorf("client %s by %s, want %s by %s", client, seen, test.wantClient, test.wantScheme)
			}
		})
	}
}
