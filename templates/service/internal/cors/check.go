package cors

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// New checks the configuration. The error names every problem at once, joined with [errors.Join].
func New(c Config) (*Middleware, error) {
	m := &Middleware{origins: make(map[string][]string, len(c.Origins))}
	var problems []error
	for _, origin := range c.Origins {
		_, err := ParseOrigin(origin)
		problems = append(problems, err)
		m.origins[origin] = []string{origin}
		m.longest = max(m.longest, len(origin))
	}
	for _, method := range c.Methods {
		problems = append(problems, checkMethod(method))
	}
	for _, name := range c.Headers {
		problems = append(problems, checkRequestHeader(name))
	}
	for _, name := range c.ExposedHeaders {
		problems = append(problems, checkExposedHeader(name))
	}
	switch {
	case c.MaxAge > 24*time.Hour:
		problems = append(problems, fmt.Errorf("preflight max age %s is too long; use at most 24h", c.MaxAge))
	case c.MaxAge%time.Second != 0:
		problems = append(problems, fmt.Errorf("preflight max age %s is no whole number of seconds", c.MaxAge))
	case c.MaxAge < 0:
		m.maxAge = []string{"0"} // -1 is no delta-seconds, and then browsers take 5
	case c.MaxAge > 0:
		m.maxAge = []string{strconv.Itoa(int(c.MaxAge / time.Second))}
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	m.methods = list(c.Methods, strings.Clone)
	m.headers = list(c.Headers, strings.ToLower)
	m.exposed = list(c.ExposedHeaders, strings.ToLower)
	return m, nil
}

// list returns one header value that holds all items, sorted and once each; nil for none.
func list(items []string, spell func(string) string) []string {
	if len(items) == 0 {
		return nil
	}
	var spelled []string
	for _, item := range items {
		spelled = append(spelled, spell(item))
	}
	slices.Sort(spelled)
	return []string{strings.Join(slices.Compact(spelled), ",")}
}

// ParseOrigin accepts what a browser can send in the Origin header of an http or https page (RFC 6454, section
// 6.2). Anything else would never match, and the front end would fail without an explanation; the error says what
// to write.
func ParseOrigin(origin string) (*url.URL, error) {
	fail := func(format string, args ...any) (*url.URL, error) {
		return nil, fmt.Errorf("origin %q %s", shorten(origin), fmt.Sprintf(format, args...))
	}
	switch origin {
	case "*":
		return fail("would let every web site use the session; list each front end, such as https://app.example.com")
	case "null":
		return fail("is shared by all sandboxed frames; serve the page over http and list its origin")
	}
	scheme, rest, found := strings.Cut(origin, "://")
	if !found || scheme != "http" && scheme != "https" {
		return fail("does not begin with http:// or https:// in lower case")
	}
	if at := strings.IndexAny(rest, "/?#@"); at >= 0 {
		return fail("holds %q; write only scheme://host or scheme://host:port", rest[at])
	}
	host, port := rest, ""
	if colon := strings.LastIndexByte(rest, ':'); colon > strings.LastIndexByte(rest, ']') {
		host, port = rest[:colon], rest[colon+1:]
		n, err := strconv.ParseUint(port, 10, 16)
		switch {
		case err != nil || n == 0 || strconv.FormatUint(n, 10) != port:
			return fail("has no port from 1 to 65535 after the colon")
		case scheme == "http" && n == 80, scheme == "https" && n == 443:
			return fail("names the default port, which browsers leave out; write %s://%s", scheme, shorten(host))
		}
	}
	if complaint := checkHost(host); complaint != "" {
		return fail("%s", complaint)
	}
	return url.Parse(origin)
}

// checkHost returns what is wrong with a host, or "".
func checkHost(host string) string {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		switch {
		case !closed || err != nil || !addr.Is6() || addr.Zone() != "":
			return "has no valid IPv6 address in brackets"
		case addr.Is4In6(), addr.String() != inner:
			return "does not write its address as browsers do, in the shortest form and lower case"
		}
		return ""
	}
	if host == "" {
		return "has no host"
	}
	if len(host) > 253 {
		return fmt.Sprintf("has a host of %d bytes, the limit is 253", len(host))
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 {
			return "has an empty or too long label in its host; a dot at the end does not belong there"
		}
		for _, c := range label {
			switch {
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			case 'A' <= c && c <= 'Z':
				return "has upper case letters, which browsers never send"
			case c == '*':
				return "is a pattern; list each front end in full"
			case c > 0x7f:
				return fmt.Sprintf("has the letter %q; write international names in punycode (xn--...)", c)
			default:
				return fmt.Sprintf("has the character %q in its host", c)
			}
		}
	}
	// The URL standard reads a host whose last label is a number as IPv4.
	last := host[strings.LastIndexByte(host, '.')+1:]
	hex, isHex := strings.CutPrefix(last, "0x")
	if strings.Trim(last, "0123456789") == "" || isHex && strings.Trim(hex, "0123456789abcdef") == "" {
		if addr, err := netip.ParseAddr(host); err != nil || addr.String() != host {
			return "has a host that looks like an address but is none; write four decimal numbers"
		}
	}
	return ""
}

func shorten(s string) string {
	const limit = 100
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}

func checkMethod(method string) error {
	switch upper := strings.ToUpper(method); {
	case method == "*":
		return fmt.Errorf("method %q means just that with cookies; list each method", method)
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
		return fmt.Errorf("request header %q means just that with cookies; list each header", name)
	case !isToken(name):
		return fmt.Errorf("request header %q is no header name", name)
	case strings.HasPrefix(lower, "access-control-allow-"),
		lower == "access-control-expose-headers", lower == "access-control-max-age":
		return fmt.Errorf("request header %q belongs to answers; take it out, and out of the front end as well", name)
	case slices.Contains(forbiddenHeaders, lower), strings.HasPrefix(lower, "proxy-"), strings.HasPrefix(lower, "sec-"):
		return fmt.Errorf("request header %q is set by the browser alone (forbidden request-header)", name)
	}
	return nil
}

func checkExposedHeader(name string) error {
	lower := strings.ToLower(name)
	switch {
	case name == "*":
		return fmt.Errorf("exposed header %q means just that with cookies; list each header", name)
	case !isToken(name):
		return fmt.Errorf("exposed header %q is no header name", name)
	case lower == "set-cookie" || lower == "set-cookie2":
		return fmt.Errorf("exposed header %q is never shown to scripts (Fetch standard)", name)
	}
	return nil
}

// forbiddenHeaders are those of the Fetch standard, "forbidden request-header".
var forbiddenHeaders = strings.Fields(`accept-charset accept-encoding access-control-request-headers
	access-control-request-method access-control-request-private-network connection content-length cookie cookie2 date
	dnt expect host keep-alive origin referer set-cookie te trailer transfer-encoding upgrade via`)

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
