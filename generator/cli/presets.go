package cli

import (
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/generator/cli/ask"
	"github.com/sessionseed/sessionseed/generator/options"
)

// preset answers "how long do sessions last" with a set of option values.
type preset struct {
	label, note      string
	maxAge, absolute time.Duration
	rolling, renew   bool
}

// presets are the first choices of the question. maxAge, rolling and renew are asked
// for by themselves afterwards, with the preset's values as defaults.
var presets = []preset{
	{"One day", "24 hours after the last change", 24 * time.Hour, 7 * 24 * time.Hour, false, false},
	{"Log out when idle", "after 30 minutes (rolling)", 30 * time.Minute, 12 * time.Hour, true, false},
	{"Stay signed in", "14 days, extended by use (renew)",
		14 * 24 * time.Hour, 90 * 24 * time.Hour, false, true},
}

// choice is the preset as a line of the list; the limit belongs to it unless one was given.
func (p preset) choice(setsAbsolute bool) ask.Choice {
	c := ask.Choice{Label: p.label, Note: p.note}
	if setsAbsolute {
		c.Note += ", " + options.DurationWords(p.absolute) + " at most"
	}
	return c
}

// apply sets the preset's values, but leaves an absoluteMaxAge alone that was
// given by flag, environment or file.
func (p preset) apply(s *settings) {
	s.options.MaxAge, s.options.Rolling, s.options.Renew = p.maxAge, p.rolling, p.renew
	s.options.Assurance = noAssurance
	for _, name := range lifeOptions {
		s.from[name] = fromPrompt
	}
	if s.canAsk("absoluteMaxAge") {
		s.options.AbsoluteMaxAge = p.absolute
		s.from["absoluteMaxAge"] = fromPrompt
	}
}

// presetNow is the preset that the options are, or -1.
func presetNow(o *options.Options) int {
	return slices.IndexFunc(presets, func(p preset) bool { return p.matches(o) })
}

// matches reports whether the options are what the preset would set.
func (p preset) matches(o *options.Options) bool {
	return o.Assurance == noAssurance && o.MaxAge == p.maxAge && o.AbsoluteMaxAge == p.absolute &&
		o.Rolling == p.rolling && o.Renew == p.renew
}

// lifeOptions are what the question covers; one of them given settles it.
var lifeOptions = []string{"maxAge", "rolling", "renew", "assurance"}

// noAssurance is the value of assurance that holds the sessions to no level.
const noAssurance = "none"

// levelNotes say what each level asks of a session.
var levelNotes = map[string]string{
	"aal1": "ends after 30 days at most",
	"aal2": "ends after 24 hours at most, and after 1 hour without a request",
	"aal3": "ends after 12 hours at most, and after 15 minutes without a request",
}

// raiseAbsolute keeps absoluteMaxAge from being shorter than a maxAge that was
// just typed, if nobody chose it. It returns what to say, or "".
func raiseAbsolute(s *settings) string {
	o := &s.options
	open := s.canAsk("absoluteMaxAge")
	if !open || o.MaxAge <= o.AbsoluteMaxAge {
		return ""
	}
	o.AbsoluteMaxAge = o.MaxAge
	s.from["absoluteMaxAge"] = fromPrompt
	return "absoluteMaxAge is now " + options.FormatDuration(o.MaxAge) + ", too: it cannot be shorter than maxAge."
}
