package ratelimit

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// BehindProxies takes client address and scheme from X-Forwarded-For and X-Forwarded-Proto, where that many proxies are
// always in front, each of which appends the address that it sees to X-Forwarded-For. What is before their values came
// from the client and can be anything. The result is in RemoteAddr and URL.Scheme of the request.
func BehindProxies(proxies int) func(next http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		if proxies <= 0 {
			return next
		}
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r = r.Clone(r.Context())
			if addr, ok := forwardedAddr(fromEnd(r.Header["X-Forwarded-For"], proxies)); ok {
				r.RemoteAddr = netip.AddrPortFrom(addr, 0).String()
			}
			scheme := strings.ToLower(fromEnd(r.Header["X-Forwarded-Proto"], proxies))
			if scheme == "http" || scheme == "https" {
				r.URL.Scheme = scheme
			}
			next.ServeHTTP(w, r)
		})
	}
}

// fromEnd is the nth element from the end of a header that is a list, or the first one of a shorter list.
func fromEnd(values []string, n int) string {
	list := strings.Split(strings.Join(values, ","), ",")
	return strings.TrimSpace(list[max(0, len(list)-n)])
}

// forwardedAddr reads an address as proxies write it: some put the port behind it (Azure), or brackets around one
// of IPv6.
func forwardedAddr(s string) (addr netip.Addr, ok bool) {
	addr, err := netip.ParseAddr(strings.Trim(s, "[]"))
	if i := strings.LastIndexByte(s, ':'); err != nil && i >= 0 {
		if _, err = strconv.ParseUint(s[i+1:], 10, 16); err == nil {
			addr, err = netip.ParseAddr(strings.Trim(s[:i], "[]"))
		}
	}
	return addr.WithZone("").Unmap(), err == nil
}
