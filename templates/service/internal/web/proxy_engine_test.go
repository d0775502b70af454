package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
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
		{"only the proxy's own value counts", true, []string{"1.1.1.1, 203.0.113.9"}, []string{"https, http"},
			"203.0.113.9", "http"},
		{"of several headers the last", true, []string{"1.1.1.1", "203.0.113.9"}, []string{"http", "https"},
			"203.0.113.9", "https"},
		{"IPv6", true, []string{"2001:db8::1"}, []string{"HTTPS"}, "2001:db8::1", "https"},
		{"mapped IPv4", true, []string{"::ffff:203.0.113.9"}, nil, "203.0.113.9", "http"},
		{"with port", true, []string{"1.1.1.1:1, 203.0.113.9:51234"}, nil, "203.0.113.9", "http"},
		{"IPv6 in brackets", true, []string{"[2001:db8::1]"}, nil, "2001:db8::1", "http"},
		{"IPv6 with port", true, []string{"[2001:db8::1]:51234"}, nil, "2001:db8::1", "http"},
		{"IPv6 with port, without brackets", true, []string{"2001:db8:1:2:3:4:5:6:51234"}, nil, "2001:db8:1:2:3:4:5:6",
			"http"},
		{"mapped IPv4 with zone and port", true, []string{"[::ffff:203.0.113.9%eth0]:1"}, nil, "203.0.113.9", "http"},
		{"bad port", true, []string{"203.0.113.9:99999"}, nil, "192.0.2.1", "http"},
		{"name", true, []string{"client.example:80"}, nil, "192.0.2.1", "http"},
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

// FuzzForwardedAddr: whatever stands in the header, it is an address as
// clientAddr reads it again, or none.
func FuzzForwardedAddr(f *testing.F) {
	for _, s := range []string{"203.0.113.9", "203.0.113.9:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80",
		"[::ffff:1.2.3.4%eth0]:80",
		"2001:db8::1:8080", "unknown", "_hidden:1", ":", "[", "[]", "[]:1", "[:1", "1.2.3.4:", "1.2.3.4:+1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		addr, ok := forwardedAddr(s)
		if ok != addr.IsValid() || addr.Zone() != "" || addr.Is4In6() {
			t.Fatalf("forwardedAddr(%q) = %v, %v", s, addr, ok)
		}
		if !ok {
			return
		}
		for _, form := range []string{addr.String(), netip.AddrPortFrom(addr, 443).String()} {
			if again, _ := forwardedAddr(form); again != addr {
				t.Errorf("forwardedAddr(%q) = %v, and of %q it is %v", s, addr, form, again)
			}
		}
	})
}
