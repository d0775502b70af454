package doctor

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// reading is what matters of a cookie.
type reading struct {
	name, value, sameSite, domain, path string
	hasDomain, secure, httpOnly         bool
	partitioned, control, expired       bool
	expiry                              string
}

func read(c cookie) reading {
	mode := map[http.SameSite]string{http.SameSiteLaxMode: "lax", http.SameSiteStrictMode: "strict",
		http.SameSiteNoneMode: "none"}
	return reading{c.Name, c.Value, mode[c.SameSite], c.Domain, c.path, c.Domain != "", c.Secure, c.HttpOnly,
		c.Partitioned, c.control, c.expired, c.expiry}
}

func TestParseCookie(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	tests := []struct {
		name, line string
		want       reading
	}{
		{"plain", "sid=abc; Path=/; HttpOnly; SameSite=Lax", reading{name: "sid", value: "abc", path: "/",
			httpOnly: true, sameSite: "lax"}},
		{"lower case", "sid=abc; path=/; httponly; samesite=none; secure; partitioned", reading{name: "sid",
			value: "abc", path: "/", httpOnly: true, sameSite: "none", secure: true, partitioned: true}},
		{"colon in the name", "koa:sess=abc", reading{name: "koa:sess", value: "abc", path: "/v1"}},
		{"no name", "abc; Path=/", reading{value: "abc", path: "/"}},
		{"equals in the value", "sid=a=b==; Path=/", reading{name: "sid", value: "a=b==", path: "/"}},
		{"JSON", `sid={"a":1}; Path=/`, reading{name: "sid", value: `{"a":1}`, path: "/"}},
		{"unknown SameSite", "sid=abc; SameSite=bogus", reading{name: "sid", value: "abc", path: "/v1"}},
		{"last attribute counts", "sid=abc; SameSite=None; SameSite=Lax; Path=/a; Path=/", reading{name: "sid",
			value: "abc", path: "/", sameSite: "lax"}},
		{"relative path", "sid=abc; Path=api", reading{name: "sid", value: "abc", path: "/v1"}},
		{"empty domain", "sid=abc; Domain=; Path=/", reading{name: "sid", value: "abc", path: "/"}},
		{"domain", "sid=abc; Domain=.example.com; Path=/", reading{name: "sid", value: "abc", path: "/",
			domain: ".example.com", hasDomain: true}},
		{"long attribute is ignored", "sid=abc; Path=/" + strings.Repeat("a", 1024), reading{name: "sid", value: "abc",
			path: "/v1"}},
		{"tab inside", "sid=a\tb; Path=/", reading{name: "sid", value: "a\tb", path: "/", control: true}},
		{"tab around", "sid=\tab\t; Path=/", reading{name: "sid", value: "ab", path: "/"}},
		{"future", "sid=a; Path=/; Expires=Tue, 24 Nov 2026 12:00:00 GMT", reading{name: "sid", value: "a", path: "/",
			expiry: "Expires=Tue, 24 Nov 2026 12:00:00 GMT"}},
		{"past with hyphens", "sid=a; Path=/; Expires=Thu, 01-Jan-1970 00:00:00 GMT", reading{name: "sid", value: "a",
			path: "/", expired: true, expiry: "Expires=Thu, 01-Jan-1970 00:00:00 GMT"}},
		{"Max-Age before Expires", "sid=a; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
			reading{name: "sid", value: "a", path: "/", expiry: "Max-Age=60"}},
		{"Max-Age after Expires", "sid=a; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=60",
			reading{name: "sid", value: "a", path: "/", expiry: "Max-Age=60"}},
		{"negative Max-Age", "sid=a; Path=/; Max-Age=-1", reading{name: "sid", value: "a", path: "/", expired: true,
			expiry: "Max-Age=-1"}},
		{"huge Max-Age", "sid=a; Path=/; Max-Age=99999999999999999999", reading{name: "sid", value: "a", path: "/",
			expiry: "Max-Age=99999999999999999999"}},
		{"Max-Age with a zero before it", "sid=a; Path=/; Max-Age=060; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
			reading{name: "sid", value: "a", path: "/", expiry: "Max-Age=060"}},
		{"far past", "sid=a; Path=/; Max-Age=-99999999999999999999", reading{name: "sid", value: "a", path: "/",
			expired: true, expiry: "Max-Age=-99999999999999999999"}},
		{"past with a short year", "sid=a; Path=/; Expires=Thu, 01-Jan-70 00:00:00 GMT", reading{name: "sid",
			value: "a", path: "/", expired: true, expiry: "Expires=Thu, 01-Jan-70 00:00:00 GMT"}},
		{"spaces around", "sid = a ; Path = / ; SameSite = Lax ; Secure ", reading{name: "sid", value: "a", path: "/",
			sameSite: "lax", secure: true}},
		{"quotes in the value", `sid="a"; Path=/`, reading{name: "sid", value: `"a"`, path: "/"}},
		{"unreadable dates are ignored", "sid=a; Path=/; Expires=soon; Max-Age=long", reading{name: "sid", value: "a",
			path: "/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := read(parseCookie(tt.line, "/v1/code", now)); got != tt.want {
				t.Errorf("parseCookie(%q) =\n %+v, want\n %+v", tt.line, got, tt.want)
			}
		})
	}
}

