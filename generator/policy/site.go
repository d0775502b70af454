package policy

import (
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
