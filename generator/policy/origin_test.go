package policy

import (
	"errors"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

func TestParseOrigin(t *testing.T) {
	tests := []struct {
		name, in, want, note string
	}{
		{"plain", "https://app.example.com", "https://app.example.com", ""},
		{"port", "http://localhost:5173", "http://localhost:5173", ""},
		{"slash", "https://app.example.com/", "https://app.example.com", "no slash at the end"},
		{"upper case host", "https://APP.Example.com", "https://app.example.com", "lower case"},
		{"upper case scheme", "HTTPS://app.example.com", "https://app.example.com", "lower case"},
		{"default https port", "https://app.example.com:443", "https://app.example.com", "no default port"},
		{"default http port", "http://app.example.com:80/", "http://app.example.com", "no default port"},
		{"http port on https", "https://app.example.com:80", "https://app.example.com:80", ""},
		{"zeros", "http://localhost:05173", "http://localhost:5173", "no zeros"},
		{"empty port", "http://localhost:", "http://localhost", "no colon"},
		{"international", "https://bücher.example", "https://xn--bcher-kva.example", "punycode"},
		{"sharp s is not ss", "https://straße.example", "https://xn--strae-oqa.example", "punycode"},
		{"ideographic dot", "https://例え。テスト", "https://xn--r8jz45g.xn--zckzah", "punycode"},
		{"punycode", "https://xn--bcher-kva.example", "https://xn--bcher-kva.example", ""},
		{"trailing dot", "https://app.example.com.", "https://app.example.com", "no dot"},
		{"IPv4", "http://192.168.1.20:5173", "http://192.168.1.20:5173", ""},
		{"IPv6", "http://[::1]:5173", "http://[::1]:5173", ""},
		{"long IPv6", "http://[0:0:0:0:0:0:0:1]", "http://[::1]", "shortest form"},
		{"upper case IPv6", "http://[2001:DB8::A]", "http://[2001:db8::a]", "shortest form"},
		{"mapped IPv6", "http://[::ffff:1.2.3.4]", "http://[::ffff:102:304]", "shortest form"},
		{"underscore", "http://my_service:8080", "http://my_service:8080", ""},
		{"spaces around", " http://localhost:5173\n", "http://localhost:5173", "spaces"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, note, err := ParseOrigin(tt.in)
			if err != nil || got.String() != tt.want || !strings.Contains(note, tt.note) ||
				(note == "") != (tt.note == "") {
				t.Errorf("ParseOrigin(%q) = %q, %q, %v; want %q, note with %q", tt.in, got, note, err, tt.want, tt.note)
			}
		})
	}
}

