package cors

import (
	"fmt"
	"slices"
	"strings"
)

func checkMethod(method string) error {
	switch upper := strings.ToUpper(method); {
	case method == "*":
		return fmt.Errorf("method %q stands for a method of that name in requests with cookies; list each method", method)
	case !isToken(method):
		return fmt.Errorf("method %q is no method name", method)
	case upper == "CONNECT" || upper == "TRACE" || upper == "TRACK":
		return fmt.Errorf("method %q is forbidden to scripts (Fetch standard, forbidden method)", method)
	case upper != method:
		// Methods are case-sensitive, and fetch does not turn patch into PATCH.
		return fmt.Errorf("method %q is not in upper case; write %q", method, upper)
	}
	return nil
}

func checkRequestHeader(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "*":
		return fmt.Errorf("request header %q stands for a header of that name in requests with cookies; list each header", name)
	case !isToken(name):
		return fmt.Errorf("request header %q is no header name", name)
	case strings.HasPrefix(lower, "access-control-allow-") || lower == "access-control-expose-headers" || lower == "access-control-max-age":
		return fmt.Errorf("request header %q belongs to answers; take it out, and out of the front end as well", name)
	case slices.Contains(forbiddenHeaders(), lower) || strings.HasPrefix(lower, "proxy-") || strings.HasPrefix(lower, "sec-"):
		return fmt.Errorf("request header %q is set by the browser alone, scripts cannot (Fetch standard, forbidden request-header)", name)
	}
	return nil
}

func checkExposedHeader(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "*":
		return fmt.Errorf("exposed header %q stands for a header of that name in requests with cookies; list each header", name)
	case !isToken(name):
		return fmt.Errorf("exposed header %q is no header name", name)
	case lower == "set-cookie" || lower == "set-cookie2":
		return fmt.Errorf("exposed header %q is never shown to scripts (Fetch standard, forbidden response-header name)", name)
	}
	return nil
}

// forbiddenHeaders are those of the Fetch standard, "forbidden request-header".
func forbiddenHeaders() []string {
	return []string{"accept-charset", "accept-encoding", "access-control-request-headers", "access-control-request-method",
		"access-control-request-private-network", "connection", "content-length", "cookie", "cookie2", "date", "dnt", "expect",
		"host", "keep-alive", "origin", "referer", "set-cookie", "te", "trailer", "transfer-encoding", "upgrade", "via"}
}

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool {
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0:
		default:
			return false
		}
	}
	return s != ""
}
