package zoo

import (
	"context"
	"io"
	"net/http"
	"net/netip"
	"strings"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

func always(values ...string) func(string) []string {
	return func(string) []string { return values }
}

// corsFaults are those of answers that a page may not read.
func corsFaults() []Specimen {
	return []Specimen{
		local("no CORS", []string{"acao-missing"}, &service{origin: always()}),
		local("another origin in the list", []string{"acao-mismatch"},
			&service{origin: always("http://localhost:3000")}),
		local("origin with a slash", []string{"acao-mismatch"}, &service{origin: always(pageLocal + "/")}),
		local("origin in upper case", []string{"acao-mismatch"}, &service{origin: always("http://LOCALHOST:5173")}),
		local("origin with the other scheme", []string{"acao-mismatch"},
			&service{origin: always("https://localhost:5173")}),
		local("origin null", []string{"acao-mismatch", "reflects-any-origin"}, &service{origin: always("null")}),
		local("star", []string{"acao-star"}, &service{origin: always("*")}),
		local("two headers", []string{"acao-many"}, &service{origin: always(pageLocal, pageLocal)}),
		local("two origins in one header", []string{"acao-many"},
			&service{origin: always(pageLocal + ", http://localhost:3000")}),
		local("no credentials allowed", []string{"acac"}, &service{allow: []string{}}),
		local("credentials True", []string{"acac"}, &service{allow: []string{"True"}}),
		local("credentials twice", []string{"acac"}, &service{allow: []string{"true", "true"}}),
		local("preflight 401", []string{"preflight-status"}, &service{preflight: 401}),
		local("preflight 404", []string{"preflight-status"}, &service{preflight: 404}),
		local("preflight redirect", []string{"preflight-redirect"}, &service{preflight: 307}),
		local("content-type not allowed", []string{"preflight-headers"}, &service{headers: "x-other"}),
		local("headers star", []string{"preflight-headers"}, &service{headers: "*"}),
		with(local("method not allowed", []string{"preflight-method"}, &service{methods: "GET,POST"}), patch),
		with(local("methods star", []string{"preflight-method"}, &service{methods: "*"}), patch),
		with(local("header of the page not allowed", []string{"preflight-headers"}, &service{}),
			func(o *doctor.Options) { o.Headers = http.Header{"X-Requested-With": {"fetch"}} }),
		local("protection against forgery does not know the page", []string{"csrf-untrusted"},
			&service{guard: http.NewCrossOriginProtection().Handler}),
		local("other protection by Origin", []string{"csrf-untrusted"},
			&service{guard: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method != "GET" && r.Header.Get("Origin") != "" {
						http.Error(w, "Forbidden", http.StatusForbidden)
						return
					}
					next.ServeHTTP(w, r)
				})
			}}),
		local("reflects any origin", []string{"reflects-any-origin"},
			&service{origin: func(o string) []string { return []string{o} }}),
		local("list compared by its beginning", []string{"reflects-any-origin"},
			&service{origin: func(o string) []string {
				if strings.HasPrefix(o, "http://localhost") {
					return []string{o}
				}
				return nil
			}}),
		local("errors without CORS", []string{"error-without-cors"}, &service{cors: true}),
		local("no Vary", []string{"vary"},
			&service{change: func(h http.Header) { h.Del("Vary"); h.Del("Cache-Control") }}),
		local("cacheable", []string{"cacheable"}, &service{change: set("Cache-Control", "public, max-age=60")}),
		with(secured("image for its own origin only", []string{"corp"}, &service{image: true,
			change: set("Cross-Origin-Resource-Policy", "same-origin")}), client("img")),
		with(between("image for its own site only", pageOther, apiHTTPS, []string{"corp"}, &service{image: true,
			attributes: attributesCross, change: set("Cross-Origin-Resource-Policy", "same-site")}), client("img")),
		csp(secured("page's policy without the service", []string{"csp"}, &service{}),
			"default-src 'self'; script-src 'unsafe-inline'"),
		csp(secured("page's policy with another port", []string{"csp"}, &service{}),
			"script-src 'unsafe-inline'; connect-src https://api.site.test:8443"),
	}
}