func TestParseOriginRefuses(t *testing.T) {
	tests := []struct {
		name, in, code, hint string
	}{
		{"empty", "", "origin-empty", ""},
		{"blank", " ", "origin-empty", ""},
		{"star", "*", "origin-star", "list each front end"},
		{"port", ":8080", "origin-scheme", `write "http://localhost:8080" or the same with https`},
		{"port alone", "8080", "origin-scheme", `write "http://localhost:8080" or the same with https`},
		{"null", "null", "origin-null", ""},
		{"pattern", "https://*.example.com", "origin-pattern", "list each"},
		{"pattern with a path", "https://*.example.com/*", "origin-pattern", "list each"},
		{"any address with a path", "http://0.0.0.0:5173/app", "origin-unspecified", "localhost"},
		{"a user at a pattern", "https://u:p@*.example.com", "origin-pattern", "list each"},
		{"path", "https://example.com/app", "origin-path", `"https://example.com"`},
		{"two slashes", "https://example.com//", "origin-path", ""},
		{"query", "https://example.com?x", "origin-path", ""},
		{"fragment", "https://example.com#x", "origin-path", ""},
		{"user", "https://ann@example.com", "origin-userinfo", `"https://example.com"`},
		{"password", "https://ann:secret@example.com", "origin-userinfo", `"https://example.com"`},
		{"no scheme", "localhost:5173", "origin-scheme", `"http://localhost:5173"`},
		{"scheme-relative", "//localhost:5173", "origin-scheme", `"http://localhost:5173"`},
		{"file", "file:///tmp", "origin-scheme", ""},
		{"websocket", "ws://localhost", "origin-scheme", ""},
		{"extension", "chrome-extension://abc", "origin-scheme", "host_permissions"},
		{"extension of Firefox", "moz-extension://abc", "origin-scheme", "host_permissions"},
		{"Capacitor on iOS", "capacitor://localhost", "origin-scheme", "CapacitorHttp"},
		{"Ionic", "ionic://localhost", "origin-scheme", "CapacitorHttp"},
		{"Tauri", "tauri://localhost", "origin-scheme", "HTTP plugin"},
		{"Electron", "app://shop", "origin-scheme", "main process"},
		{"another scheme", "gopher://example.com", "origin-scheme", "http:// or https://"},
		{"no host", "https://", "origin-host", ""},
		{"only port", "https://:8080", "origin-host", ""},
		{"list, cut off", "http://localhost:5173,http:", "origin-list", "by itself"},
		{"empty label", "https://a..b", "origin-host", ""},
		{"dot", "https://.", "origin-host", ""},
		{"percent", "https://ex%61mple.com", "origin-host", ""},
		{"long label", "https://" + strings.Repeat("a", 64) + ".com", "origin-host", ""},
		{"long host", "https://" + strings.Repeat("a.", 130) + "com", "origin-host", ""},
		{"long", "https://" + strings.Repeat("a", 2000), "origin-too-long", ""},
		{"bad punycode", "https://xn--a.example", "origin-host", ""},
		{"short IPv4", "http://127.1", "origin-host", "127.0.0.1"},
		{"hex IPv4", "http://0x7f000001", "origin-host", "127.0.0.1"},
		{"decimal IPv4", "http://2130706433", "origin-host", "127.0.0.1"},
		{"any address", "http://0.0.0.0:8080", "origin-unspecified", "localhost"},
		{"any IPv6 address", "http://[::]:8080", "origin-unspecified", "localhost"},
		{"bare IPv6", "http://::1:8080", "origin-host", "brackets"},
		{"IPv6 zone", "http://[fe80::1%eth0]", "origin-host", ""},
		{"IPv4 in brackets", "http://[127.0.0.1]", "origin-host", ""},
		{"port 0", "http://localhost:0", "origin-port", ""},
		{"port too high", "http://localhost:65536", "origin-port", ""},
		{"port word", "http://localhost:http", "origin-port", ""},
		{"signed port", "http://localhost:+80", "origin-port", ""},
		{"blocked port", "http://localhost:6000", "origin-bad-port", ""},
		{"two origins", "http://a.test,http://b.test", "origin-list", ""},
		{"space inside", "http://a.test http://b.test", "origin-list", ""},
		{"backslash", `https:\\example.com`, "origin-character", ""},
		{"quote", `https://example.com"`, "origin-character", ""},
		{"line break inside", "https://exa\nmple.com", "origin-character", ""},
		{"not UTF-8", "https://\xff.com", "origin-host", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, _, err := ParseOrigin(tt.in)
			var r *problem.Problem
			if !errors.As(err, &r) {
				t.Fatalf("ParseOrigin(%q) = %q, %v; want a refusal", tt.in, got, err)
			}
			if r.Code != tt.code || !strings.Contains(r.Hint, tt.hint) || r.Fact == "" || r.Hint == "" {
				t.Errorf("ParseOrigin(%q) refuses with %+v; want code %s, hint with %q", tt.in, *r, tt.code, tt.hint)
			}
			if strings.Contains(r.Fact+r.Hint, "secret") {
				t.Errorf("ParseOrigin(%q) repeats the password: %+v", tt.in, *r)
			}
		})
	}
}

