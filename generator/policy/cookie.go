package policy

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxCookie is the limit of browsers for name and value together, in bytes (RFC 6265bis section 5.6).
const maxCookie = 4096

// Fault is a rule that a cookie breaks, so that browsers drop it.
type Fault struct {
	Code string // stable, kebab case; the doctor's finding of the same name
	Fact string
}

// CookieFaults returns why browsers drop a cookie that the origin sets, wherever the page is (RFC 6265bis section 5.7,
// CHIPS, and measurements in Chromium); none means that they keep it. Path is the attribute as written: a missing one
// is not the same as Path=/.
func (o Origin) CookieFaults(c *http.Cookie) []Fault {
	var faults []Fault
	add := func(code, format string, args ...any) {
		faults = append(faults, Fault{code, fmt.Sprintf(format, args...)})
	}
	switch {
	case strings.ContainsFunc(c.Name, isControl):
		add("cookie-name", "a control character in the name %q", c.Name)
	case strings.ContainsFunc(c.Value, isControl):
		add("cookie-name", "a control character in the value of %s", c.Name)
	}
	if n := len(c.Name) + len(c.Value); n > maxCookie {
		add("cookie-too-big", "%s: name and value have %d bytes, the limit is %d", c.Name, n, maxCookie)
	}
	switch {
	case c.Secure && !o.Trustworthy():
		add("secure-over-http", "the service is %s", o)
	case c.SameSite == http.SameSiteNoneMode && !c.Secure:
		add("none-without-secure", "")
	}
	if c.Partitioned && !c.Secure {
		add("partitioned-without-secure", "")
	}
	if code, fact := o.domainProblem(c.Domain); code != "" {
		add(code, "%s", fact)
	}
	if broken := brokenPromises(c); len(broken) > 0 {
		add("cookie-prefix", "%s promises %s", PrefixOf(c.Name), strings.Join(broken, ", "))
	}
	return faults
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
	case err != nil && strings.Count(attribute, ":") > 1:
		return "cookie-domain", fmt.Sprintf("Domain is a host name and takes no IPv6 address: %s", quote(attribute))
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

// alone reports whether a Domain is the host itself and brings the cookie to no host under it: an address, or a public
// suffix, as which a name of one label counts, too (RFC 6265bis section 5.7).
func (o Origin) alone(domain string) bool {
	suffix, _ := PublicSuffix(domain)
	return domain == o.host && (o.addr.IsValid() || suffix == domain)
}

func cookieDomain(attribute string) (string, error) {
	trimmed := strings.TrimPrefix(attribute, ".")
	if addr, err := netip.ParseAddr(trimmed); err == nil && addr.Is4() {
		return addr.String(), nil
	}
	return toASCII(trimmed)
}

// prefixes of RFC 6265bis section 4.1.3, each before those that it begins with. Browsers compare them without regard to
// case.
var prefixes = [...]string{"__Host-Http-", "__Host-", "__Secure-", "__Http-"}

// What a prefix can promise.
const (
	promisesSecure   = "Secure"
	promisesPath     = "Path=/"
	promisesHost     = "no Domain"
	promisesHTTPOnly = "HttpOnly"
)

// PrefixOf returns the prefix of RFC 6265bis that browsers see in a cookie's name, in its usual spelling, or "".
func PrefixOf(name string) string {
	i := slices.IndexFunc(prefixes[:], func(p string) bool {
		return len(name) >= len(p) &&
			strings.EqualFold(name[:len(p)], p)
	})
	if i < 0 {
		return ""
	}
	return prefixes[i]
}

// brokenPromises returns what the prefix of the name promises and the cookie does not keep.
func brokenPromises(c *http.Cookie) []string {
	var broken []string
	prefix := PrefixOf(c.Name)
	host := strings.HasPrefix(prefix, "__Host-")
	if prefix != "" && !c.Secure {
		broken = append(broken, promisesSecure)
	}
	if host && c.Path != "/" {
		broken = append(broken, promisesPath)
	}
	if host && c.Domain != "" {
		broken = append(broken, promisesHost)
	}
	if strings.HasSuffix(prefix, "Http-") && !c.HttpOnly {
		broken = append(broken, promisesHTTPOnly)
	}
	return broken
}

// IsToken reports whether s is a token (RFC 9110 section 5.6.2), as cookie names of RFC 6265 are. Browsers take more,
// net/http does not.
func IsToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return !isTokenRune(r) })
}

func isTokenRune(r rune) bool {
	return r > ' ' && r < 0x7f && !strings.ContainsRune(`()<>@,;:\"/[]?={}`, r)
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// sameSiteNames are the values of SameSite as headers spell them.
var sameSiteNames = map[http.SameSite]string{
	http.SameSiteLaxMode: "Lax", http.SameSiteStrictMode: "Strict", http.SameSiteNoneMode: "None",
}

// Attributes returns a cookie's attributes as Set-Cookie writes them after name and value, without its lifetime. Unlike
// [http.Cookie.String] it leaves nothing out that is not valid.
func Attributes(c *http.Cookie) string {
	line := ""
	add := func(set bool, attribute string) {
		if set {
			line += "; " + attribute
		}
	}
	add(c.Path != "", "Path="+c.Path)
	add(c.Domain != "", "Domain="+c.Domain)
	add(c.HttpOnly, "HttpOnly")
	add(c.Secure, "Secure")
	add(sameSiteNames[c.SameSite] != "", "SameSite="+sameSiteNames[c.SameSite])
	add(c.Partitioned, "Partitioned")
	return line
}

// Cookie is the cookie of the policy, without value and lifetime.
func (d Decision) Cookie() *http.Cookie {
	c := &http.Cookie{Name: d.CookieName, Path: d.Path, Domain: d.Domain, HttpOnly: d.HTTPOnly, Secure: d.Secure,
		Partitioned: d.Partitioned}
	for mode, name := range sameSiteNames {
		if strings.EqualFold(name, d.SameSite) {
			c.SameSite = mode
		}
	}
	return c
}
