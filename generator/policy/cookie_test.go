package policy

import (
	"net/http"
	"strings"
	"testing"
)

func TestCookieFaults(t *testing.T) {
	good := http.Cookie{Name: "sid", Value: "v", Path: "/", HttpOnly: true, Secure: true,
		SameSite: http.SameSiteLaxMode}
	tests := []struct {
		name, origin string
		change       func(*http.Cookie)
		want         string // codes
	}{
		{"good", api, func(*http.Cookie) {}, ""},
		{"Secure over http", lan, func(*http.Cookie) {}, "secure-over-http"},
		{"Secure on this machine", local, func(*http.Cookie) {}, ""},
		{"nothing that needs https", lan, func(c *http.Cookie) { c.Secure = false }, ""},
		{"None without Secure", api, func(c *http.Cookie) { c.Secure, c.SameSite = false, http.SameSiteNoneMode },
			"none-without-secure"},
		{"None", api, func(c *http.Cookie) { c.SameSite = http.SameSiteNoneMode }, ""},
		{"Partitioned without Secure", api, func(c *http.Cookie) { c.Secure, c.Partitioned = false, true },
			"partitioned-without-secure"},
		{"control character", api, func(c *http.Cookie) { c.Value = "a\tb" }, "cookie-name"},
		{"as big as can be", api, func(c *http.Cookie) { c.Value = strings.Repeat("v", 4093) }, ""},
		{"too big", api, func(c *http.Cookie) { c.Value = strings.Repeat("v", 4094) }, "cookie-too-big"},
		{"names that net/http drops", api, func(c *http.Cookie) { c.Name = "koa:sess" }, ""},
		{"parent domain", api, func(c *http.Cookie) { c.Domain = ".example.com" }, ""},
		{"child domain", api, func(c *http.Cookie) { c.Domain = "x.api.example.com" }, "cookie-domain"},
		{"public suffix", api, func(c *http.Cookie) { c.Domain = "com" }, "cookie-suffix"},
		{"part of an address", lan, func(c *http.Cookie) { c.Domain, c.Secure = "2.3", false }, "cookie-domain"},
		{"__Secure-", api, func(c *http.Cookie) { c.Name, c.Path, c.Domain = "__Secure-sid", "/api", "example.com" },
			""},
		{"__Secure- without Secure", api, func(c *http.Cookie) { c.Name, c.Secure = "__Secure-sid", false },
			"cookie-prefix"},
		{"__Host-", api, func(c *http.Cookie) { c.Name = "__Host-sid" }, ""},
		{"__host- with Domain", api, func(c *http.Cookie) { c.Name, c.Domain = "__host-sid", "api.example.com" },
			"cookie-prefix"},
		{"__Host- with another Path", api, func(c *http.Cookie) { c.Name, c.Path = "__Host-sid", "/api" },
			"cookie-prefix"},
		{"__Host- without Path", api, func(c *http.Cookie) { c.Name, c.Path = "__Host-sid", "" }, "cookie-prefix"},
		{"__Http- for scripts", api, func(c *http.Cookie) { c.Name, c.HttpOnly = "__Http-sid", false },
			"cookie-prefix"},
		{"__Host-Http- for scripts", api, func(c *http.Cookie) { c.Name, c.HttpOnly = "__Host-Http-sid", false },
			"cookie-prefix"},
		{"everything", lan, func(c *http.Cookie) {
			*c = http.Cookie{Name: "__Host-Http-\x01", Domain: "com",
				Partitioned: true, SameSite: http.SameSiteNoneMode}
		},
			"cookie-name none-without-secure partitioned-without-secure cookie-domain cookie-prefix"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := good
			tt.change(&c)
			var codes []string
			for _, f := range origin(t, tt.origin).CookieFaults(&c) {
				codes = append(codes, f.Code)
			}
			if got := strings.Join(codes, " "); got != tt.want {
				t.Errorf("faults of %s: %q, want %q", Attributes(&c), got, tt.want)
			}
		})
	}
}

func TestIsToken(t *testing.T) {
	for s, want := range map[string]bool{"sid": true, "koa.sess": true, "a!#$%&'*+-.^_`|~9": true, "": false,
		"koa:sess": false, "a b": false, "a=b": false, "sïd": false, "a\x7f": false} {
		if got := IsToken(s); got != want {
			t.Errorf("IsToken(%q) = %t", s, got)
		}
		if goes := (&http.Cookie{Name: s, Value: "v"}).Valid() == nil; goes != want {
			t.Errorf("net/http takes the cookie name %q: %t", s, goes)
		}
	}
}