// What is wrong with the address of a service is not put right by the address of a page.
func TestParseServiceURL(t *testing.T) {
	own := "give the service's own URL, such as http://localhost:8080"
	for in, want := range map[string]string{
		"*": own, "null": own, "ws://localhost:8080": own, "capacitor://localhost": own,
		"http://a.test,http://b.test": own, "https://*.example.com": own,
		"localhost:8080":         `write "http://localhost:8080" or the same with https`,
		"http:/localhost:8080":   `write "http://localhost:8080"`,
		"https//example.com/x":   `write "https://example.com"`,
		"?":                      "write scheme://host or scheme://host:port",
		"*.example.com":          own,
		"0.0.0.0:8080":           "write localhost or the machine's name",
		"localhost:51730":        `write "http://localhost:51730" or the same with https`,
		"https://u:pw@h.com/p":   `write "https://h.com"`,
		"http:///x":              "write scheme://host or scheme://host:port",
		"":                       "write one such as http://localhost:8080",
		"https://example.com/v1": `write "https://example.com"`,
	} {
		_, _, err := ParseServiceURL(in)
		var r *problem.Problem
		if !errors.As(err, &r) {
			t.Errorf("ParseServiceURL(%q) = %v, want a refusal", in, err)
		} else if r.Hint != want {
			t.Errorf("ParseServiceURL(%q) hints %q, want %q", in, r.Hint, want)
		}
		if r != nil && strings.Contains(r.Fact, "visitors' sessions") {
			t.Errorf("ParseServiceURL(%q) speaks of those that are let in: %s", in, r.Fact)
		}
	}
	if o, _, err := ParseServiceURL("https://api.example.com"); err != nil || o.Host() != "api.example.com" {
		t.Errorf("ParseServiceURL = %v, %v", o, err)
	}
}

