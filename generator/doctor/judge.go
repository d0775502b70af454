package doctor

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// maxCookie is the limit of browsers for name and value together, in bytes (RFC 6265bis section 5.6).
const maxCookie = 4096

// isSession guesses which cookies carry the session. Its companion .sig, as Koa sets it, belongs to it.
func (e *examination) isSession(c cookie, all []cookie) bool {
	if e.o.Cookie != "" {
		return c.name == e.o.Cookie || c.name == e.o.Cookie+".sig"
	}
	known := func(c cookie) bool {
		lower := strings.ToLower(c.name)
		return slices.ContainsFunc([]string{"sess", "sid", "auth", "token", "jwt", "login"}, func(word string) bool { return strings.Contains(lower, word) })
	}
	if slices.Contains(e.names, c.name) {
		return true
	}
	if len(e.names) > 0 || slices.ContainsFunc(all, known) {
		return known(c)
	}
	if slices.ContainsFunc(all, func(c cookie) bool { return c.httpOnly }) {
		return c.httpOnly
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
		if !c.expired && !slices.Contains(e.names, c.name) {
			e.names = append(e.names, c.name)
		}
		if e.report.Cookie == "" && !strings.HasSuffix(c.name, ".sig") {
			e.report.Cookie = clean(c.name)
		}
		_, had := e.jar.find(c.name)
		switch {
		case c.expired && (had || e.alive(all)):
			// The service ends a session, as after a logout, or clears one of an older name.
		case c.expired:
			e.add("cookie-expired", step, fmt.Sprintf("%s: %s", c.name, c.expiry))
		default:
			e.judgeKept(step, c)
			e.judgeSent(step, c)
			e.judgeCare(step, c)
		}
		twin := func(o cookie) bool {
			return o.name == c.name && !o.expired && !c.expired
		}
		if slices.ContainsFunc(all[:i], twin) {
			e.add("duplicate-cookie", step, fmt.Sprintf("one answer sets %s more than once", c.name))
		} else if j := slices.IndexFunc(e.jar.cookies, twin); j >= 0 && e.jar.cookies[j].hasDomain != c.hasDomain {
			e.add("duplicate-cookie", step, fmt.Sprintf("%s is set with Domain=%s and without", c.name, e.jar.cookies[j].domain+c.domain))
		}
		e.jar.keep(c)
	}
}

// alive reports whether an answer sets a session cookie that lives, or an earlier one did.
func (e *examination) alive(all []cookie) bool {
	return len(e.names) > 0 || slices.ContainsFunc(all, func(c cookie) bool { return !c.expired && e.isSession(c, all) })
}

// judgeKept finds what makes browsers drop a cookie wherever the page is (RFC 6265bis section 5.7).
func (e *examination) judgeKept(step string, c cookie) {
	https, loopback := strings.HasPrefix(e.api, "https:"), policy.Loopback(e.api)
	line := c.describe()
	if c.control {
		e.add("cookie-name", step, fmt.Sprintf("a control character in %q", c.name+"="+c.value))
	}
	if n := len(c.name) + len(c.value); n > maxCookie {
		e.add("cookie-too-big", step, fmt.Sprintf("%s: name and value have %d bytes, the limit is %d", c.name, n, maxCookie))
	}
	switch {
	case c.secure && !https && !loopback:
		e.add("secure-over-http", step, line, "the service is "+e.api)
	case c.secure && !https:
		e.add("secure-on-localhost", step, line, "the service is "+e.api)
	case c.sameSite == "none" && !c.secure:
		e.add("none-without-secure", step, line)
	}
	if c.partitioned && !c.secure {
		e.add("partitioned-without-secure", step, line)
	}
	if code, fact := policy.DomainProblem(c.domain, hostname(e.api)); c.hasDomain && code != "" {
		e.add(code, step, line, fact)
	}
	prefix := policy.PrefixOf(c.name)
	var broken []string
	if prefix != "" && !c.secure {
		broken = append(broken, "Secure")
	}
	if strings.HasPrefix(prefix, "__Host-") && c.path != "/" {
		broken = append(broken, "Path=/")
	}
	if strings.HasPrefix(prefix, "__Host-") && c.hasDomain {
		broken = append(broken, "no Domain")
	}
	if strings.HasSuffix(prefix, "Http-") && !c.httpOnly {
		broken = append(broken, "HttpOnly")
	}
	if len(broken) > 0 {
		e.add("cookie-prefix", step, line, prefix+" promises "+strings.Join(broken, ", "))
	}
}

// judgeSent finds what keeps a cookie from the page's requests: another site, third-party rules, the path.
func (e *examination) judgeSent(step string, c cookie) {
	line := c.describe()
	kind := policy.CrossSiteKind(e.page, e.api)
	reason := policy.CrossSiteReason(e.page, e.api)
	switch {
	case kind == "":
	case c.sameSite != "none":
		code := "cross-site-samesite"
		if kind == "localhost-names" || kind == "schemeful" {
			code = kind
		}
		e.add(code, step, line, reason)
	case c.secure:
		if !c.partitioned && e.o.ThirdParty != "allowed" {
			f := e.add("third-party-blocked", step, line, reason)
			if e.o.ThirdParty == "blocked" {
				f.Severity = Blocks
			}
		}
		if kind == "localhost-names" && !e.report.has(kind) {
			e.add(kind, step, reason, "the cookie is SameSite=None; Secure and passes between them in Chrome and Firefox").Severity = Warns
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
	if c.sameSite == "" && !e.report.has("cross-site-samesite", "localhost-names", "schemeful") {
		e.add("samesite-unset", step, c.describe())
	}
	if !c.httpOnly {
		e.add("httponly", step, c.describe())
	}
}

// describe is the cookie as Set-Cookie writes it, without its value.
func (c cookie) describe() string {
	s := "Set-Cookie: " + c.name + "=...; Path=" + c.path
	if c.hasDomain {
		s += "; Domain=" + c.domain
	}
	if c.httpOnly {
		s += "; HttpOnly"
	}
	if c.secure {
		s += "; Secure"
	}
	switch c.sameSite {
	case "lax":
		s += "; SameSite=Lax"
	case "strict":
		s += "; SameSite=Strict"
	case "none":
		s += "; SameSite=None"
	}
	if c.partitioned {
		s += "; Partitioned"
	}
	return s
}

// judgeContinuity compares a cookie that was sent back with the one the service then handed out. An id that changes
// with a request that succeeded in changing something is none of its business: a login that does so keeps planted ids
// worthless (ASVS 7.2.4), and a service that really forgets does it on GET as well.
func (e *examination) judgeContinuity(step, method string, status int, sent jar, received []cookie) {
	if method != http.MethodGet && status >= 200 && status < 400 {
		return
	}
	for _, c := range received {
		old, ok := sent.find(c.name)
		if !ok || c.expired || !e.isSession(c, received) || strings.HasSuffix(c.name, ".sig") || old.value == c.value {
			continue
		}
		before, after := identity(old.value), identity(c.value)
		if before == "" || after == "" || before == after {
			continue
		}
		if !isToken(c.name) {
			e.add("cookie-name", step, fmt.Sprintf("%s came back to the service and was not recognised: %q is no token of RFC 6265", c.name, c.name))
			continue
		}
		e.add("session-changes", step, fmt.Sprintf("%s: sent %s, got %s", c.name, short(before), short(after))).
			replace("{changes}", "Let all instances share one store and one signing key, keep both across restarts, and save the session before the answer's first byte.")
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
