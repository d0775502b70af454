package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// behindProxy takes client address and scheme from the proxy in front. Only the
// last value of each header is the proxy's own; what stands before it came from
// the client and can be anything.
func (a *app) behindProxy(next http.Handler) http.Handler {
	if !a.cfg.TrustProxy {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		if addr, err := netip.ParseAddr(lastValue(r.Header, "X-Forwarded-For")); err == nil {
			r.RemoteAddr = net.JoinHostPort(addr.Unmap().WithZone("").String(), "0")
		}
		if scheme := strings.ToLower(lastValue(r.Header, "X-Forwarded-Proto")); scheme == "http" || scheme == "https" {
			r.URL.Scheme = scheme
		}
		next.ServeHTTP(w, r)
	})
}

// lastValue is the last element of a header that is a list.
func lastValue(h http.Header, name string) string {
	values := h.Values(name)
	if len(values) == 0 {
		return ""
	}
	list := values[len(values)-1]
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}

// scheme is how the browser reached the service, as far as it can be known.
func scheme(r *http.Request) string {
	switch {
	case r.URL.Scheme != "":
		return r.URL.Scheme
	case r.TLS != nil:
		return "https"
	default:
		return "http"
	}
}
