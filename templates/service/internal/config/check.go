package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// check finds the combinations that browsers drop in silence. Better a service
// that does not start than one whose users are never logged in.
func (c *Config) check(public *url.URL) []error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	seen := map[string]bool{}
	for _, origin := range c.CORSOrigins {
		u, err := parseOrigin(origin)
		switch {
		case err != nil:
			add("CORS_ORIGINS contains %q: %w", origin, err)
		case seen[origin]:
			add("CORS_ORIGINS contains %q twice; keep one", origin)
		case public.Host != "" && c.Cookie.SameSite != "none" && surelyCrossSite(public, u):
			add("a page on %s is another site than %s, so browsers withhold a cookie with SameSite=%s; put both under one site and scheme, or set COOKIE_SAME_SITE=none, COOKIE_SECURE=true and COOKIE_PARTITIONED=true", origin, c.PublicURL, c.Cookie.SameSite)
		}
		seen[origin] = true
	}

	problems = append(problems, c.checkAssurance(public)...)
	return append(problems, c.Cookie.check(public)...)
}

// checkAssurance keeps the session off plain http where an assurance level was
// chosen (NIST SP 800-63B-4, sections 5.1 and 5.1.1). This machine itself is
// exempt, for development.
func (c *Config) checkAssurance(public *url.URL) []error {
	plain := public.Scheme == "http"
	switch {
	case c.Session.Assurance == 0 || public.Host == "" || plain && isLoopback(public.Hostname()):
		return nil
	case plain:
		return []error{fmt.Errorf("PUBLIC_URL is %s, but sessions at AAL%d of NIST SP 800-63B-4 may not travel over plain http; set it to the https URL that browsers use", c.PublicURL, c.Session.Assurance)}
	case !c.Cookie.Secure:
		return []error{fmt.Errorf("without Secure the browser would also send the session over plain http, which AAL%d of NIST SP 800-63B-4 forbids; set COOKIE_SECURE=true", c.Session.Assurance)}
	}
	return nil
}

func (c *Cookie) check(public *url.URL) []error {
	var problems []error
	add := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }

	if !isToken(c.Name) {
		// net/http drops a cookie with such a name without a word.
		add("COOKIE_NAME is %q, which is not an RFC 6265 token; use letters, digits, - _ and .", c.Name)
	}
	switch c.SameSite {
	case "lax", "strict":
	case "none":
		if !c.Secure {
			add("SameSite=None without Secure is refused by browsers; set COOKIE_SECURE=true, or COOKIE_SAME_SITE=lax")
		}
	default:
		add("COOKIE_SAME_SITE is %q; write lax, strict or none", c.SameSite)
	}
	if c.Partitioned && !c.Secure {
		add("Partitioned without Secure is dropped by browsers without a message; set COOKIE_SECURE=true, or COOKIE_PARTITIONED=false")
	}
	if c.Secure && public.Scheme == "http" && !isLoopback(public.Hostname()) {
		add("a Secure cookie is refused at %s, which is plain http; set PUBLIC_URL to the https URL that browsers use, or COOKIE_SECURE=false", public)
	}
	problems = append(problems, c.checkPrefix()...)
	if c.Domain != "" && public.Host != "" {
		if err := checkDomain(c.Domain, public.Hostname()); err != nil {
			add("COOKIE_DOMAIN is %q: %w", c.Domain, err)
		}
	}
	return problems
}

// checkPrefix holds the name to the promise of its prefix (RFC 6265bis, section
// 4.1.3), in any case of letters, as browsers do.
func (c *Cookie) checkPrefix() []error {
	var problems []error
	name := strings.ToLower(c.Name)
	host := strings.HasPrefix(name, "__host-")
	if (host || strings.HasPrefix(name, "__secure-") || strings.HasPrefix(name, "__http-")) && !c.Secure {
		problems = append(problems, fmt.Errorf("a cookie named %s must be Secure; set COOKIE_SECURE=true, or COOKIE_NAME without the prefix", c.Name))
	}
	if host && c.Domain != "" {
		problems = append(problems, fmt.Errorf("a cookie named %s may not have a Domain; unset COOKIE_DOMAIN, or set COOKIE_NAME without the prefix", c.Name))
	}
	if host && c.Path != "/" {
		problems = append(problems, fmt.Errorf("a cookie named %s must have Path=/, it has %q; set COOKIE_NAME without the prefix", c.Name, c.Path))
	}
	if (strings.HasPrefix(name, "__http-") || strings.HasPrefix(name, "__host-http-")) && !c.HTTPOnly {
		problems = append(problems, fmt.Errorf("a cookie named %s must be HttpOnly; set COOKIE_NAME without the prefix", c.Name))
	}
	return problems
}

// checkDomain refuses what a browser refuses, and what net/http would turn
// into another cookie in silence.
func checkDomain(domain, host string) error {
	name := strings.ToLower(strings.TrimPrefix(domain, "."))
	switch {
	case strings.ContainsAny(name, ":/") || !validHost(name):
		return errors.New("not a host name; leave out scheme, port and path")
	case name == host:
		return nil
	case isAddress(host) || !strings.HasSuffix(host, "."+name):
		return fmt.Errorf("it does not cover %s, so browsers refuse the cookie; leave it empty", host)
	case !strings.Contains(name, "."):
		return errors.New("browsers refuse a cookie for a whole top-level domain; leave it empty")
	}
	return nil
}

// isToken reports whether s is a token of RFC 9110, section 5.6.2.
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