func patch(o *doctor.Options) {
	o.Post = "PATCH /login"
	o.Get, o.Check = doctor.DefaultGet, doctor.DefaultCheck
}

// cookieFaults are those of the cookie itself.
func cookieFaults() []Specimen {
	big := strings.Repeat("x", 4096)
	lines := func(lines ...string) *service {
		return &service{set: func(id string) []string {
			var out []string
			for _, line := range lines {
				out = append(out, strings.ReplaceAll(line, "{id}", id))
			}
			return out
		}}
	}
	return []Specimen{
		local("no session", []string{"not-seen"}, lines()),
		local("behind a TLS proxy that it does not trust", []string{"no-set-cookie"},
			&service{guard: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(&changing{ResponseWriter: w, change: func(h http.Header) {
						if r.Header.Get("X-Forwarded-Proto") != "https" {
							h.Del("Set-Cookie")
						}
					}}, r)
				})
			}}),
		secured("None without Secure", []string{"none-without-secure"}, &service{attributes: "; Path=/; HttpOnly; " +
			"SameSite=None"}),
		secured("Partitioned without Secure", []string{"partitioned-without-secure"},
			&service{attributes: "; Path=/; HttpOnly; SameSite=Lax; Partitioned"}),
		between("Secure over http", pageLAN, apiLAN, []string{"secure-over-http"},
			&service{attributes: attributesHTTPS}),
		local("Secure on localhost", []string{"secure-on-localhost"}, &service{attributes: attributesHTTPS}),
		secured("domain of a sibling", []string{"cookie-domain"}, &service{attributes: "; Domain=app.site.test" +
			attributesHTTPS}),
		secured("domain with a port", []string{"cookie-domain"}, &service{attributes: "; Domain=site.test:443" +
			attributesHTTPS}),
		secured("domain with a scheme", []string{"cookie-domain"}, &service{attributes: "; Domain=https://site.test" +
			attributesHTTPS}),
		secured("domain is a public suffix", []string{"cookie-suffix"}, &service{attributes: "; Domain=test" +
			attributesHTTPS}),
		between("domain is a hoster's suffix", "https://app.alice.github.io", "https://api.alice.github.io",
			[]string{"cookie-suffix"}, &service{attributes: "; Domain=github.io" + attributesHTTPS}),
		secured("__Host- without Secure", []string{"cookie-prefix"}, &service{name: "__Host-sid",
			attributes: "; Path=/; HttpOnly; SameSite=Lax"}),
		secured("__host- with a domain", []string{"cookie-prefix"}, &service{name: "__host-sid",
			attributes: "; Domain=site.test" + attributesHTTPS}),
		secured("__Http- for scripts too", []string{"cookie-prefix", "httponly"}, &service{name: "__Http-sid",
			attributes: "; Path=/; Secure; SameSite=Lax"}),
		local("path of the captcha only", []string{"cookie-path"}, &service{attributes: "; Path=/code; HttpOnly; " +
			"SameSite=Lax"}),
		local("too big", []string{"cookie-too-big"}, lines("sid={id}"+big+"; Path=/; HttpOnly; SameSite=Lax")),
		local("expired by date", []string{"cookie-expired"}, lines("sid={id}; Path=/; HttpOnly; SameSite=Lax; "+
			"Expires=Thu, 01 Jan 2015 00:00:00 GMT")),
		local("expired by age", []string{"cookie-expired"},
			lines("sid={id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=0")),
		local("control character", []string{"cookie-name"}, lines("sid={id}\tx; Path=/; HttpOnly; SameSite=Lax")),
		local("a name that Go does not read", []string{"cookie-name"}, &service{name: "koa:sess",
			read: func(r *http.Request) string {
				c, err := r.Cookie("koa:sess")
				if err != nil {
					return ""
				}
				return c.Value
			}}),
		local("a new session each time", []string{"session-changes"}, &service{forgets: true}),
		local("no SameSite", []string{"samesite-unset"}, &service{attributes: "; Path=/; HttpOnly"}),
		local("unknown SameSite", []string{"samesite-unset"},
			&service{attributes: "; Path=/; HttpOnly; SameSite=bogus"}),
		local("for scripts too", []string{"httponly"}, &service{attributes: "; Path=/; SameSite=Lax"}),
		local("set twice", []string{"duplicate-cookie"}, lines("sid={id}; Path=/; HttpOnly; SameSite=Lax",
			"sid={id}; Path=/; HttpOnly; SameSite=Lax")),
	}
}

