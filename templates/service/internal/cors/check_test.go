package cors

import (
	"strings"
	"testing"
	"time"
)

func TestNewAccepts(t *testing.T) {
	for _, origin := range []string{
		"https://app.example.com", "http://localhost:5173", "http://localhost", "https://app.example.com:8443",
		"https://app.example.com:80",
		"http://192.168.1.20:5173", "http://[::1]:5173", "http://[2001:db8::a]", "https://xn--bcher-kva.example",
		"http://my_service:8080", "https://1.example",
	} {
		m, err := New(Config{Origins: []string{origin}})
		if err != nil || !m.Allowed(origin) {
			t.Errorf("New(%q): %v; want no error, and the origin allowed", origin, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	origin := func(s string) Config { return Config{Origins: []string{s}} }
	tests := []struct {
		name   string
		config Config
		want   string
	}{
		{"star", origin("*"), "every web site"},
		{"null", origin("null"), "sandboxed"},
		{"empty", origin(""), "does not begin with http"},
		{"no scheme", origin("localhost:5173"), "does not begin with http"},
		{"upper case scheme", origin("HTTPS://app.example.com"), "lower case"},
		{"other scheme", origin("ws://app.example.com"), "does not begin with http"},
		{"Chromium's extension", origin("chrome-extension://abcdefghijklmnopabcdefghijklmnop"), "host_permissions"},
		{"Firefox's extension", origin("moz-extension://01234567-89ab-cdef-0123-456789abcdef"), "host_permissions"},
		{"Safari's extension", origin("safari-web-extension://01234567-89ab"), "host_permissions"},
		{"Capacitor on iOS", origin("capacitor://localhost"), "requests natively"},
		{"Ionic", origin("ionic://localhost"), "requests natively"},
		{"Tauri", origin("tauri://localhost"), "requests natively"},
		{"Electron", origin("app://bundle"), "requests natively"},
		{"file", origin("file:///index.html"), "does not begin with http"},
		{"slash", origin("https://app.example.com/"), "write https://app.example.com"},
		{"path", origin("https://app.example.com/x"), "write https://app.example.com"},
		{"query", origin("https://app.example.com?x"), "write https://app.example.com"},
		{"fragment", origin("https://app.example.com#x"), "write https://app.example.com"},
		{"user", origin("https://ann@app.example.com"), "write https://app.example.com"},
		{"default https port", origin("https://app.example.com:443"), "write https://app.example.com"},
		{"default http port", origin("http://app.example.com:80"), "write http://app.example.com"},
		{"empty port", origin("http://localhost:"), "write http://localhost"},
		{"port 0", origin("http://localhost:0"), "no port"},
		{"high port", origin("http://localhost:65536"), "no port"},
		{"zeros", origin("http://localhost:080"), "write http://localhost"},
		{"upper case", origin("https://App.example.com"), "write https://app.example.com"},
		{"pattern", origin("https://*.example.com"), "pattern"},
		{"international", origin("https://bücher.example"), "punycode"},
		{"trailing dot", origin("https://app.example.com."), "write https://app.example.com"},
		{"no host", origin("https://"), "neither a name"},
		{"only port", origin("https://:8080"), "neither a name"},
		{"long label", origin("https://" + strings.Repeat("a", 64)), "neither a name"},
		{"long host", origin("https://" + strings.Repeat("a.", 127) + "com"), "neither a name"},
		{"space", origin("https://app example.com"), "not of the form"},
		{"two", origin("https://a.example,https://b.example"), "neither a name"},
		{"bare IPv6", origin("http://::1"), "not of the form"},
		{"long IPv6", origin("http://[0:0:0:0:0:0:0:1]"), "write http://[::1]"},
		{"upper case IPv6", origin("http://[2001:DB8::A]"), "write http://[2001:db8::a]"},
		{"zone", origin("http://[fe80::1%eth0]"), "not of the form"},
		{"unclosed", origin("http://[::1"), "not of the form"},
		{"short IPv4", origin("http://127.1"), "neither a name"},
		{"hex IPv4", origin("http://0x7f.1"), "neither a name"},
		{"mapped IPv4", origin("http://[::ffff:192.0.2.1]"), "neither a name"},
		{"port on IPv6", origin("http://[::1]:080"), "write http://[::1]"},
		{"hex", origin("http://0x7f000001"), "neither a name"},

		{"method star", Config{Methods: []string{"*"}}, "list each one"},
		{"method lower case", Config{Methods: []string{"patch"}}, `write "PATCH"`},
		{"method forbidden", Config{Methods: []string{"TRACE"}}, "not for scripts"},
		{"method empty", Config{Methods: []string{""}}, "not a name"},
		{"method with comma", Config{Methods: []string{"GET,POST"}}, "not a name"},
		{"header star", Config{Headers: []string{"*"}}, "list each one"},
		{"header with space", Config{Headers: []string{"X Y"}}, "not a name"},
		{"header of answers", Config{Headers: []string{"Access-Control-Allow-Origin"}}, "not for scripts"},
		{"header forbidden", Config{Headers: []string{"Cookie"}}, "not for scripts"},
		{"header forbidden by prefix", Config{Headers: []string{"Sec-Fetch-Site"}}, "not for scripts"},
		{"exposed star", Config{ExposedHeaders: []string{"*"}}, "list each one"},
		{"exposed cookie", Config{ExposedHeaders: []string{"Set-Cookie"}}, "not for scripts"},
		{"exposed with line break", Config{ExposedHeaders: []string{"X\r\nSet-Cookie: a=b"}}, "not a name"},
		{"max age", Config{MaxAge: 25 * time.Hour}, "at most 24h"},
		{"max age fraction", Config{MaxAge: 1500 * time.Millisecond}, "whole seconds"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m, err := New(tt.config)
			if m != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("New(%+v) = %v, %v; want nil and an error with %q", tt.config, m, err, tt.want)
			}
		})
	}
}

func TestNewNamesAllProblems(t *testing.T) {
	_, err := New(Config{Origins: []string{"*", "null"}, Methods: []string{"patch"}, Headers: []string{"*"},
		ExposedHeaders: []string{"*"}, MaxAge: 48 * time.Hour})
	if err == nil || strings.Count(err.Error(), "\n") != 5 {
		t.Errorf("New = %v, want six problems", err)
	}
}

func TestMaxAge(t *testing.T) {
	for age, want := range map[time.Duration]string{0: "", -time.Second: "0", time.Second: "1",
		24 * time.Hour: "86400"} {
		m, err := New(Config{MaxAge: age})
		if err != nil || strings.Join(m.maxAge, "") != want {
			t.Errorf("New(MaxAge: %s): %v, %+v; want maxAge %q", age, err, m, want)
		}
	}
}
