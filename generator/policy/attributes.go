package policy

import (
	"fmt"
	"strings"
)

func (c *chooser) chooseSameSite() {
	c.d.SameSite = c.sameSite
	switch {
	case c.sameSite == "" && c.d.Class == ClassC:
		c.d.SameSite = "none"
	case c.sameSite == "":
		c.d.SameSite = "lax"
	case c.sameSite != "none" && c.d.Class == ClassC:
		c.refuse("sameSite", "cross-site-samesite",
			fmt.Sprintf("with SameSite=%s browsers withhold the cookie from cross-site requests, and %s",
				title(c.sameSite), CrossSiteReason(c.d.strangers()[0], c.d.PublicURL)),
			"set sameSite: auto, or "+c.d.oneSite())
	case c.sameSite == "none" && !c.d.PublicURL.Trustworthy():
		c.refuse("sameSite", "none-without-secure",
			fmt.Sprintf("browsers drop a SameSite=None cookie that is not Secure, and Secure needs https, but "+
				"publicURL is %s", c.d.PublicURL),
			"set sameSite: auto, or "+c.overHTTPS())
	case c.sameSite == "none" && c.secure == "false":
		hint := "set secure: auto, or sameSite: auto"
		if c.d.Class == ClassC {
			hint = "set secure: auto"
		}
		c.refuse("sameSite", "none-without-secure", "browsers drop a SameSite=None cookie that is not Secure", hint)
	case c.sameSite == "none" && c.d.Class == ClassA:
		c.note(Warn, "none-same-site",
			"SameSite=None lets every web site send requests with your visitors' session, and no front end in the "+
				"list needs it",
			"set sameSite: auto")
	case c.sameSite == "strict":
		c.note(Info, "strict", "SameSite=Strict also withholds the cookie when a visitor follows a link from another "+
			"site straight to the service; requests of the front end carry it", "")
	}
}

func (c *chooser) chooseSecure() {
	switch {
	case c.secure == "false":
		c.d.Secure = false
		if c.d.Class == ClassC && c.sameSite != "none" {
			c.refuse("secure", "none-without-secure",
				fmt.Sprintf("%s and %s are different sites, so the cookie needs SameSite=None, and browsers drop "+
					"that without Secure", c.d.strangers()[0], c.d.PublicURL),
				"set secure: auto")
		} else if c.d.PublicURL.HTTPS() {
			c.note(Warn, "secure-off", "without Secure the browser also sends the session over plain http, where the "+
				"network can read it", "set secure: auto")
		}
	case c.secure == "true" && !c.d.PublicURL.Trustworthy():
		hint := "set secure: auto, or " + c.overHTTPS()
		if c.wantedPrefix() != "" { // which needs Secure, too
			hint = c.overHTTPS()
		}
		c.refuse("secure", "secure-over-http",
			fmt.Sprintf("browsers drop a Secure cookie that comes over plain http, and publicURL is %s", c.d.PublicURL),
			hint)
	case c.secure == "true":
		c.d.Secure = true
	default:
		wanted := c.d.PublicURL.HTTPS() || c.d.SameSite == "none" || c.parts == "true" || c.wantedPrefix() != ""
		c.d.Secure = wanted && c.d.PublicURL.Trustworthy()
	}
}

func (c *chooser) choosePartitioned() {
	switch {
	case c.parts == "":
		c.d.Partitioned = c.d.Class == ClassC
	case c.parts == "true" && !c.d.PublicURL.Trustworthy():
		c.refuse("partitioned", "partitioned-without-secure",
			fmt.Sprintf("browsers drop a Partitioned cookie that is not Secure, and Secure needs https, but "+
				"publicURL is %s", c.d.PublicURL),
			"set partitioned: auto, or "+c.overHTTPS())
	case c.parts == "true" && c.secure == "false":
		c.refuse("partitioned", "partitioned-without-secure",
			"browsers silently drop a Partitioned cookie that is not Secure", "set secure: auto")
	case c.parts == "true":
		c.d.Partitioned = true
		if c.d.Class == ClassA {
			c.note(Warn, "partitioned-same-site",
				"Partitioned keeps one session for each site in the address bar, and all front ends in the list "+
					"are on one site",
				"set partitioned: auto; only where other sites embed the front end is it of use, with sameSite: none")
		}
	case c.d.Class == ClassC:
		c.note(Warn, "third-party-blocked",
			"without Partitioned the cookie works only where third-party cookies are allowed: not in Safari, not in "+
				"private windows, not where the visitor blocks them; and every web site can send requests with it",
			"set partitioned: auto")
	}
}

// chooseDomain takes an explicit Domain that covers the service's host (RFC 6265bis section 5.7). Left out is best:
// the cookie then belongs to the one host that set it.
func (c *chooser) chooseDomain() {
	raw := c.in.Domain
	if auto(raw) || raw == "." { // which browsers take as none
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
	// net/http drops a Domain with an underscore, which browsers take, and says so only in the log.
	if strings.Contains(domain, "_") {
		fail("cookie-domain", fmt.Sprintf("net/http writes no Domain with an underscore: %s", quote(raw)))
		return
	}
	c.d.Domain = domain
	if c.d.PublicURL.alone(domain) {
		c.note(Info, "domain-alone", fmt.Sprintf("Domain=%s changes nothing: the cookie belongs to that host alone, "+
			"with it and without it", domain), "leave domain empty")
		return
	}
	c.note(Warn, "domain-wide", fmt.Sprintf("with Domain=%s every host under %s receives the session, and can set a "+
		"cookie of that name", domain, domain),
		"leave domain empty unless those hosts share the session")
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
		routes := "/login and /me"
		if c.d.Captcha {
			routes = "/code, /login and /me"
		}
		c.note(Warn, "cookie-path",
			fmt.Sprintf("with Path=%s browsers send the cookie only to URLs below it, but the service answers at %s",
				path, routes),
			fmt.Sprintf("set path: /, unless a proxy publishes the service below %s", path))
	}
}

// title spells a SameSite value as headers do.
func title(v string) string {
	switch v {
	case "lax":
		return "Lax"
	case "strict":
		return "Strict"
	case "none":
		return "None"
	}
	return v
}