func TestSite(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://app.example.com:8443", "https://example.com"},
		{"http://app.example.com", "http://example.com"},
		{"https://example.com", "https://example.com"},
		{"https://a.b.example.co.uk", "https://example.co.uk"},
		{"https://alice.github.io", "https://alice.github.io"},
		{"https://x.alice.github.io", "https://alice.github.io"},
		{"https://github.io", "https://github.io"},
		{"https://a.run.app", "https://a.run.app"},
		{"http://localhost:5173", "http://localhost"},
		{"http://app.localhost", "http://app.localhost"},
		{"http://api.app.localhost", "http://app.localhost"},
		{"http://127.0.0.1:8080", "http://127.0.0.1"},
		{"http://[::1]:8080", "http://[::1]"},
		{"http://printer", "http://printer"},
		{"https://bücher.example", "https://xn--bcher-kva.example"},
	}
	for _, tt := range tests {
		if got := origin(t, tt.in).Site(); got != tt.want {
			t.Errorf("Site of %q = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestClassify(t *testing.T) {
	tests := []struct {
		name, front, api string
		want             Class
		kind             string // of CrossSiteKind
	}{
		{"subdomains over https", "https://app.example.com", "https://api.example.com", ClassA, ""},
		{"same origin", "https://example.com", "https://example.com", ClassA, ""},
		{"localhost ports", "http://localhost:5173", "http://localhost:8080", ClassA, ""},
		{"loopback address ports", "http://127.0.0.1:5173", "http://127.0.0.1:8080", ClassA, ""},
		{"IPv6 loopback ports", "http://[::1]:5173", "http://[::1]:8080", ClassA, ""},
		{"below one localhost name", "http://app.dev.localhost", "http://api.dev.localhost", ClassA, ""},
		{"names over http", "http://app.example.com", "http://api.example.com", ClassB, ""},
		{"LAN address", "http://10.1.2.3:5173", "http://10.1.2.3:8080", ClassB, ""},
		{"container names", "http://web", "http://web:8080", ClassB, ""},
		{"other site", "https://shop.example", "https://api.example.com", ClassC, "cross-site"},
		{"localhost and 127.0.0.1", "http://localhost:5173", "http://127.0.0.1:8080", ClassC, "localhost-names"},
		{"localhost and ::1", "http://localhost:5173", "http://[::1]:8080", ClassC, "localhost-names"},
		{"two localhost names", "http://app.localhost", "http://api.localhost", ClassC, "localhost-names"},
		{"localhost and a name below", "http://localhost:5173", "http://api.localhost", ClassC, "localhost-names"},
		{"schemeful", "http://example.com", "https://example.com", ClassC, "schemeful"},
		{"schemeful subdomain", "http://app.example.com", "https://api.example.com", ClassC, "schemeful"},
		{"schemeful localhost", "http://localhost:5173", "https://localhost:8443", ClassC, "schemeful"},
		{"https page, http localhost", "https://localhost:5173", "http://localhost:8080", ClassC, "schemeful"},
		{"public suffix github.io", "https://alice.github.io", "https://bob.github.io", ClassC, "public-suffix"},
		{"public suffix vercel.app", "https://a.vercel.app", "https://b.vercel.app", ClassC, "public-suffix"},
		{"public suffix onrender.com", "https://a.onrender.com", "https://b.onrender.com", ClassC, "public-suffix"},
		{"public suffix herokuapp.com", "https://a.herokuapp.com", "https://b.herokuapp.com", ClassC, "public-suffix"},
		{"public suffix netlify.app", "https://a.netlify.app", "https://b.netlify.app", ClassC, "public-suffix"},
		{"public suffix fly.dev", "https://a.fly.dev", "https://b.fly.dev", ClassC, "public-suffix"},
		{"public suffix pages.dev", "https://a.pages.dev", "https://b.pages.dev", ClassC, "public-suffix"},
		{"public suffix workers.dev", "https://a.workers.dev", "https://b.workers.dev", ClassC, "public-suffix"},
		{"public suffix azurewebsites.net", "https://a.azurewebsites.net", "https://b.azurewebsites.net", ClassC,
			"public-suffix"},
		{"public suffix co.uk", "https://a.co.uk", "https://b.co.uk", ClassC, "public-suffix"},
		{"development page, remote service", "http://localhost:5173", "https://api.example.com", ClassC, "cross-site"},
		{"two LAN addresses over https", "https://10.1.2.3", "https://10.1.2.4", ClassC, "cross-site"},
		{"other site over http", "http://shop.example", "http://api.example.com", ClassD, "cross-site"},
		{"two LAN addresses", "http://10.1.2.3", "http://10.1.2.4", ClassD, "cross-site"},
		{"https page, http service", "https://app.example.com", "http://api.example.com", ClassD, "schemeful"},
		{"localhost page, LAN service", "http://localhost:5173", "http://10.1.2.3:8080", ClassD, "cross-site"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			front, api := origin(t, tt.front), origin(t, tt.api)
			if got := Classify(front, api); got != tt.want {
				t.Errorf("Classify(%q, %q) = %q, want %q", tt.front, tt.api, got, tt.want)
			}
			if kind := CrossSiteKind(front, api); kind != tt.kind {
				t.Errorf("CrossSiteKind(%q, %q) = %q, want %q", tt.front, tt.api, kind, tt.kind)
			}
			if same := front.SameSite(api); same != (tt.kind == "") || same != api.SameSite(front) {
				t.Errorf("SameSite(%q, %q) = %t, the other way round %t, want %t", tt.front, tt.api, same,
					api.SameSite(front), tt.kind == "")
			}
			if reason := CrossSiteReason(front, api); (reason == "") != (tt.kind == "") {
				t.Errorf("CrossSiteReason(%q, %q) = %q", tt.front, tt.api, reason)
			}
		})
	}
}

func TestLoopbackAndPrivate(t *testing.T) {
	tests := []struct {
		origin            string
		loopback, private bool
	}{
		{"http://localhost", true, false},
		{"http://app.localhost:8080", true, false},
		{"http://127.9.9.9", true, false},
		{"http://[::1]", true, false},
		{"http://localhost.example.com", false, false},
		{"http://mylocalhost", false, false},
		{"http://[::ffff:127.0.0.1]", false, false},
		{"http://10.1.2.3", false, true},
		{"http://192.168.1.2", false, true},
		{"http://169.254.1.2", false, true},
		{"http://[fd00::1]", false, true},
		{"http://printer.local", false, true},
		{"https://example.com", false, false},
	}
	for _, tt := range tests {
		o := origin(t, tt.origin)
		if got := o.Loopback(); got != tt.loopback {
			t.Errorf("Loopback of %q = %t", tt.origin, got)
		}
		if got := o.Private(); got != tt.private {
			t.Errorf("Private of %q = %t", tt.origin, got)
		}
	}
}

func origin(t *testing.T, raw string) Origin {
	t.Helper()
	o, _, err := ParseOrigin(raw)
	if err != nil {
		t.Fatalf("ParseOrigin(%q) = %v", raw, err)
	}
	return o
}
