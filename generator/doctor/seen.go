package doctor

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// judgeSeen says what the verdict rests on: that a session was set, came back and was known. What was not seen is a
// finding of its own.
func (e *examination) judgeSeen(ctx context.Context) {
	switch {
	case e.late:
	case e.judgeHidden():
	case e.judgeBearer(ctx):
	case len(e.names) == 0:
		e.judgeNoCookie(ctx)
	case e.nobody != nil && e.differs(e.nobody):
		e.report.Proof = clean(fmt.Sprintf("%s with %s and %d without.", e.last("check").says(),
			e.called(), e.nobody.answer().status))
		if e.last("check").answer().status == e.nobody.answer().status {
			e.report.Proof = clean(fmt.Sprintf("%s with another body without %s.", e.last("check").says(),
				e.called()))
		}
	case e.o.Project && e.knownByCaptcha(ctx):
	default:
		e.judgeUnproven()
	}
}

// knownByCaptcha is for a project whose login wants a captcha, so that the doctor cannot log in: the service shows that
// it knows the session when it calls a wrong answer wrong, or keeps the session that waits for an answer.
func (e *examination) knownByCaptcha(ctx context.Context) bool {
	if post := e.last("post"); post != nil && len(post.sent) > 0 {
		nobody, err := e.travel(ctx, &jar{}, "post without cookies", post.method, e.post, nil)
		if err == nil && nobody.answer().status != post.answer().status && !failed(nobody.answer()) &&
			!failed(post.answer()) {
			e.report.Proof = fmt.Sprintf("%s with %s and %d without it; no login was made.", post.says(),
				e.called(), nobody.answer().status)
			return true
		}
	}
	if e.keptByGet() {
		e.report.Proof = fmt.Sprintf("GET %s knows the session when it comes back; no login was made.", e.base+e.get)
		return true
	}
	return false
}

// keptByGet reports whether get started a session and then kept it.
func (e *examination) keptByGet() bool {
	t := e.last("get")
	if t == nil || len(t.sent) == 0 {
		return false
	}
	for _, c := range t.sent {
		if !e.isSession(c) || unsigned(c.Name) != c.Name {
			continue
		}
		again, set := find(t.received, c.Name)
		return !set || !again.expired && identity(again.Value) != "" && identity(again.Value) == identity(c.Value)
	}
	return false
}

// judgeUnproven says why a cookie that was seen proves nothing yet.
func (e *examination) judgeUnproven() {
	names := e.called()
	if e.report.blocked() {
		return // which is why
	}
	if e.check == "" {
		e.add("not-seen", "", "the service sets "+names+", and no request shows whether it knows the session").Pass =
			"Name a path that shows who is logged in: --check /me."
		return
	}
	t := e.last("check")
	if t == nil {
		return // no answer, which is a finding
	}
	evidence, pass := fmt.Sprintf("%s with and without %s", t.says(), names), e.howToLogIn()
	switch _, sent := find(t.sent, e.names[0]); {
	case !sent:
		evidence = fmt.Sprintf("%s; it was sent without %s", t.says(), names)
	case t.answer().status == http.StatusTooManyRequests:
		evidence, pass = t.says(), e.afterLimit()
	case t.answer().status >= 500:
		pass = fmt.Sprintf("Fix status %d of %s first; the service's log has the reason.", t.answer().status, e.check)
		if e.nobody != nil && e.nobody.answer().status != t.answer().status {
			evidence = fmt.Sprintf("%s with %s and %d without", t.says(), names, e.nobody.answer().status)
		}
	case e.nobody == nil:
		evidence = fmt.Sprintf("%s with %s, and without there was no response", t.says(), names)
	case e.nobody.answer().status != t.answer().status: // one of them failed
		evidence = fmt.Sprintf("%s with %s and %d without, which says nothing about who asks", t.says(), names,
			e.nobody.answer().status)
		pass = "Let " + e.check + " answer a visitor who is not logged in with 401, or name another path with --check."
		if e.nobody.answer().status == http.StatusTooManyRequests {
			pass = e.afterLimit()
		}
	}
	e.add("not-seen", "check", append([]string{evidence}, e.refusedLogin()...)...).Pass = pass
}