func TestCovers(t *testing.T) {
	for _, tt := range []struct {
		path, request string
		want          bool
	}{
		{"/", "/login", true}, {"/api", "/api", true}, {"/api", "/api/login", true}, {"/api/", "/api/login", true},
		{"/api", "/apix", false}, {"/code", "/login", false}, {"/api/", "/api", false},
	} {
		if got := covers(tt.path, tt.request); got != tt.want {
			t.Errorf("covers(%q, %q) = %t", tt.path, tt.request, got)
		}
	}
}

func TestIdentity(t *testing.T) {
	for value, want := range map[string]string{
		"abc": "abc", "s%3Aabc.signature": "s%3Aabc", strings.Repeat("a", 43) + "." + strings.Repeat("b",
			43): strings.Repeat("a", 43),
		"eyJpZCI6MX0=": "", "%7B%22id%22%3A1%7D": "", strings.Repeat("x", 80): "", "": "",
	} {
		if got := identity(value); got != want {
			t.Errorf("identity(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestJarSendsLongPathsFirst(t *testing.T) {
	var j jar
	for _, line := range []string{"a=1; Path=/", "b=2; Path=/api", "c=3; Path=/other", "a=4; Path=/",
		"d=5; Path=/; Max-Age=0"} {
		j.keep(parseCookie(line, "/", time.Now()))
	}
	if got := header(j.to("/api/me")); got != "b=2; a=4" {
		t.Errorf("Cookie: %s", got)
	}
}

func FuzzParseCookie(f *testing.F) {
	for _, s := range []string{"sid=a; Path=/; Secure", "=;;=", "a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
		"\xff=\x00; Domain==", "a; Max-Age=-"} {
		f.Add(s, "/code")
	}
	f.Fuzz(func(t *testing.T, line, path string) {
		c := parseCookie(line, path, time.Unix(0, 0))
		if c.path == "" || len(c.Name)+len(c.Value) > len(line) {
			t.Errorf("parseCookie(%q, %q) = %+v", line, path, c)
		}
		for _, name := range c.folded() {
			if !strings.Contains(line, name+"=") {
				t.Errorf("folded in %q: %q", line, name)
			}
		}
		if shown := clean(c.describe()); strings.ContainsFunc(shown, func(r rune) bool {
			return r < ' ' || r == 0x7f ||
				r == 0x9b || r == 0x202e
		}) {
			t.Errorf("clean(%q) = %q", c.describe(), shown)
		}
	})
}
