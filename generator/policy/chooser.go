package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// chooser holds one run of Decide: the input, as it is read here, and what was decided so far.
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
	read := ParseOrigin
	if option == "publicURL" {
		read = ParseServiceURL
	}
	o, note, err := read(raw)
	if err != nil {
		var r *problem.Problem
		errors.As(err, &r)
		hint := r.Hint
		if option == "corsOrigins" && raw == "none" {
			hint = "if no front end has another origin, give --cors-origin= or, in a file, corsOrigins: []"
		}
		c.refuse(option, r.Code, option+": "+r.Fact, hint)
		return Origin{}
	}
	if note != "" {
		c.note(Info, "origin-spelling", note, "")
	}
	return o
}

// readAttributes reads sameSite, secure and partitioned, and refuses words that are none of their values.
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
}

// overHTTPS is the remedy for what needs Secure.
func (c *chooser) overHTTPS() string {
	hint := "serve the service over https"
	if slices.ContainsFunc(c.d.Origins, func(front Origin) bool { return !front.HTTPS() }) {
		hint = "serve the service and its front ends over https"
	}
	if c.secure == "false" {
		hint += " with secure: auto"
	}
	return hint
}
