package cors

import (
	"errors"
	"fmt"
	"net/netip"
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
		if err := checkOrigin(origin); err != nil {
			problems = append(problems, err)
		}
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
		problems = append(problems, fmt.Errorf("preflight max age %s is longer than any browser keeps it; use at most 24h", c.MaxAge))
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

// checkOrigin accepts what a browser can send in the Origin header of an http or https page. Anything else would
// never match, and the front end would fail without an explanation.
func checkOrigin(origin string) error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("origin %q %s", shorten(origin), fmt.Sprintf(format, args...))
	}
	switch origin {
	case "*":
		return fail("would let every web site use the session; list each front end, such as https://app.example.com")
	case "null":
		return fail("is shared by all sandboxed frames, which any web site can create; serve the page over http and list its origin")
	}
	scheme, rest, found := strings.Cut(origin, "://")
	if !found || scheme != "http" && scheme != "https" {
		return fail("does not begin with http:// or https:// in lower case")
	}
	if at := strings.IndexAny(rest, "/?#@"); at >= 0 {
		return fail("holds %q; write only scheme://host or scheme://host:port, without a slash at the end", rest[at])
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
	return checkHost(host, fail)
}

func checkHost(host string, fail func(string, ...any) error) error {
	if inner, ok := strings.CutPrefix(host, "["); ok {
		inner, closed := strings.CutSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		switch {
		case !closed || err != nil || !addr.Is6() || addr.Zone() != "":
			return fail("has no valid IPv6 address in brackets")
		case addr.Is4In6(), addr.String() != inner:
			return fail("does not write its address as browsers do, in the shortest form and lower case")
		}
		return nil
	}
	if host == "" {
		return fail("has no host")
	}
	if len(host) > 253 {
		return fail("has a host of %d bytes, the limit is 253", len(host))
	}
	for label := range strings.SplitSeq(host, ".") {
		if label == "" || len(label) > 63 {
			return fail("has an empty or too long label in its host; a dot at the end does not belong there")
		}
		for _, c := range label {
			switch {
			case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
			case 'A' <= c && c <= 'Z':
				return fail("has upper case letters, which browsers never send")
			case c == '*':
				return fail("is a pattern; list each front end in full")
			case c > 0x7f:
				return fail("has the letter %q; write international names in punycode (xn--...), as browsers do", c)
			default:
				return fail("has the character %q in its host", c)
			}
		}
	}
	// The URL standard reads a host whose last label is a number as IPv4.
	last := host[strings.LastIndexByte(host, '.')+1:]
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") && strings.Trim(last[2:], "0123456789abcdef") == "" {
		if addr, err := netip.ParseAddr(host); err != nil || addr.String() != host {
			return fail("has a host that looks like an address but is none; write four decimal numbers")
		}
	}
	return nil
}

func shorten(s string) string {
	const limit = 100
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
}