// refusedLogin is the evidence that nobody logged in.
func (e *examination) refusedLogin() []string {
	if post := e.login(); post != nil && !post.ok() {
		return []string{post.says()}
	}
	return nil
}

// howToLogIn says what to pass so that a session is seen.
func (e *examination) howToLogIn() string {
	post, check := e.login(), e.last("check")
	const login = `--body '{"username": "...", "password": "..."}', or --body @login.json`
	switch {
	case post == nil:
		return "Name the login and what it sends: --post /login " + login + "."
	case post.answer().status == http.StatusTooManyRequests:
		return e.afterLimit()
	case !post.ok() && post.answer().status == http.StatusNotFound:
		return "Name the path of the login with --post, what it sends with " + login + ", and a path that shows who " +
			"is logged in with --check."
	case !post.ok() && !e.o.Project && strings.Contains(string(post.answer().body), `"captcha_`):
		return "The login asks for a captcha, which the doctor cannot read: for a sessionseed project pass --project."
	case !post.ok() && e.o.Body == "":
		return "Log in: " + login + "; a form needs --header 'Content-Type: application/x-www-form-urlencoded'."
	case !post.ok():
		return fmt.Sprintf("The login was refused (%d): check --body, and --header for its type; a login that asks "+
			"for a captcha has to do without it where the doctor runs.", post.answer().status)
	case check != nil && e.o.Body == "":
		return "Send a login that succeeds: " + login + "."
	case check != nil && (check.answer().status == 401 || check.answer().status == 403):
		return fmt.Sprintf("%s, although %s: check that --body is a login that succeeds; if it is, the service does "+
			"not find the session that it has set.", check.says(), post.says())
	case check != nil:
		return "Name a path with --check that answers differently to a visitor who is logged in."
	}
	return "Name a path that shows who is logged in: --check /me."
}

// afterLimit says what to do about a status 429.
func (e *examination) afterLimit() string {
	return "The service limits how often it may be asked (429): wait a while, then examine this page alone: --origin " +
		e.page.String() + "."
}

// judgeNoCookie says what was seen where no session was: whether the service holds its cookie back, or was not asked to
// start a session.
func (e *examination) judgeNoCookie(ctx context.Context) {
	if len(e.trips) == 0 {
		return // no answer, which is a finding
	}
	var evidence, others []string
	for _, t := range e.trips {
		line := t.says() + " without Set-Cookie"
		if len(t.received) > 0 {
			line = t.says() + " and deletes " + t.received[0].Name
		}
		if !slices.ContainsFunc(t.received, func(c cookie) bool { return !c.deletes() }) &&
			!slices.Contains(evidence, line) {
			evidence = append(evidence, line)
		}
	}
	for _, c := range e.received() {
		if !slices.Contains(others, c.Name) {
			others = append(others, c.Name)
		}
	}
	switch {
	case e.o.Cookie != "" && len(others) > 0:
		e.add("not-seen", "", fmt.Sprintf("no response sets %s; the service sets %s", e.o.Cookie,
			strings.Join(others, ", "))).Pass = "Pass --cookie with the name of the session cookie, or leave it out."
		return
	case len(others) > 0:
		evidence = append(evidence, "the service sets "+strings.Join(others, ", ")+", and no session")
	}
	starter := e.trips[0]
	if by := madeBy(starter.answer()); by != "" {
		evidence = append(evidence, by)
	}
	post := e.login()
	loggedIn := post != nil && post.ok() && e.o.Body != ""
	if loggedIn {
		starter = post
	}
	// A login without the body that it needs may fail in any way.
	failed := slices.IndexFunc(e.trips, func(t *trip) bool {
		return t.answer().status >= 500 && (t.step == "get" || t.step == "post" && e.o.Body != "")
	})
	// What other responses set, too, as a load balancer does, is in its place.
	preflights := slices.DeleteFunc(slices.Compact(e.onPreflight), func(name string) bool {
		return slices.Contains(others, name)
	})
	switch held := e.heldBack(ctx, starter); {
	case len(preflights) > 0:
		e.add("cookie-on-preflight", "", append([]string{"the response to OPTIONS sets " +
			strings.Join(preflights, ", ")}, evidence...)...)
	case held != "" && !e.api.HTTPS():
		e.add("no-set-cookie", starter.step, append(evidence, held)...).Server =
			"The service holds its Secure cookie back on plain http: call it over https, or leave Secure out there."
	case held != "":
		e.add("no-set-cookie", starter.step, append(evidence, held)...).Server =
			"The service takes the connection for plain http and holds its Secure cookie back: " + e.trustProxy()
	case loggedIn && e.api.HTTPS():
		e.add("no-set-cookie", starter.step,
			evidence...).Server = "Most often a service behind a TLS proxy holds its " +
			"Secure cookie back: " + e.trustProxy() + " Else save the session before the response starts."
	case loggedIn:
		e.add("no-set-cookie", starter.step, evidence...).Server = "Save the session before the response starts. " +
			"Express and " +
			"Koa hold a Secure cookie back on plain http."
	case failed >= 0:
		t := e.trips[failed]
		f := e.add("no-set-cookie", t.step, evidence...)
		f.Server = fmt.Sprintf("Fix status %d first; the service's log has the reason.", t.answer().status)
		f.choose(lookAtHandler)
		if e.api.HTTPS() {
			f.Server += " Koa and cookie-session fail like this when they hold a Secure cookie back: " + e.trustProxy()
		}
	case e.report.blocked():
	default:
		f := e.add("not-seen", "", evidence...)
		f.Pass = e.howToLogIn()
		limited := slices.ContainsFunc(e.trips, func(t *trip) bool {
			return t.answer().status == http.StatusTooManyRequests
		})
		if get := e.last("get"); limited {
			f.Pass = e.afterLimit()
		} else if get == nil || !get.ok() {
			f.Pass += " Or name the request that starts a session: --get PATH."
		}
		if e.api.HTTPS() {
			f.Server = "If a session should have started: most often a service behind a TLS proxy holds its Secure " +
				"cookie back: " + e.trustProxy()
		}
	}
}

