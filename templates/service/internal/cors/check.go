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
	"unicode"
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
				bad("%s %q is not a name; list each one, since with cookies * is not all of them", kind.what, name)
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
		m.maxAge = []string{"0"} // -1 is not delta-seconds, and then browsers take 5
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

// forbiddenMethods and forbiddenHeaders are what the Fetch standard leaves to the browser, and headers of answers.
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

// list returns one header value that holds all names, sorted and once each; nil for none.
func list(names []string, spell func(string) string) []string {
	if len(names) == 0 {
		return nil
	}
	names = strings.Split(spell(strings.Join(names, ",")), ",")
	slices.Sort(names)
	return []string{strings.Join(slices.Compact(names), ",")}
}

// ParseOrigin accepts what a browser can send in the Origin header of an http or https page (RFC 6454, section
// 6.2). Anything else would never match, and the front end would fail without an explanation; the error says what
// to write.
func ParseOrigin(origin string) (*url.URL, error) {
	fail := func(format string, args ...any) (*url.URL, error) {
		return nil, fmt.Errorf("origin %.100q %s", origin, fmt.Sprintf(format, args...))
	}
	scheme, _, found := strings.Cut(origin, "://")
	u, err := url.Parse(origin)
	switch {
	case origin == "*":
		return fail("would let every web site use the session; list each front end, such as https://app.example.com")
	case origin == "null":
		return fail("is shared by all sandboxed frames; serve the page over http and list its origin")
	case strings.HasSuffix(scheme, "-extension"):
		return fail("is a browser extension, which needs no entry; give it host_permissions for this service instead")
	case !found || scheme != "http" && scheme != "https":
		return fail("does not begin with http:// or https:// in lower case; an app with its own scheme " +
			"(Capacitor, Tauri, Electron) has to serve its page over https, or make requests natively")
	case strings.Contains(origin, "*"):
		return fail("is a pattern; list each front end in full")
	case strings.ContainsFunc(origin, func(c rune) bool { return c > unicode.MaxASCII }):
		return fail("has letters beyond ASCII; write international names in punycode (xn--...)")
	case err != nil:
		return fail("is not of the form scheme://host or scheme://host:port")
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	addr, err := netip.ParseAddr(host)
	switch {
	case err == nil && addr.Is6() && !addr.Is4In6():
		host = "[" + addr.WithZone("").String() + "]"
	case !names.MatchString(host) || len(host) > 253 || err != nil && numbers.MatchString(host):
		return fail("has a host that is neither a name nor an address as browsers write it")
	}
	if u.Port() != "" {
		port, err := strconv.ParseUint(u.Port(), 10, 16)
		if err != nil || port == 0 {
			return fail("has no port from 1 to 65535 after the colon")
		}
		if port != map[string]uint64{"http": 80, "https": 443}[scheme] { // browsers leave the default out
			host = fmt.Sprintf("%s:%d", host, port)
		}
	}
	if written := scheme + "://" + host; written != origin {
		return fail("is not an origin as browsers send it; write %s", written)
	}
	return u, nil
}

var (
	names   = regexp.MustCompile(`^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$`)
	token   = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
	numbers = regexp.MustCompile(`(^|\.)(\d+|0x[0-9a-f]*)$`) // of these the URL standard makes an IPv4 address
)

// isToken reports whether s is a token of RFC 9110 section 5.6.2.
func isToken(s string) bool { return token.MatchString(s) }
