package ratelimit

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestBehindProxies(t *testing.T) {
	const not, one, two = 0, 1, 2 // proxies
	for _, test := range []struct {
		name                   string
		proxies                int
		forwardedFor, proto    []string
		wantClient, wantScheme string
	}{
		{"not trusted", not, []string{"203.0.113.9"}, []string{"https"}, "192.0.2.1", "http"},
		{"trusted", one, []string{"203.0.113.9"}, []string{"https"}, "203.0.113.9", "https"},
		{"only the proxy's own value counts", one, []string{"1.1.1.1, 203.0.113.9"}, []string{"https, http"},
			"203.0.113.9", "http"},
		{"of several headers the last", one, []string{"1.1.1.1", "203.0.113.9"}, []string{"http", "https"},
			"203.0.113.9", "https"},
		{"IPv6", one, []string{"2001:db8::1"}, []string{"HTTPS"}, "2001:db8::1", "https"},
		{"mapped IPv4", one, []string{"::ffff:203.0.113.9"}, nil, "203.0.113.9", "http"},
		{"with port", one, []string{"1.1.1.1:1, 203.0.113.9:51234"}, nil, "203.0.113.9", "http"},
		{"IPv6 in brackets", one, []string{"[2001:db8::1]"}, nil, "2001:db8::1", "http"},
		{"IPv6 with port", one, []string{"[2001:db8::1]:51234"}, nil, "2001:db8::1", "http"},
		{"IPv6 with port, without brackets", one, []string{"2001:db8:1:2:3:4:5:6:51234"}, nil, "2001:db8:1:2:3:4:5:6",
			"http"},
		{"mapped IPv4 with zone and port", one, []string{"[::ffff:203.0.113.9%eth0]:1"}, nil, "203.0.113.9", "http"},
		{"bad port", one, []string{"203.0.113.9:99999"}, nil, "192.0.2.1", "http"},
		{"name", one, []string{"client.example:80"}, nil, "192.0.2.1", "http"},
		{"no headers", one, nil, nil, "192.0.2.1", "http"},
		{"nonsense", one, []string{"unknown"}, []string{"javascript"}, "192.0.2.1", "http"},
		{"empty", one, []string{""}, []string{""}, "192.0.2.1", "http"},
		{"two hops", two, []string{"1.1.1.1, 203.0.113.9, 198.51.100.7"}, []string{"https, http"}, "203.0.113.9",
			"https"},
		{"two hops in two headers", two, []string{"1.1.1.1, 203.0.113.9", "198.51.100.7"}, []string{"https", "http"},
			"203.0.113.9", "https"},
		{"two hops, the inner one replaces the scheme", two, []string{"203.0.113.9, 198.51.100.7"}, []string{"http"},
			"203.0.113.9", "http"},
		{"two hops, but one address", two, []string{"203.0.113.9"}, nil, "203.0.113.9", "http"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var client, seen string
			handler := BehindProxies(test.proxies)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				client, seen = netip.MustParseAddrPort(r.RemoteAddr).Addr().String(), cmp.Or(r.URL.Scheme, "http")
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

// FuzzForwardedAddr: whatever is in the header, it is an address that
// forwardedAddr reads again as the same one, or none.
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