// heldBack distinguishes a service that sees plain http from one without a session: with the headers of a TLS proxy the
// first one sets a cookie.
func (e *examination) heldBack(ctx context.Context, t *trip) string {
	extra := http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-Ssl": {"on"}, "Forwarded": {"proto=https"}}
	maps.Copy(extra, t.extra)
	path := strings.TrimPrefix(t.path, e.base)
	again, err := e.travel(ctx, &jar{}, t.step+" as a TLS proxy", t.method, path, extra)
	if err != nil {
		return ""
	}
	for _, c := range again.received {
		if _, known := find(e.received(), c.Name); !known && !c.deletes() {
			return "with X-Forwarded-Proto: https it sets " + c.Name
		}
	}
	return ""
}

// trustProxy is the cure for a service that holds its Secure cookie back because it takes the connection for plain
// http.
func (e *examination) trustProxy() string {
	send, trust := "let the TLS proxy send X-Forwarded-Proto: https,",
		"Express: app.set('trust proxy', 1); Koa: app.proxy = true"
	for _, t := range e.trips {
		h := t.answer().header
		if strings.HasPrefix(strings.ToLower(h.Get("Server")), "nginx") {
			send = "let nginx proxy_set_header X-Forwarded-Proto $scheme,"
		}
		if strings.EqualFold(h.Get("X-Powered-By"), "Express") {
			trust = "app.set('trust proxy', 1)"
		}
	}
	return send + " and the service trust it (" + trust + ")."
}

// madeBy is what a response says about the programs that made it, or "".
func madeBy(a *answer) string {
	var said []string
	for _, name := range []string{"Server", "X-Powered-By", "Via"} {
		if value := a.header.Get(name); value != "" {
			said = append(said, name+": "+value)
		}
	}
	return strings.Join(said, ", ")
}

// judgeHidden finds cookies that hide in the header of another one, where browsers do not see them. It reports whether
// the session is among them.
func (e *examination) judgeHidden() bool {
	hidden := false
	for _, c := range e.received() {
		for _, name := range c.folded() {
			f := e.add("cookie-folded", "", "Set-Cookie: "+c.Name+"=...; ..., "+name+"=...")
			if slices.Contains(e.names, name) || likeness(cookie{Cookie: http.Cookie{Name: name}}) < 3 &&
				e.nobody != nil && e.differs(e.nobody) {
				f.Severity = Warns
			} else {
				hidden = true
			}
		}
	}
	return hidden
}
