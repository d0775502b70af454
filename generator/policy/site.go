package policy

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// Site returns the schemeful site of an origin, such as "https://example.com" for "https://app.example.com:8443":
// the scheme with the registrable domain. An address, localhost and a name that is itself a public suffix have no
// registrable domain and are a site of their own (HTML standard, "obtain a site"). The error is that of [Canonical].
func Site(origin string) (string, error) {
	o, _, err := parse(origin)
	if err != nil {
		return "", err
	}
	return o.site(), nil
}

// SameSite reports whether two origins are one site, so that SameSite=Lax and Strict cookies of the one reach requests
// from pages of the other. Ports do not matter, schemes do. It is false when either is no origin.
func SameSite(a, b string) bool {
	x, _, errA := parse(a)
	y, _, errB := parse(b)
	return errA == nil && errB == nil && x.site() == y.site()
}

// Loopback reports whether an origin's host is this machine by its spelling: localhost, a name below it, 127.0.0.0/8
// or ::1. Browsers treat http there as secure (Secure Contexts, section 3.1).
func Loopback(origin string) bool {
	o, _, err := parse(origin)
	return err == nil && o.loopback()
}

// Private reports whether an origin's host is an address of a local network: RFC 1918, RFC 4193, link-local, or a name
// below .local or .home.arpa.
func Private(origin string) bool {
	o, _, err := parse(origin)
	return err == nil && o.private()
}

// Public reports whether an origin's host looks like one on the internet: a public address, or a name under a public
// suffix that the list names. Only a resolver can tell for sure.
func Public(origin string) bool {
	o, _, err := parse(origin)
	return err == nil && o.public()
}

// PublicSuffix returns the public suffix a host ends in, and whether the list names it. For "a.github.io" it returns
// "github.io", true; for "printer.lan" it returns "lan", false.
func PublicSuffix(host string) (suffix string, listed bool) {
	suffix, icann := publicsuffix.PublicSuffix(host)
	return suffix, icann || strings.Contains(suffix, ".")
}

// Classify returns the class of one front end and the service. The error is that of [Canonical].
func Classify(front, api string) (Class, error) {
	f, _, err := parse(front)
	if err != nil {
		return "", err
	}
	a, _, err := parse(api)
	if err != nil {
		return "", err
	}
	return classify(f, a), nil
}

func classify(front, api origin) Class {
	trusted := api.scheme == "https" || api.loopback()
	switch same := front.site() == api.site(); {
	case same && trusted:
		return ClassA
	case same:
		return ClassB
	case trusted:
		return ClassC
	default:
		return ClassD
	}
}

func (o origin) site() string {
	host := o.bracketed()
	if !o.addr.IsValid() {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(o.host); err == nil {
			host = domain
		}
	}
	return o.scheme + "://" + host
}

func (o origin) loopback() bool {
	if o.addr.IsValid() {
		return o.addr.IsLoopback() && !o.addr.Is4In6()
	}
	return o.host == "localhost" || strings.HasSuffix(o.host, ".localhost")
}

func (o origin) private() bool {
	if o.addr.IsValid() {
		return o.addr.IsPrivate() || o.addr.IsLinkLocalUnicast()
	}
	return strings.HasSuffix(o.host, ".local") || strings.HasSuffix(o.host, ".home.arpa")
}

// public takes a name of a single label or under a reserved domain (RFC 2606, RFC 6762) for local.
func (o origin) public() bool {
	if o.loopback() || o.private() {
		return false
	}
	if o.addr.IsValid() {
		return o.addr.IsGlobalUnicast()
	}
	suffix, icann := publicsuffix.PublicSuffix(o.host)
	return icann || strings.Contains(suffix, ".")
}
