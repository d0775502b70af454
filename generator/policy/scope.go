package policy

import (
	"fmt"
	"net/netip"
	"strings"
)

// chooseDomain takes an explicit Domain that covers the service's host (RFC 6265bis section 5.7). Left out is best:
// the cookie then belongs to the one host that set it.
func (c *chooser) chooseDomain() {
	raw := c.in.Domain
	if auto(raw) {
		return
	}
	fail := func(code, fact string) {
		c.refuse("domain", code, fact, fmt.Sprintf("leave domain empty: the cookie then belongs to %s alone",
			c.d.PublicURL.host))
	}
	if code, fact := c.d.PublicURL.domainProblem(raw); code != "" {
		fail(code, fact)
		return
	}
	domain, _ := cookieDomain(raw)
	// net/http silently drops a Domain with other characters than these.
	if strings.Contains(domain, "_") {
		fail("cookie-domain", fmt.Sprintf("net/http writes no Domain with an underscore: %s", quote(raw)))
		return
	}
	c.d.Domain = domain
	c.note(Warn, "domain-wide", fmt.Sprintf("with Domain=%s every host under %s receives the session, and can set a "+
		"cookie of that name", domain, domain),
		"leave domain empty unless those hosts share the session")
}

// domainProblem reports why browsers drop a cookie of the origin for its Domain attribute: the code "cookie-domain" or
// "cookie-suffix" with the fact, or "" if they keep it. An empty attribute is not a problem.
func (o Origin) domainProblem(attribute string) (code, fact string) {
	if attribute == "" || attribute == "." {
		return "", ""
	}
	domain, err := cookieDomain(attribute)
	switch {
	case err != nil && strings.Contains(attribute, "://"):
		return "cookie-domain", fmt.Sprintf("Domain is a host name and takes no scheme: %s", quote(attribute))
	case err != nil && strings.Contains(attribute, ":"):
		return "cookie-domain", fmt.Sprintf("Domain is a host name and takes no port: %s", quote(attribute))
	case err != nil:
		return "cookie-domain", fmt.Sprintf("Domain is not a host name: %s", quote(attribute))
	case domain == o.host:
		return "", ""
	case !strings.HasSuffix(o.host, "."+domain) || o.addr.IsValid():
		return "cookie-domain", fmt.Sprintf("browsers drop a cookie whose Domain does not cover the host that sets "+
			"it: %s does not cover %s", quote(domain), o.host)
	}
	if suffix, listed := PublicSuffix(domain); suffix == domain {
		if listed {
			return "cookie-suffix", fmt.Sprintf("browsers drop a cookie for %s: strangers can register names under "+
				"it (public suffix list)", domain)
		}
		return "cookie-suffix", fmt.Sprintf("browsers drop a cookie for %s from a host under it: a name of one label "+
			"counts as a public suffix", domain)
	}
	return "", ""
}

func cookieDomain(attribute string) (string, error) {
	trimmed := strings.TrimPrefix(attribute, ".")
	if addr, err := netip.ParseAddr(trimmed); err == nil && addr.Is4() {
		return addr.String(), nil
	}
	return toASCII(trimmed)
}

// choosePath takes a Path of plain URL characters. The service's routes are at the root, so any other path needs a
// proxy that publishes the service below it.
func (c *chooser) choosePath() {
	const plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/%@+"
	path := c.in.Path
	c.d.Path = "/"
	switch {
	case auto(path), path == "/":
	case !strings.HasPrefix(path, "/"):
		c.refuse("path", "cookie-path", fmt.Sprintf("path %s does not begin with a slash, so browsers ignore it",
			quote(path)), "set path: /")
	case len(path) > 1024:
		c.refuse("path", "cookie-path", fmt.Sprintf("browsers ignore a Path of %d bytes, the limit is 1024", len(path)),
			"set path: /")
	case strings.IndexFunc(path, func(r rune) bool { return !strings.ContainsRune(plain, r) }) >= 0:
		c.refuse("path", "cookie-path", fmt.Sprintf("path %s holds characters other than those of plain URL paths",
			quote(path)), "set path: /, or letters, digits, slashes and -._~%@+")
	default:
		c.d.Path = path
		c.note(Warn, "cookie-path",
			fmt.Sprintf("with Path=%s browsers send the cookie only to URLs below it, but the service answers at "+
				"/code, /login and /me", path),
			fmt.Sprintf("set path: /, unless a proxy publishes the service below %s", path))
	}
}
