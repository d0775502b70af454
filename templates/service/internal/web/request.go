package web

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
)

// readJSON reads the body, decodes it and returns it, for others to decode more of it. It insists on the media
// type, because a form on any page may send text/plain across origins without a preflight.
func readJSON(r *http.Request, into any) (body []byte, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, &problem{status: http.StatusUnsupportedMediaType, name: "not_json",
			message: "send the body as Content-Type: application/json"}
	}
	body, err = io.ReadAll(r.Body)
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		return nil, tooLarge
	}
	if err != nil {
		return nil, errBadJSON
	}
	return body, decodeJSON(body, into)
}

var errBadJSON = &problem{status: http.StatusBadRequest, name: "bad_json", message: "the body is not the expected JSON"}

func decodeJSON(body []byte, into any) error {
	if json.Unmarshal(body, into) != nil {
		return errBadJSON
	}
	return nil
}

// clientAddr is the address that limits are counted by. It is the invalid address when the server does not know it;
// all such requests share one limit.
func clientAddr(r *http.Request) netip.Addr {
	addr, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Addr().Unmap()
}

// scheme is how the browser reached the service, as far as it can be known.
func scheme(r *http.Request) string {
	if r.TLS != nil {
		return cmp.Or(r.URL.Scheme, "https")
	}
	return cmp.Or(r.URL.Scheme, "http")
}

// behindProxy takes client address and scheme from the proxy in front. Only the last value of each header is the
// proxy's own; what is before it came from the client and can be anything.
func (a *app) behindProxy(next http.Handler) http.Handler {
	if !a.cfg.TrustProxy {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.Clone(r.Context())
		if addr, ok := forwardedAddr(lastValue(r.Header, "X-Forwarded-For")); ok {
			r.RemoteAddr = netip.AddrPortFrom(addr, 0).String()
		}
		if scheme := strings.ToLower(lastValue(r.Header, "X-Forwarded-Proto")); scheme == "http" || scheme == "https" {
			r.URL.Scheme = scheme
		}
		next.ServeHTTP(w, r)
	})
}

// forwardedAddr reads an address as proxies write it: some put the port behind it (Azure), or brackets around one
// of IPv6.
func forwardedAddr(s string) (addr netip.Addr, ok bool) {
	host := s
	if _, err := netip.ParseAddr(s); err != nil {
		if i := strings.LastIndexByte(s, ':'); i >= 0 {
			if _, err := strconv.ParseUint(s[i+1:], 10, 16); err == nil {
				host = s[:i]
			}
		}
		if inner, bracket := strings.CutPrefix(host, "["); bracket {
			host = strings.TrimSuffix(inner, "]")
		}
	}
	parsed, err := netip.ParseAddr(host)
	return parsed.WithZone("").Unmap(), err == nil
}

// lastValue is the last element of a header that is a list.
func lastValue(h http.Header, name string) string {
	list := strings.Join(h.Values(name), ",")
	return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:])
}
