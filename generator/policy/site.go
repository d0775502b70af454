package policy

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Site returns the schemeful site of an origin, such as "https://example.com" for "https://app.example.com:8443":
// the scheme with the registrable domain. An address, localhost and a name that is itself a public suffix have no
// registrable domain and are a site of their own (HTML standard, "obtain a site").
func (o Origin) Site() string {
	host := o.bracketed()
	if !o.addr.IsValid() {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(o.host); err == nil {
			host = domain
		}
	}
	return o.scheme + "://" + host
}

// SameSite reports whether two origins are one site, so that SameSite=Lax and Strict cookies of the one reach requests
// from pages of the other. Ports do not matter, schemes do.
func (o Origin) SameSite(other Origin) bool { return o.Site() == other.Site() }

// Loopback reports whether the host is this machine by its spelling: localhost, a name below it, 127.0.0.0/8 or ::1.
func (o Origin) Loopback() bool {
	if o.addr.IsValid() {
		return o.addr.IsLoopback() && !o.addr.Is4In6()
	}
	return o.host == "localhost" || strings.HasSuffix(o.host, ".localhost")
}

// Trustworthy reports whether browsers keep Secure cookies from the origin and send it Sec-Fetch headers: it is on
// https or on this machine (Secure Contexts, section 3.1).
func (o Origin) Trustworthy() bool { return o.HTTPS() || o.Loopback() }

// Private reports whether the host is an address of a local network: RFC 1918, RFC 4193, link-local, or a name below
// .local or .home.arpa.
func (o Origin) Private() bool {
	if o.addr.IsValid() {
		return o.addr.IsPrivate() || o.addr.IsLinkLocalUnicast()
	}
	return strings.HasSuffix(o.host, ".local") || strings.HasSuffix(o.host, ".home.arpa")
}

// Public reports whether the host looks like one on the internet: a public address, or a name under a public suffix
// that the list names. A name of a single label, as of a container, or under a reserved top-level domain (RFC 2606, RFC
// 6762) is taken for local. Only a resolver knows for sure.
func (o Origin) Public() bool {
	if o.Loopback() || o.Private() {
		return false
	}
	if o.addr.IsValid() {
		return o.addr.IsGlobalUnicast()
	}
	suffix, listed := PublicSuffix(o.host)
	return listed && suffix != o.host
}

// PublicSuffix returns the public suffix a host ends in, and whether the list names it. For "a.github.io" it returns
// "github.io", true; for "printer.lan" it returns "lan", false.
func PublicSuffix(host string) (suffix string, listed bool) {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix, icann || strings.Contains(suffix, ".")
}

// Classify returns the class of one front end and the service.
func Classify(front, api Origin) Class {
	switch same := front.SameSite(api); {
	case same && api.Trustworthy():
		return ClassA
	case same:
		return ClassB
	case api.Trustworthy():
		return ClassC
	default:
		return ClassD
	}
}

// insecureLocal reports whether browsers block front's requests to api without asking: an insecure page on the
// internet may not reach into a local network at all (Local Network Access).
func insecureLocal(front, api Origin) bool {
	return !front.HTTPS() && front.Public() && (api.Loopback() || api.Private())
}

// strangers are the front ends of other sites.
func (d Decision) strangers() []Origin {
	return slices.DeleteFunc(slices.Clone(d.Origins), func(front Origin) bool { return front.SameSite(d.PublicURL) })
}

// CrossSiteReason says in one sentence why two origins are different sites, or "" if they are one site. The cases that
// people take for one site get their own words.
func CrossSiteReason(front, api Origin) string {
	switch CrossSiteKind(front, api) {
	case "":
		return ""
	case "localhost-names":
		return fmt.Sprintf("%s and %s are the same machine, but two sites to browsers: cookies go by name, and "+
			"localhost, 127.0.0.1 and names under .localhost are all different", front, api)
	case "schemeful":
		return fmt.Sprintf("%s and %s are two sites, because one is http and the other https", front, api)
	case "public-suffix":
		suffix, _ := PublicSuffix(front.host)
		return fmt.Sprintf("%s and %s are two sites, because anybody can register a name under %s (public suffix list)",
			front, api, suffix)
	}
	return fmt.Sprintf("%s and %s are two sites", front, api)
}

// CrossSiteKind names the reason why two origins are different sites: "localhost-names", "schemeful", "public-suffix",
// "cross-site"; or "" if they are one site.
func CrossSiteKind(front, api Origin) string {
	fSite, aSite := front, api
	fSite.scheme, aSite.scheme = "https", "https"
	fSuffix, listed := PublicSuffix(front.host)
	aSuffix, _ := PublicSuffix(api.host)
	switch {
	case front.SameSite(api):
		return ""
	case fSite.SameSite(aSite):
		return "schemeful"
	case front.Loopback() && api.Loopback():
		return "localhost-names"
	case !front.addr.IsValid() && !api.addr.IsValid() && listed && fSuffix == aSuffix && strings.Contains(fSuffix, "."):
		return "public-suffix"
	}
	return "cross-site"
}

func crossSiteHint(front, api Origin) string {
	switch CrossSiteKind(front, api) {
	case "localhost-names":
		if front.scheme != api.scheme {
			front.scheme, api.scheme = "https", "https"
			return fmt.Sprintf("call the page and the service by one name, and serve both over https, such as %s and "+
				"%s", front, sameHost(front, api))
		}
		return fmt.Sprintf("call the page and the service by one name, such as %s", sameHost(front, api))
	case "schemeful":
		return "serve both over https"
	case "public-suffix":
		return "give both a domain of your own, such as app.example.com and api.example.com"
	}
	return "if you can, bring both under one site, such as app.example.com and api.example.com: SameSite=Lax then " +
		"protects more and works everywhere"
}

// sameHost is the service's origin under the front end's host name, on another port if the front end has that one.
func sameHost(front, api Origin) Origin {
	same := front
	if same.port, same.scheme = api.port, api.scheme; same == front {
		if same.port = 8081; same.HTTPS() {
			same.port = 8443
		}
	}
	return same
}

// oneSite is the remedy for front ends of other sites.
func (d Decision) oneSite() string {
	strangers := d.strangers()
	kind := CrossSiteKind(strangers[0], d.PublicURL)
	if kind == "cross-site" || slices.ContainsFunc(strangers, func(front Origin) bool {
		return CrossSiteKind(front, d.PublicURL) != kind
	}) {
		return "bring front end and service under one site, such as app.example.com and api.example.com"
	}
	return crossSiteHint(strangers[0], d.PublicURL)
}
