package doctor

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// judgeTrips predicts what a browser does with the session's cookies, answer by answer.
func (e *examination) judgeTrips() {
	past := &jar{}
	for _, t := range e.trips {
		e.judgeContinuity(t)
		had := e.hasSession(past)
		for i, c := range t.received {
			if e.isSession(c) {
				if e.report.Cookie == "" && unsigned(c.Name) == c.Name {
					e.report.Cookie = clean(c.Name)
				}
				if !c.expired {
					e.judgeKept(t.step, c)
					e.judgeSent(t.step, c)
					e.judgeCare(t.step, c)
				}
				e.judgeTwins(t, i, past)
			}
			past.keep(c)
		}
		e.judgeExpiry(t, had, e.hasSession(past))
	}
}

func (e *examination) hasSession(j *jar) bool { return slices.ContainsFunc(j.cookies, e.isSession) }

// judgeTwins finds a second cookie of the name of t.received[i]: in the same answer, or with another Domain or Path.
func (e *examination) judgeTwins(t *trip, i int, past *jar) {
	c := t.received[i]
	if c.expired {
		return
	}
	for _, o := range t.received[:i] {
		if o.Name == c.Name && !o.expired && o.replaces(c) && len(t.hops) == 1 {
			e.add("duplicate-cookie", t.step, fmt.Sprintf("one response sets %s more than once", c.Name))
		}
	}
	for _, o := range past.cookies {
		if o.Name == c.Name && !o.replaces(c) {
			e.add("duplicate-cookie", t.step, "first "+o.describe(), "then "+c.describe())
		}
	}
}

// judgeExpiry finds a session cookie that is over when it comes. A service may end a session that it has set, as after
// a logout, and clear a cookie of an older name; a login that succeeds may not leave the visitor without one.
func (e *examination) judgeExpiry(t *trip, had, has bool) {
	if has {
		return
	}
	login := t.step == "post" && t.ok() && !containsAny(strings.ToLower(t.path), logoutWords)
	for _, c := range t.received {
		if e.isSession(c) && c.expired && (login || !had && !c.deletes()) {
			e.add("cookie-expired", t.step, fmt.Sprintf("%s: %s", c.Name, c.expiry), t.says())
		}
	}
}

// logoutWords are in the paths of requests that end a session on purpose.
var logoutWords = []string{"logout", "logoff", "signout", "sign-out", "sign_out", "log-out", "log_out"}

// judgeKept finds what makes browsers drop a cookie wherever the page is.
func (e *examination) judgeKept(step string, c cookie) {
	for _, fault := range e.api.CookieFaults(&c.Cookie) {
		evidence := []string{c.describe()}
		if fault.Fact != "" {
			evidence = append(evidence, fault.Fact)
		}
		f := e.add(fault.Code, step, evidence...)
		if !e.page.SameSite(e.api) {
			continue
		}
		switch fault.Code {
		case "none-without-secure":
			f.Server = "Write SameSite=Lax, which is enough for page and service of one site; or add " +
				"Secure, over https."
		case "partitioned-without-secure":
			f.Server = "Leave Partitioned out, which page and service of one site do not need; or add " +
				"Secure, over https."
		}
	}
	if c.Secure && !e.api.HTTPS() && e.api.Trustworthy() {
		e.add("secure-on-localhost", step, c.describe(), fmt.Sprintf("the service is %s", e.api))
	}
}

// judgeSent finds what keeps a cookie from the page's requests: another site, third-party rules, the path.
func (e *examination) judgeSent(step string, c cookie) {
	line := c.describe()
	kind := policy.CrossSiteKind(e.page, e.api)
	reason := policy.CrossSiteReason(e.page, e.api)
	switch {
	case kind == "":
	case c.SameSite != http.SameSiteNoneMode:
		code := "cross-site-samesite"
		if kind == "localhost-names" || kind == "schemeful" {
			code = kind
		}
		e.add(code, step, line, reason)
	case c.Secure:
		if !c.Partitioned && e.o.ThirdParty != "allowed" {
			f := e.add("third-party-blocked", step, line, reason)
			if e.o.ThirdParty == "blocked" {
				f.Severity = Blocks
			}
		}
		if kind == "localhost-names" && !e.report.has(kind) {
			passes := "the cookie is SameSite=None; Secure and passes between them in Chrome and Firefox"
			if !c.Partitioned {
				passes += " where third-party cookies are allowed"
			}
			e.add(kind, step, reason, passes).Severity = Warns
		}
	}
	for _, path := range []string{e.post, e.check} {
		if path == "" || path == e.post && step != "get" { // a login does not need the cookie that it sets
			continue
		}
		path, _, _ = strings.Cut(e.base+path, "?")
		if !covers(c.path, path) {
			e.add("cookie-path", step, line, fmt.Sprintf("Path %s does not cover %s", c.path, path))
		}
	}
}

// judgeCare finds attributes that should be written.
func (e *examination) judgeCare(step string, c cookie) {
	if c.SameSite == 0 && !e.report.has("cross-site-samesite", "localhost-names", "schemeful") {
		evidence := []string{c.describe()}
		if c.sameSite != "" {
			evidence = append(evidence, "SameSite="+c.sameSite+" is none of Strict, Lax, None: it counts as left out")
		}
		e.add("samesite-unset", step, evidence...)
	}
	if !c.HttpOnly && !isForgeryToken(c.Name) {
		e.add("httponly", step, c.describe())
	}
}

// judgeContinuity compares a cookie that was sent back with the one the service then handed out. An id that changes
// with a request that succeeded in changing something is none of its business: a login that does so keeps planted ids
// worthless (ASVS 7.2.4), and a service that really forgets does it on GET as well.
func (e *examination) judgeContinuity(t *trip) {
	if t.method != http.MethodGet && t.answer().status < 400 { // a redirect to the page, too
		return
	}
	for _, c := range t.received {
		old, ok := find(t.sent, c.Name)
		if !ok || c.expired || !e.isSession(c) || unsigned(c.Name) != c.Name || old.Value == c.Value {
			continue
		}
		before, after := identity(old.Value), identity(c.Value)
		if before == "" || after == "" || before == after {
			continue
		}
		if !policy.IsToken(c.Name) {
			e.add("cookie-name", t.step, fmt.Sprintf("%s came back and was not recognized: %q is "+
				"not a token of RFC 6265", c.Name, c.Name))
			continue
		}
		e.add("session-changes", t.step, fmt.Sprintf("%s: sent %s, got %s", c.Name, short(before), short(after)))
	}
}

// short keeps secrets out of the report.
func short(id string) string {
	if len(id) > 6 {
		return id[:6] + "..."
	}
	return id
}
