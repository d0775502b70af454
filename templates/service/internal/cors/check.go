package cors

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// New checks the configuration. The error names every problem at once, joined with [errors.Join].
func New(c Config) (*Middleware, error) {
	m := &Middleware{origins: make(map[string][]string, len(c.Origins))}
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	for _, origin := range c.Origins {
		_, err := ParseOrigin(origin)
		problems = append(problems, err)
		m.origins[origin] = []string{origin}
		m.longest = max(m.longest, len(origin))
	}
	for _, kind := range []struct {
		what             string
		names, forbidden []string
	}{
		{"method", c.Methods, forbiddenMethods},
		{"request header", c.Headers, forbiddenHeaders},
		{"exposed header", c.ExposedHeaders, []string{"set-cookie", "set-cookie2"}},
	} {
		for _, name := range kind.names {
			switch {
			case !isToken(name) || name == "*":
				bad("%s %q is not a name; list each one, since * means just that with cookies", kind.what, name)
			case kind.what == "method" && name != strings.ToUpper(name): // fetch does not turn patch into PATCH
				bad("method %q is not in upper case; write %q", name, strings.ToUpper(name))
			case slices.ContainsFunc(kind.forbidden, func(forbidden string) bool { return covers(forbidden, name) }):
				bad("%s %q is not for scripts (Fetch standard); take it out", kind.what, name)
			}
		}
	}
	switch {
	case c.MaxAge > 24*time.Hour || c.MaxAge%time.Second != 0:
		bad("preflight max age is %s; use whole seconds, at most 24h", c.MaxAge)
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

// forbiddenMethods and forbiddenHeaders are those that the Fetch standard leaves to the browser, and headers of answers.
// A name with a hyphen at its end stands for all that begin so.
var (
	forbiddenMethods = []string{"connect", "trace", "track"}
	forbiddenHeaders = strings.Fields(`accept-charset accept-encoding access-control-allow- access-control-expose-
		access-control-max- access-control-request- connection content-length cookie cookie2 date dnt expect host
		keep-alive origin proxy- referer sec- set-cookie te trailer transfer-encoding upgrade via`)
)

func covers(forbidden, name string) bool {
	name = strings.ToLower(name)
	return name == forbidden || strings.HasSuffix(forbidden, "-") && strings.HasPrefix(name, forbidden)
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
	switch {
	case strings.HasSuffix(scheme, "-extension"):
		return fail("is a browser extension, which needs no entry; give it host_permissions for this service instead")
	case !found || scheme != "http" && scheme != "https":
		return fail("does not begin with http:// or https:// in lower case, and this list takes no other pages; an app " +
			"with a scheme of its own (Capacitor, Tauri, Electron) serves its page over https, or asks by native code")
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
	addr, err := netip.ParseAddr(host)
	switch {
	case host == "":
		return "has no host"
	case strings.Contains(host, "*"):
		return "is a pattern; list each front end in full"
	case strings.ToLower(host) != host:
		return "has upper case letters, which browsers never send"
	case strings.ContainsFunc(host, func(c rune) bool { return c > 0x7f }):
		return "has letters beyond ASCII; write international names in punycode (xn--...)"
	case !names.MatchString(host) || len(host) > 253:
		return "has a host that is not a name: labels of up to 63 letters, digits, - and _, without a dot at the end"
	case numbers.MatchString(host) && (err != nil || addr.String() != host):
		return "has a host that looks like an address but is none; write four decimal numbers"
	}
	return ""
}

var (
	names   = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$`)
	numbers = regexp.MustCompile(`(^|\.)(\d+|0x[0-9a-f]*)$`) // of these the URL standard makes an IPv4 address
)

func shorten(s string) string {
	const limit = 100
	if len(s) > limit {
		return s[:limit] + "..."
	}
	return s
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
