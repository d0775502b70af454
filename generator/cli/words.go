package cli

import (
	"strings"

	"github.com/sessionseed/sessionseed/generator/options"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// lifeInWords says when a session of these options ends.
func lifeInWords(o *options.Options) string {
	limit := "at most " + options.DurationWords(o.AbsoluteMaxAge) + " after login"
	switch {
	case o.MaxAge == options.BrowserSession:
		return "until the browser closes or " + options.DurationWords(o.BrowserIdle()) + " pass without a request, " +
			limit
	case o.Rolling:
		return options.DurationWords(o.MaxAge) + " after the last request (rolling), " + limit
	case o.Renew:
		return options.DurationWords(o.MaxAge) + ", extended when half has passed (renew), " + limit
	}
	return options.DurationWords(o.MaxAge) + " after the last change, " + limit
}

// storeNotes say what each store costs, at the question that chooses one.
var storeNotes = map[string]string{
	"memory":   "one process, no dependency; a file can bridge planned restarts",
	"cookie":   "encrypted in the browser, up to 2900 bytes; no dependency",
	"sqlite":   "one machine; first build takes a minute longer, 370 MB of cache",
	"postgres": "several instances; one driver (pgx)",
	"redis":    "several instances, Sentinel, Cluster; one driver (go-redis)",
}

// accountNotes say where the users are.
var accountNotes = map[string]string{
	"env":   "one account, in .env: for a start, or until you add your own users",
	"table": "users register by email; stored in the sessions' database",
}

// policyInWords lists the policy's sentences and what it warns of.
func policyInWords(d policy.Decision, indent string) string {
	var b strings.Builder
	for _, sentence := range d.Explain() {
		b.WriteString(wrap(indent+"- ", sentence, textWidth) + "\n")
	}
	b.WriteString(notesInWords(d, indent))
	return b.String()
}

// notesInWords lists what the policy warns of.
func notesInWords(d policy.Decision, indent string) string {
	var b strings.Builder
	for _, n := range d.Notes {
		b.WriteString(noteInWords(n, indent, textWidth))
	}
	return b.String()
}

// noteInWords is one note with its hint.
func noteInWords(n policy.Note, indent string, width int) string {
	first := indent + "note: "
	if n.Severity == policy.Warn {
		first = indent + "warning: "
	}
	text := wrap(first, oneLine(n.Fact), width) + "\n"
	if n.Hint != "" {
		text += wrap(indent+"  hint: ", oneLine(n.Hint), width) + "\n"
	}
	return text
}