// pairFaults are those of page and service together.
func pairFaults() []Specimen {
	cross := func() *service { return &service{name: "__Host-sid", attributes: attributesCross} }
	plain := func() *service { return &service{attributes: "; Path=/; HttpOnly; Secure; SameSite=None"} }
	secureLax := func() *service { return &service{attributes: attributesHTTPS} }
	list := []Specimen{
		between("other site, Lax", pageOther, apiHTTPS, []string{"cross-site-samesite"}, secureLax()),
		between("other site, SameSite unset", pageOther, apiHTTPS, []string{"cross-site-samesite"},
			&service{attributes: "; Path=/; HttpOnly; Secure"}),
		between("two names under a hoster's suffix", "https://alice.github.io", "https://bob.github.io",
			[]string{"cross-site-samesite"}, secureLax()),
		between("localhost and 127.0.0.1", "http://127.0.0.1:5173", apiLocal, []string{"localhost-names"}, &service{}),
		between("two names under .localhost", "http://app.localhost:5173", "http://api.localhost:8080",
			[]string{"localhost-names"}, &service{}),
		between("localhost and 127.0.0.1 with a cookie for it", "http://127.0.0.1:5173", apiLocal,
			[]string{"secure-on-localhost", "localhost-names"}, cross()),
		between("http page, https service", "http://app.site.test", apiHTTPS, []string{"schemeful"}, secureLax()),
		with(between("other site, not partitioned", pageOther, apiHTTPS, []string{"third-party-blocked"}, plain()),
			func(o *doctor.Options) { o.ThirdParty = "blocked" }),
		with(between("other site, not partitioned, third-party cookies allowed", pageOther, apiHTTPS, nil, plain()),
			func(o *doctor.Options) { o.ThirdParty = "allowed" }),
		between("https page, http service", pageHTTPS, "http://api.site.test", []string{"mixed-content", "schemeful"},
			&service{}),
		with(local("client forgets credentials", []string{"client-credentials"}, &service{}),
			func(o *doctor.Options) { o.WithoutCredentials = true }),
	}
	network := between("public page, service on this machine", "https://app.site.test", "http://localhost:8080",
		[]string{"local-network", "secure-on-localhost"}, cross())
	network.Options = func(o *doctor.Options) {
		o.Lookup = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("203.0.113.7")}, nil
		}
	}
	network.Unjudged = "takes a page on a public address"
	certificate := secured("certificate that nobody signed", []string{"certificate"}, &service{})
	certificate.certificate = true
	silent := local("nothing listens", []string{"not-listening"}, &service{})
	silent.listen = true
	plainOnly := secured("https URL of an http service", []string{"wrong-scheme"}, &service{})
	plainOnly.tls = true
	tlsOnly := local("http URL of an https service", []string{"wrong-scheme"}, &service{})
	tlsOnly.tls = true
	redirect := local("http URL that redirects to https", []string{"redirect"},
		&service{guard: func(http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Location", "https://localhost:8443"+r.URL.Path)
				w.WriteHeader(http.StatusMovedPermanently)
				io.WriteString(w, "moved")
			})
		}})
	return append(list, network, certificate, silent, plainOnly, tlsOnly, redirect)
}
