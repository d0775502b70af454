package cli

import (
	"time"

	"github.com/sessionseed/sessionseed/generator"
)

// preset answers "what are the sessions for" with a set of option values.
type preset struct {
	label, note      string
	maxAge, absolute time.Duration
	rolling, renew   bool
}

// presets are the choices of the question; one more, custom, asks for each
// value. The limits of the idle one are those of NIST SP 800-63B-3 AAL2.
var presets = []preset{
	{"One day", "koa's default: 24 hours after login", 24 * time.Hour, 7 * 24 * time.Hour, false, false},
	{"Log out when idle", "30 minutes without a request (rolling), 12 hours at most", 30 * time.Minute, 12 * time.Hour, true, false},
	{"Stay signed in", "14 days, prolonged by use (renew), 90 days at most", 14 * 24 * time.Hour, 90 * 24 * time.Hour, false, true},
}

// apply sets the preset's values, but leaves an absoluteMaxAge alone that was
// given by flag, environment or file.
func (p preset) apply(s *settings) {
	s.options.MaxAge, s.options.Rolling, s.options.Renew = p.maxAge, p.rolling, p.renew
	for _, name := range lifeOptions {
		s.from[name] = fromPrompt
	}
	if s.isOpen("absoluteMaxAge") || s.from["absoluteMaxAge"] == fromPrompt {
		s.options.AbsoluteMaxAge = p.absolute
		s.from["absoluteMaxAge"] = fromPrompt
	}
}

// matches reports whether the options are what the preset would set.
func (p preset) matches(o *generator.Options) bool {
	return o.MaxAge == p.maxAge && o.AbsoluteMaxAge == p.absolute && o.Rolling == p.rolling && o.Renew == p.renew
}

// lifeOptions are what the question covers; one of them given settles it.
var lifeOptions = []string{"maxAge", "rolling", "renew"}

// raiseAbsolute keeps absoluteMaxAge from being shorter than a maxAge that was
// just typed, if nobody chose it. It returns what to tell, or "".
func raiseAbsolute(s *settings) string {
	o := &s.options
	open := s.isOpen("absoluteMaxAge") || s.from["absoluteMaxAge"] == fromPrompt
	if !open || o.MaxAge <= o.AbsoluteMaxAge {
		return ""
	}
	o.AbsoluteMaxAge = o.MaxAge
	s.from["absoluteMaxAge"] = fromPrompt
	return "absoluteMaxAge is raised to " + generator.FormatDuration(o.MaxAge) + " with it."
}
