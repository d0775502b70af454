package options

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// assurance are the session limits of an authenticator assurance level (AAL)
// of NIST SP 800-63B-4: sections 2.1.3, 2.2.3 and 2.3.3. Where the standard says
// SHOULD, the option means it. AAL1 has no inactivity limit.
type assurance struct {
	overall, inactivity time.Duration
}

var assurances = map[string]assurance{
	"aal1": {overall: 30 * day},
	"aal2": {overall: day, inactivity: time.Hour},
	"aal3": {overall: 12 * time.Hour, inactivity: 15 * time.Minute},
}

// BrowserIdle is how long a session of maxAge session can go without a request
// before the emitted service ends it (chosen in its internal/config).
func (o *Options) BrowserIdle() time.Duration { return min(30*time.Minute, o.AbsoluteMaxAge) }

// LimitsInactivity reports whether the level ends a session that nobody uses.
func (o *Options) LimitsInactivity() bool { return assurances[o.Assurance].inactivity > 0 }

// assuranceLevel is the level as a number, 0 for none.
func assuranceLevel(name string) int {
	switch name {
	case "aal1":
		return 1
	case "aal2":
		return 2
	case "aal3":
		return 3
	}
	return 0
}

// ApplyAssurance sets the lifetimes to the limits of o.Assurance, each where
// open reports that nobody chose it; the names are maxAge, absoluteMaxAge and
// rolling. What was chosen stays, and is [Options.Validate]'s to judge.
func (o *Options) ApplyAssurance(open func(option string) bool) {
	limit, ok := assurances[o.Assurance]
	if !ok {
		return
	}
	if open("absoluteMaxAge") {
		o.AbsoluteMaxAge = limit.overall
	}
	if open("maxAge") {
		o.MaxAge = limit.inactivity
		if limit.inactivity == 0 {
			o.MaxAge = limit.overall
		}
		o.MaxAge = min(o.MaxAge, max(o.AbsoluteMaxAge, time.Second))
	}
	if open("rolling") && limit.inactivity > 0 && !o.Renew && o.MaxAge != BrowserSession {
		o.Rolling = true
	}
}

// TightenAssurance is ApplyAssurance for a project that has its lifetimes
// already: it changes only those that o.Assurance refuses.
func (o *Options) TightenAssurance(open func(option string) bool) {
	given := *o
	o.ApplyAssurance(func(option string) bool { return given.assuranceRefuses(option) && open(option) })
}

// assuranceRefuses reports whether the level does not allow the value of an option.
func (o *Options) assuranceRefuses(option string) bool {
	return slices.ContainsFunc(problem.List(errors.Join(o.assuranceProblems()...)),
		func(p *problem.Problem) bool { return p.Option == option })
}

// assuranceProblems are the choices that a level does not allow.
func (o *Options) assuranceProblems() []error {
	limit, ok := assurances[o.Assurance]
	if !ok {
		return nil
	}
	level := strings.ToUpper(o.Assurance)
	var list []error
	add := func(option, hint, fact string, args ...any) {
		list = append(list, problem.For(option, fmt.Sprintf(fact, args...), hint+", or choose another assurance"))
	}
	overall, inactivity := FormatDuration(limit.overall), FormatDuration(limit.inactivity)
	if o.AbsoluteMaxAge > limit.overall {
		add("absoluteMaxAge", "give absoluteMaxAge "+overall+" or less",
			"absoluteMaxAge %s is longer than the %s that %s of NIST SP 800-63B-4 allows a session",
			FormatDuration(o.AbsoluteMaxAge), overall, level)
	}
	switch {
	case limit.inactivity == 0 && o.MaxAge > limit.overall:
		add("maxAge", "give maxAge "+overall+" or less", "maxAge %s is longer than the %s that %s of NIST SP "+
			"800-63B-4 allows a session", FormatDuration(o.MaxAge), overall, level)
	case limit.inactivity == 0:
	case o.MaxAge == BrowserSession && o.BrowserIdle() > limit.inactivity:
		add("maxAge", "give maxAge "+inactivity+" or less", "maxAge session ends after %s without a request, and %s "+
			"of NIST SP 800-63B-4 allows %s", FormatDuration(o.BrowserIdle()), level, inactivity)
	case o.MaxAge > limit.inactivity:
		add("maxAge", "give maxAge "+inactivity+" or less", "maxAge %s is longer than the %s without activity that "+
			"%s of NIST SP 800-63B-4 allows", FormatDuration(o.MaxAge), inactivity, level)
	}
	if limit.inactivity > 0 && !o.Rolling && o.MaxAge != BrowserSession {
		fact := "without rolling a session ends once maxAge has passed since its last change, however active the " +
			"user is; activity must restart the inactivity limit of %s (NIST SP 800-63B-4, section 5.2)"
		if o.Renew {
			fact = "with renew, activity in the first half of maxAge does not count; it must restart the inactivity " +
				"limit of %s (NIST SP 800-63B-4, section 5.2)"
		}
		add("rolling", "switch rolling on and renew off", fact, level)
	}
	if !o.Signed {
		add("signed", "leave signed on", "with signed off the store looks up any id that an attacker makes up; "+
			"%s of NIST SP 800-63B-4 is offered with signed ids only", level)
	}
	return list
}

// plainHTTP refuses to let sessions of an assurance level over the network
// unencrypted (sections 5.1 and 5.1.1). This machine itself is exempt, for
// development.
func (o *Options) plainHTTP(d policy.Decision) []error {
	level, ok := strings.ToUpper(o.Assurance), assuranceLevel(o.Assurance) > 0
	switch {
	case !ok || d.Class == "" || !d.PublicURL.HTTPS() && d.PublicURL.Loopback():
		return nil
	case !d.PublicURL.HTTPS():
		return []error{problem.For("publicURL",
			fmt.Sprintf("publicURL is %s, and sessions at %s of NIST SP 800-63B-4 may not travel over plain http",
				d.PublicURL, level),
			"serve service and front ends over https, or choose another assurance")}
	case !d.Secure:
		return []error{problem.For("secure", fmt.Sprintf("with secure off the browser also sends the session over "+
			"plain http, which %s of NIST SP 800-63B-4 forbids", level),
			"set secure: auto, or choose another assurance")}
	}
	return nil
}
