// Package policy chooses the session cookie's attributes and the CORS list of a service from two facts:
// the URL at which browsers reach the service, and the origins of the front ends that call it.
//
//	d, err := policy.Decide(policy.Input{
//		PublicURL: "https://api.example.com",
//		Origins:   []string{"https://app.example.com"},
//		Key:       "sid",
//		HTTPOnly:  true,
//	})
//	// d.CookieLine(): __Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax
//
// A site is a scheme and a registrable domain ("https" + "example.com"); an origin is a scheme, a host and a
// port. Cookies look at sites and never at ports, CORS looks at origins. Every pair of front end and service
// falls into one of four classes:
//
//	A  same site, service on https or on this machine (loopback): SameSite=Lax
//	B  same site, service on plain http under a name or a LAN address: SameSite=Lax and nothing that needs https
//	C  other site, service on https or loopback: SameSite=None; Secure; Partitioned
//	D  other site, service on plain http: no cookie survives, Decide refuses
//
// Each attribute is decided when its option is empty or "auto". An explicit value is taken as it is when a
// browser would honour it, and refused with the reason and the remedy when it would not. Decide reports
// refusals together, those that depend on the class as soon as there is one. What works, but not everywhere or
// not as safely as it could, is a [Note].
//
// The rules follow RFC 6265bis (cookies), the Fetch and HTML standards (origins, mixed content, CORS) and
// measurements in Chromium. Which names are public suffixes comes from golang.org/x/net/publicsuffix.
// All functions are pure and safe for concurrent use.
package policy

import "strings"

// Class is how a front end and the service relate, see the package documentation. The zero value is not a class.
type Class string

// The four classes.
const (
	ClassA Class = "A" // same site; https or loopback
	ClassB Class = "B" // same site; plain http on a name or LAN address
	ClassC Class = "C" // other site; https or loopback
	ClassD Class = "D" // other site; plain http: impossible
)

// Input is what the owner of a service chose. The string attributes take "" or "auto" for "decide".
type Input struct {
	// PublicURL is the origin at which browsers reach the service, such as "https://api.example.com".
	// Behind a TLS proxy it is the proxy's. Required.
	PublicURL string

	// Origins are the front ends on other origins that may call the service with the cookie.
	// Empty: only pages which the service's own origin serves.
	Origins []string

	// Captcha says whether the service has one, which the explanation then speaks of.
	Captcha bool

	// Key is the cookie's name, a token of RFC 6265 section 4.1.1, at most 128 bytes. Required.
	// A name that already starts with "__Host-" or another prefix of RFC 6265bis keeps it, and is held to its rules.
	Key string

	// Prefix is "none", "host" (or "__Host-"), "secure" ("__Secure-"), "__Http-" or "__Host-Http-".
	Prefix string

	// SameSite is "lax", "strict" or "none".
	SameSite string

	// Secure and Partitioned are "true" or "false".
	Secure, Partitioned string

	// Domain is the name under which all hosts receive the cookie. Decided: left out, so that only the service's host
	// does.
	Domain string

	// Path is the URL path under which the cookie is sent. Decided: "/".
	Path string

	// HTTPOnly keeps the cookie from scripts.
	HTTPOnly bool
}

// Decision is the policy for one service. Its zero value is not a policy.
type Decision struct {
	Class       Class
	PublicURL   Origin
	Origins     []Origin // without duplicates, in the order given
	CookieName  string   // prefix and key
	SameSite    string   // "lax", "strict" or "none"
	Secure      bool
	HTTPOnly    bool
	Captcha     bool // as given
	Partitioned bool
	Domain      string // "": host-only
	Path        string
	CORP        string // Cross-Origin-Resource-Policy of the responses: "same-origin", "same-site" or "cross-origin"
	Notes       []Note
}

// Severity is how much a [Note] matters.
type Severity string

// The severities.
const (
	Info Severity = "info" // worth knowing
	Warn Severity = "warn" // works, but not everywhere or not as safely as it could
)

// Note is something the owner should know about a policy that was accepted.
type Note struct {
	Severity Severity
	Code     string // stable, kebab case; the doctor's finding of the same name where there is one
	Fact     string
	Hint     string // what to do, may be empty
}

// Sentence is the fact as a sentence of its own. A URL or an option's name at its beginning stays as it is written.
func (n Note) Sentence() string {
	first, _, _ := strings.Cut(n.Fact, " ")
	if strings.Trim(first, "abcdefghijklmnopqrstuvwxyz,") != "" {
		return n.Fact + "."
	}
	return strings.ToUpper(n.Fact[:1]) + n.Fact[1:] + "."
}

// auto reports whether an attribute is left to Decide.
func auto(v string) bool { return v == "" || v == "auto" }
