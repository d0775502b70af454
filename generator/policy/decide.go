package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// Decide returns the policy for a service, or every refusal at once, joined with [errors.Join]; each is a
// [*problem.Problem].
// Given the same input it returns the same decision.
func Decide(in Input) (Decision, error) {
	c := &chooser{in: in, d: Decision{HTTPOnly: in.HTTPOnly, Captcha: in.Captcha}}
	c.readOrigins()
	// Without readable origins there is no class, but what is wrong by itself can still be said.
	known := len(c.refusals) == 0
	c.readAttributes()
	if known {
		c.classify()
	}
	if known && c.d.Class != ClassD {
		c.chooseSameSite()
		c.chooseSecure()
		c.choosePartitioned()
		c.chooseDomain()
		c.choosePath()
		c.choosePrefix()
		c.chooseCORP()
	}
	if len(c.refusals) > 0 {
		return Decision{}, errors.Join(c.refusals...)
	}
	c.describe()
	return c.d, nil
}

// chooser holds one run of Decide.
type chooser struct {
	in       Input
	sameSite string // explicit value, or "" for auto; the same for the next three
	secure   string
	parts    string
	prefix   string // "none" or a prefix with its hyphen
	keyed    string // the prefix that the key brings along
	d        Decision
	refusals []error
}

func (c *chooser) refuse(option, code, fact, hint string) {
	c.refusals = append(c.refusals, &problem.Problem{Option: option, Code: code, Fact: fact, Hint: hint})
}

func (c *chooser) note(s Severity, code, fact, hint string) {
	c.d.Notes = append(c.d.Notes, Note{Severity: s, Code: code, Fact: fact, Hint: hint})
}

func (c *chooser) readOrigins() {
	c.d.PublicURL = c.readOrigin("publicURL", c.in.PublicURL)
	for _, raw := range c.in.Origins {
		o := c.readOrigin("corsOrigins", raw)
		switch {
		case o == Origin{}:
		case slices.Contains(c.d.Origins, o):
			c.note(Info, "origin-twice", o.String()+" is listed twice", "")
		default:
			c.d.Origins = append(c.d.Origins, o)
		}
	}
}

func (c *chooser) readOrigin(option, raw string) Origin {
	o, note, err := ParseOrigin(raw)
	if err != nil {
		var r *problem.Problem
		errors.As(err, &r)
		c.refuse(option, r.Code, r.Fact, r.Hint)
		return Origin{}
	}
	if note != "" {
		c.note(Info, "origin-spelling", note, "")
	}
	return o
}

// readAttributes reads the options that are wrong or right whatever the class is.
func (c *chooser) readAttributes() {
	word := func(option, v string, allowed ...string) string {
		lower := strings.ToLower(v)
		if auto(lower) {
			return ""
		}
		if !slices.Contains(allowed, lower) {
			c.refuse(option, option+"-value", fmt.Sprintf("%s is %s, which is not a valid value", option, quote(v)),
				"choose auto, "+strings.Join(allowed, ", "))
			return ""
		}
		return lower
	}
	c.sameSite = word("sameSite", c.in.SameSite, "lax", "strict", "none")
	c.secure = word("secure", c.in.Secure, "true", "false")
	c.parts = word("partitioned", c.in.Partitioned, "true", "false")
	c.readName()
}

// classify finds the class that serves all front ends: the C cookie works for class A too, and B excludes C because
// both look at the same service.
func (c *chooser) classify() {
	c.d.Class = ClassA
	if !c.d.PublicURL.Trustworthy() {
		c.d.Class = ClassB
	}
	for _, front := range c.d.Origins {
		switch Classify(front, c.d.PublicURL) {
		case ClassC:
			c.d.Class = ClassC
		case ClassD:
			c.refuseFront(front)
		}
		if insecureLocal(front, c.d.PublicURL) && front.addr.IsValid() {
			c.refuse("corsOrigins", "local-network",
				fmt.Sprintf("browsers let no page of %s, which is public and not https, call %s, which is in a "+
					"local network", front, c.d.PublicURL),
				"serve the page over https, or run page and service in one network")
		}
	}
}

// refuseFront says why a front end can have no session with a service on plain http.
func (c *chooser) refuseFront(front Origin) {
	c.d.Class = ClassD
	switch {
	case front.HTTPS() && front.host == c.d.PublicURL.host:
		c.refuse("corsOrigins", "schemeful",
			fmt.Sprintf("%s is https and the service %s is http: browsers block such requests, and count the two as "+
				"different sites", front, c.d.PublicURL),
			fmt.Sprintf("serve the service over https as well (publicURL: https://%s), then both are one site",
				c.d.PublicURL.bracketed()))
	case front.HTTPS():
		c.refuse("corsOrigins", "mixed-content",
			fmt.Sprintf("browsers block every request from the https page %s to %s, which is plain http", front,
				c.d.PublicURL),
			"serve the service over https")
	default:
		c.refuse("corsOrigins", "cross-site-http",
			fmt.Sprintf("%s and %s are different sites, so the cookie needs SameSite=None; that requires Secure, "+
				"and browsers drop Secure cookies from plain http", front, c.d.PublicURL),
			"serve the service over https, or give front end and service the same host name (ports may differ)")
	}
}

func (c *chooser) chooseCORP() {
	c.d.CORP = "same-origin"
	for _, front := range c.d.Origins {
		if front != c.d.PublicURL && c.d.CORP == "same-origin" {
			c.d.CORP = "same-site"
		}
	}
	if c.d.Class == ClassC {
		c.d.CORP = "cross-origin"
	}
}

// insecureLocal reports whether browsers block front's requests to api without asking: an insecure page on the
// internet may not reach into a local network at all (Local Network Access).
func insecureLocal(front, api Origin) bool {
	return !front.HTTPS() && front.Public() && (api.Loopback() || api.Private())
}
