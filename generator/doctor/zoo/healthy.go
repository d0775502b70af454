package zoo

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// healthy are services that work; a finding that blocks here is a false alarm.
func healthy() []Specimen {
	cross := func(page string) Specimen {
		return Specimen{Page: page, API: apiHTTPS, service: (&service{name: "__Host-sid",
			attributes: attributesCross}).at(page)}
	}
	sealed := "sealed="
	list := []Specimen{
		{Name: "healthy: ports of localhost", Page: pageLocal, API: apiLocal, service: (&service{}).at(pageLocal)},
		{Name: "healthy: subdomains over https", Page: pageHTTPS, API: apiHTTPS, service: (&service{name: "__Host-sid",
			attributes: attributesHTTPS}).at(pageHTTPS)},
		{Name: "healthy: ports of a LAN address", Page: pageLAN, API: apiLAN, service: (&service{}).at(pageLAN)},
		{Name: "healthy: ports of an IPv6 loopback", Page: "http://[::1]:5173", API: "http://[::1]:8080",
			service: (&service{}).at("http://[::1]:5173")},
		{Name: "healthy: same origin", Page: apiLocal, API: apiLocal,
			service: (&service{origin: func(string) []string { return nil }}).at(apiLocal)},
		{Name: "healthy: strict", Page: pageHTTPS, API: apiHTTPS,
			service: (&service{attributes: "; Path=/; HttpOnly; Secure; SameSite=Strict"}).at(pageHTTPS)},
		named("healthy: other site", cross(pageOther)),
		named("healthy: other site, http page", cross("http://front.elsewhere.test")),
		named("healthy: domain of the site", Specimen{Page: pageHTTPS, API: apiHTTPS,
			service: (&service{attributes: "; Domain=.site.test" + attributesHTTPS}).at(pageHTTPS)}),
		named("healthy: image", Specimen{Page: pageHTTPS, API: apiHTTPS, Options: client("img"),
			service: (&service{image: true, attributes: attributesHTTPS, change: set("Cross-Origin-Resource-Policy",
				"same-site")}).at(pageHTTPS)}),
		named("healthy: page's policy names the service", Specimen{Page: pageHTTPS, API: apiHTTPS,
			service: (&service{attributes: attributesHTTPS}).at(pageHTTPS),
			pageHeader: http.Header{"Content-Security-Policy": {"default-src 'self'; script-src 'unsafe-inline'; " +
				"connect-src https://*.site.test"}}}),
		named("healthy: one fixed origin without Vary", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{origin: func(string) []string { return []string{pageLocal} },
				change: func(h http.Header) { h.Del("Vary"); h.Del("Cache-Control") }}).at(pageLocal)}),
		named("healthy: id signed and sent again each time, as Express does", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{
				set: func(id string) []string {
					return []string{"sid=s%3A" + id + ".c2lnbmF0dXJl; Path=/; HttpOnly; SameSite=Lax"}
				},
				read:  func(r *http.Request) string { return cutValue(r, "sid", "s%3A", ".") },
				guard: again("sid")}).at(pageLocal)}),
		named("healthy: session inside the cookie, as Koa does", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{
				set: func(id string) []string {
					// The captcha's text is part of it, so it differs in every session.
					value, _ := json.Marshal(map[string]any{"id": id, "code": rand.Text()[:4], "_expire": 1,
						"_maxAge": 86400000})
					return []string{"koa.sess=" + base64.StdEncoding.EncodeToString(value) + "; path=/; " +
						"samesite=lax; httponly", "koa.sess.sig=" + rand.Text() + "; path=/; samesite=lax; httponly"}
				},
				read: func(r *http.Request) string {
					var v struct{ ID string }
					raw, _ := base64.StdEncoding.DecodeString(cookieValue(r, "koa.sess"))
					json.Unmarshal(raw, &v)
					return v.ID
				}, guard: again("koa.sess")}).at(pageLocal)}),
		named("healthy: a name with a colon, which Koa writes and reads", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{name: "koa:sess"}).at(pageLocal)}),
		named("healthy: sealed cookie that differs each time", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{
				set: func(id string) []string {
					return []string{sealed + id + "~" + rand.Text() + rand.Text() + rand.Text() +
						"; Path=/; HttpOnly; " +
						"SameSite=Lax"}
				},
				read: func(r *http.Request) string {
					return cutValue(r, "sealed", "",
						"~")
				}, guard: again("sealed")}).at(pageLocal)}),
		named("healthy: a login that renews the id", Specimen{Page: pageLocal, API: apiLocal, service: (&service{
			set:  func(id string) []string { return []string{renewed(id)} },
			read: renewable,
			guard: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if id := renewable(r); id != "" && r.Method == http.MethodPost {
						w.Header().Add("Set-Cookie", renewed(id))
					}
					next.ServeHTTP(w, r)
				})
			}}).at(pageLocal)}),
		named("healthy: a second cookie that is none of the session's", Specimen{Page: pageOther, API: apiHTTPS,
			service: (&service{name: "__Host-sid", attributes: attributesCross,
				set: func(id string) []string {
					return []string{"lang=en; Path=/", "__Host-sid=" + id + attributesCross}
				}}).at(pageOther)}),
		named("healthy: ends the session with a cookie of the past", Specimen{Page: pageLocal, API: apiLocal,
			service: (&service{guard: func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == "POST" {
						w.Header().Add("Set-Cookie", "old=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT")
					}
					next.ServeHTTP(w, r)
				})
			}}).at(pageLocal)}),
	}
	for i := range list {
		list[i].Verdict = doctor.Works
	}
	return list
}

// set returns a change that sets one header.
func set(name, value string) func(http.Header) {
	return func(h http.Header) { h.Set(name, value) }
}

// again makes a service write its cookie again in every answer to a known session.
func again(name string) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if value := cookieValue(r, name); value != "" {
				if i := strings.IndexByte(value, '~'); i >= 0 {
					value = value[:i] + "~" + rand.Text() + rand.Text() + rand.Text()
				}
				w.Header().Add("Set-Cookie", fmt.Sprintf("%s=%s; Path=/; HttpOnly; SameSite=Lax", name, value))
			}
			next.ServeHTTP(w, r)
		})
	}
}

// renewed is a cookie of a session whose id in the browser is new each time.
func renewed(id string) string {
	return "sid=" + rand.Text() + "-" + id + "; Path=/; HttpOnly; SameSite=Lax"
}

func renewable(r *http.Request) string {
	_, id, _ := strings.Cut(cookieValue(r, "sid"), "-")
	return id
}

// cutValue returns what is in a cookie between a prefix and the first separator.
func cutValue(r *http.Request, name, prefix, separator string) string {
	value, _, _ := strings.Cut(strings.TrimPrefix(cookieValue(r, name), prefix), separator)
	return value
}
