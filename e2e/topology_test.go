package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// arrangements are those of front end and service that can work.
var arrangements = []struct {
	name        string
	top         topology
	page        string
	cookies     thirdParty
	cookie      string // its name
	sameSite    network.CookieSameSite
	secure      bool
	partitionOf string // the top-level site of a partitioned cookie
}{
	{"same origin", sameOrigin, "https://shop.test", blocked, "__Host-koa.sess", "Lax", true, ""},
	{"localhost, other port", localhost, "http://localhost:5173", blocked, "koa.sess", "Lax", false, ""},
	{"same site, subdomains over https", subdomains, "https://app.shop.test", blocked, "__Host-koa.sess", "Lax", true,
		""},
	{"same site, plain http", plainHTTP, "http://app.shop.test", blocked, "koa.sess", "Lax", false, ""},
	{"other site, third-party cookies blocked", crossSite, "https://app.front.test", blocked, "__Host-koa.sess",
		"None", true, "https://front.test"},
	{"other site, third-party cookies allowed", crossSite, "https://app.front.test", allowed, "__Host-koa.sess",
		"None", true, "https://front.test"},
	{"http page, https service of that name", schemeful, "http://app.shop.test", blocked, "__Host-koa.sess", "None",
		true, "http://shop.test"},
	{"http page, https service elsewhere", schemeful, "http://app.front.test", blocked, "__Host-koa.sess", "None",
		true, "http://front.test"},
	{"127.0.0.1 and localhost", loopback, "http://127.0.0.1:5173", blocked, "__Host-koa.sess", "None", true,
		"http://127.0.0.1"},
}

// All of them do work, in a browser and by both clients.
func TestLoginInEveryTopology(t *testing.T) {
	t.Parallel()
	for _, tt := range arrangements {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := setStage(t, tt.top, tt.cookies)
			if s.project.cookie != tt.cookie {
				t.Errorf("the generated cookie's name is %q, want %q", s.project.cookie, tt.cookie)
			}
			p := s.browser.visit(tt.page + "/")
			for _, client := range []string{"fetch", "axios"} {
				p.loggedOut()
				p.use(client)
				s.logIn(p)

				c := s.browser.sessionCookie(tt.cookie)
				if c.SameSite != tt.sameSite || c.Secure != tt.secure || !c.HTTPOnly || c.Path != "/" {
					t.Errorf("cookie SameSite=%s Secure=%t HttpOnly=%t Path=%s, want SameSite=%s Secure=%t "+
						"HttpOnly Path=/",
						c.SameSite, c.Secure, c.HTTPOnly, c.Path, tt.sameSite, tt.secure)
				}
				partition := ""
				if c.PartitionKey != nil {
					partition = c.PartitionKey.TopLevelSite
				}
				if partition != tt.partitionOf {
					t.Errorf("the cookie's partition is %q, want %q", partition, tt.partitionOf)
				}

				p.reload()
				p.loggedIn()
				p.click("#logout")
				p.loggedOut()
			}
		})
	}
}

// What no browser could do is refused before anything is written, with the
// reason and the way out.
func TestImpossibleTopologiesAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		top  topology
		want []string
	}{
		{"https page, http service", topology{publicURL: "http://api.shop.test",
			origins: []string{"https://app.shop.test"}},
			[]string{"https://app.shop.test", "serve the service over https"}},
		{"other site, http service", topology{publicURL: "http://api.shop.test",
			origins: []string{"http://app.front.test"}},
			[]string{"different sites", "serve the service over https"}},
		{"same host, page https and service http",
			topology{publicURL: "http://shop.test", origins: []string{"https://shop.test"}},
			[]string{"different sites", "https://shop.test"}},
		{"any page", topology{publicURL: "https://api.shop.test", origins: []string{"*"}}, []string{"*", "hint"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			out, err := command(dir, generatorBinary, newArgs("shop", tt.top)...)
			if code := exitCode(err); code != 2 {
				t.Errorf("exit code %d, want 2", code)
			}
			for _, text := range tt.want {
				if !strings.Contains(out, text) {
					t.Errorf("the output does not say %q:\n%s", text, out)
				}
			}
			if left := entries(t, dir); len(left) > 0 {
				t.Errorf("the refused command left %q", left)
			}
		})
	}
}
