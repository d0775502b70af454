package doctor

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// isSession guesses which cookies carry the session. Its companion .sig, as Koa sets it, belongs to it.
func (e *examination) isSession(c cookie, all []cookie) bool {
	if e.o.Cookie != "" {
		return c.Name == e.o.Cookie || c.Name == e.o.Cookie+".sig"
	}
	known := func(c cookie) bool {
		lower := strings.ToLower(c.Name)
		return slices.ContainsFunc([]string{"sess", "sid", "auth", "token", "jwt", "login"},
			func(word string) bool { return strings.Contains(lower, word) })
	}
	if slices.Contains(e.names, c.Name) {
		return true
	}
	if len(e.names) > 0 || slices.ContainsFunc(all, known) {
		return known(c)
	}
	if slices.ContainsFunc(all, func(c cookie) bool { return c.HttpOnly }) {
		return c.HttpOnly
	}
	return true
}

// judgeCookies predicts what a browser does with the cookies of an answer, and puts them into the jar.
func (e *examination) judgeCookies(step string, all []cookie) {
	for i, c := range all {
		if !e.isSession(c, all) {
			e.jar.keep(c)
			continue
		}
		if !c.expired && !slices.Contains(e.names, c.Name) {
			e.names = append(e.names, c.Name)
		}
		if e.report.Cookie == "" && !strings.HasSuffix(c.Name, ".sig") {
			e.report.Cookie = clean(c.Name)
		}
		_, had := e.jar.find(c.Name)
		switch {
		case c.expired && (had || e.alive(all)):
			// The service ends a session, as after a logout, or clears one of an older name.
		case c.expired:
			e.add("cookie-expired", step, fmt.Sprintf("%s: %s", c.Name, c.expiry))
		default:
			e.judgeKept(step, c)
			e.judgeSent(step, c)
			e.judgeCare(step, c)
		}
		twin := func(o cookie) bool {
			return o.Name == c.Name && !o.expired && !c.expired
		}
		if slices.ContainsFunc(all[:i], twin) {
			e.add("duplicate-cookie", step, fmt.Sprintf("one answer sets %s more than once", c.Name))
		} else if j := slices.IndexFunc(e.jar.cookies, twin); j >= 0 &&
			(e.jar.cookies[j].Domain != "") != (c.Domain != "") {
			e.add("duplicate-cookie", step, fmt.Sprintf("%s is set with Domain=%s and without", c.Name,
				e.jar.cookies[j].Domain+c.Domain))
		}
		e.jar.keep(c)
	}
}

// alive reports whether an answer sets a session cookie that lives, or an earlier one did.
func (e *examination) alive(all []cookie) bool {
	return len(e.names) > 0 || slices.ContainsFunc(all, func(c cookie) bool {
		return !c.expired && e.isSession(c,
			all)
	})
}

// judgeKept finds what makes browsers drop a cookie wherever the page is.
func (e *examination) judgeKept(step string, c cookie) {
	c.Path = c.path
	for _, fault := range e.api.CookieFaults(&c.Cookie) {
		evidence := []string{c.describe()}
		if fault.Fact != "" {
			evidence = append(evidence, fault.Fact)
		}
		e.add(fault.Code, step, evidence...)
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
			e.add(kind, step, reason, "the cookie is SameSite=None; Secure and passes between them in "+
				"Chrome and Firefox").Severity = Warns
		}
	}
	for _, path := range []string{e.post, e.check} {
		if path == "" {
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
		e.add("samesite-unset", step, c.describe())
	}
	if !c.HttpOnly {
		e.add("httponly", step, c.describe())
	}
}

// describe is the cookie as Set-Cookie writes it, without its value.
func (c cookie) describe() string {
	c.Path = c.path
	return "Set-Cookie: " + c.Name + "=..." + policy.Attributes(&c.Cookie)
}

// judgeContinuity compares a cookie that was sent back with the one the service then handed out. An id that changes
// with a request that succeeded in changing something is none of its business: a login that does so keeps planted ids
// worthless (ASVS 7.2.4), and a service that really forgets does it on GET as well.
func (e *examination) judgeContinuity(step, method string, status int, sent jar, received []cookie) {
	if method != http.MethodGet && status >= 200 && status < 400 {
		return
	}
	for _, c := range received {
		old, ok := sent.find(c.Name)
		if !ok || c.expired || !e.isSession(c, received) || strings.HasSuffix(c.Name, ".sig") || old.Value == c.Value {
			continue
		}
		before, after := identity(old.Value), identity(c.Value)
		if before == "" || after == "" || before == after {
			continue
		}
		if !policy.IsToken(c.Name) {
			e.add("cookie-name", step, fmt.Sprintf("%s came back to the service and was not recognised: %q is no "+
				"token of RFC 6265", c.Name, c.Name))
			continue
		}
		e.add("session-changes", step, fmt.Sprintf("%s: sent %s, got %s", c.Name, short(before), short(after))).
			replace("{changes}", "Let all instances share one store and one signing key, keep both across restarts, "+
				"and save the session before the answer's first byte.")
	}
}

// identity returns the part of a value that names the session: without a signature at its end. It is "" for a value
// that holds the session itself, which changes with it: JSON in base64, or more than an id needs.
func identity(value string) string {
	const longestID = 72
	if strings.HasPrefix(value, "eyJ") || strings.HasPrefix(value, "%7B") || strings.HasPrefix(value, "{") {
		return ""
	}
	if i := strings.LastIndexByte(value, '.'); i > 0 {
		value = value[:i]
	}
	if len(value) > longestID {
		return ""
	}
	return value
}

// short keeps secrets out of the report.
func short(id string) string {
	if len(id) > 6 {
		return id[:6] + "..."
	}
	return id
}
