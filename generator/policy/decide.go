package policy

import (
	"errors"
	"fmt"
)

// Decide returns the policy for a service, or the refusals, joined with [errors.Join]; each is a [*problem.Problem].
// Given the same input it returns the same decision.
func Decide(in Input) (Decision, error) {
	c := &chooser{in: in, d: Decision{HTTPOnly: in.HTTPOnly, Captcha: in.Captcha}}
	c.readOrigins()
	known := len(c.refusals) == 0
	c.readAttributes()
	c.readName()
	if known {
		c.classify()
	}
	// Without a class that can have a session, what is wrong whatever the class is can still be said.
	judged := known && c.d.Class != ClassD
	if judged {
		c.chooseSameSite()
		c.chooseSecure()
		c.choosePartitioned()
	}
	if c.d.PublicURL != (Origin{}) {
		c.chooseDomain()
	}
	c.choosePath()
	if judged {
		c.choosePrefix()
		c.chooseCORP()
	}
	if len(c.refusals) > 0 {
		return Decision{}, errors.Join(c.refusals...)
	}
	c.describe()
	return c.d, nil
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
	served := c.d.PublicURL
	if served.scheme = "https"; served == front {
		served.port = 8443
	}
	blocked := fmt.Sprintf("%s is https and %s is plain http: browsers block such requests", front, c.d.PublicURL)
	if c.d.PublicURL.Private() { // Local Network Access
		blocked += " or ask the visitor first"
	}
	switch {
	case front.HTTPS() && front.host == c.d.PublicURL.host:
		c.refuse("corsOrigins", "schemeful", blocked+", and count the two as different sites",
			fmt.Sprintf("serve the service over https as well (publicURL: %s), then both are one site", served))
	case front.HTTPS():
		c.refuse("corsOrigins", "mixed-content", blocked+", and drop the Secure cookie that two sites need",
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
