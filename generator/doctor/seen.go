package doctor

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// maxCandidates bounds the requests that find the session among several cookies.
const maxCandidates = 6

// nameSession finds which cookies are the session: those that check depends on, else those that look like it.
func (e *examination) nameSession(ctx context.Context) {
	all := e.received()
	if e.o.Cookie != "" {
		if _, ok := find(all, e.o.Cookie); ok {
			e.names = []string{e.o.Cookie}
		}
		e.compare(ctx)
		return
	}
	e.compare(ctx)
	if e.names = e.dependsOn(ctx); len(e.names) > 0 {
		return
	}
	best := 1
	for _, c := range all {
		best = max(best, likeness(c))
	}
	for _, c := range all {
		if name := unsigned(c.Name); likeness(c) == best && !slices.Contains(e.names, name) {
			e.names = append(e.names, name)
		}
	}
}

// isSession reports whether a cookie carries the session. Its signature belongs to it.
func (e *examination) isSession(c cookie) bool {
	return slices.Contains(e.names, c.Name) || slices.Contains(e.names, unsigned(c.Name))
}

// called is the session in words.
func (e *examination) called() string { return clean(strings.Join(e.names, " and ")) }

// received returns all cookies that the answers set.
func (e *examination) received() []cookie {
	var all []cookie
	for _, t := range e.trips {
		all = append(all, t.received...)
	}
	return all
}

// last returns the last trip of a step, or nil.
func (e *examination) last(step string) *trip {
	for _, t := range slices.Backward(e.trips) {
		if t.step == step {
			return t
		}
	}
	return nil
}

// compare asks for check as a visitor without cookies, if it was asked for with some.
func (e *examination) compare(ctx context.Context) {
	known := e.last("check")
	if known == nil || len(known.sent) == 0 {
		return
	}
	nobody, err := e.travel(ctx, &jar{}, "check without cookies", known.method, e.check, nil)
	if err == nil {
		e.nobody = nobody
	}
}

// dependsOn returns the cookies without which check answers as if there were no session.
func (e *examination) dependsOn(ctx context.Context) []string {
	if e.nobody == nil || !e.differs(e.nobody) {
		return nil
	}
	var candidates, names []string
	for _, c := range e.last("check").sent {
		if name := unsigned(c.Name); !slices.Contains(candidates, name) && len(candidates) < maxCandidates {
			candidates = append(candidates, name)
		}
	}
	if len(candidates) == 1 {
		return candidates
	}
	for _, name := range candidates {
		t, err := e.travel(ctx, e.jar.without(name), "check without "+name, http.MethodGet, e.check, nil)
		if err == nil && e.differs(t) {
			names = append(names, name)
		}
	}
	return names
}

// differs reports whether check answered otherwise with the cookies than on another trip. What changes with each answer
// (times, ids, tokens) is no difference.
func (e *examination) differs(other *trip) bool {
	var with []*answer
	for _, t := range e.trips {
		if t.step == "check" && len(t.sent) > 0 {
			with = append(with, t.answer())
		}
	}
	last, nobody := with[len(with)-1], other.answer()
	switch {
	case last.status != nobody.status:
		return true
	case bytes.Equal(last.body, nobody.body):
		return false
	case len(with) > 1 && bytes.Equal(with[0].body, last.body):
		return true
	}
	return !bytes.Equal(changing.ReplaceAll(last.body, []byte("*")), changing.ReplaceAll(nobody.body, []byte("*")))
}

// changing are the parts of an answer that say nothing about who asks: numbers and long words of letters and digits.
var changing = regexp.MustCompile(`[A-Za-z0-9_+/=-]{16,}|[0-9]+`)

// judgeSeen says what the verdict rests on: that a session was set, came back and was known. What was not seen is a
// finding of its own.
func (e *examination) judgeSeen(ctx context.Context) {
	switch {
	case e.judgeHidden():
	case e.judgeBearer(ctx):
	case len(e.names) == 0:
		e.judgeNoCookie(ctx)
	case e.nobody != nil && e.differs(e.nobody):
		e.report.Proof = clean(fmt.Sprintf("%s with %s and %d without.", e.last("check").says(),
			e.called(), e.nobody.answer().status))
		if e.last("check").answer().status == e.nobody.answer().status {
			e.report.Proof = clean(fmt.Sprintf("%s with another body if %s is missing.", e.last("check").says(),
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
		if err == nil && nobody.answer().status != post.answer().status {
			e.report.Proof = fmt.Sprintf("%s with %s and %d without; nobody logged in.", post.says(),
				e.called(), nobody.answer().status)
			return true
		}
	}
	if e.keptByGet() {
		e.report.Proof = fmt.Sprintf("GET %s knows the session when it comes back; nobody logged in.", e.base+e.get)
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
		e.add("not-seen", "", "the service sets "+names+", and no request shows whether it knows it again").Pass =
			"Name a path that shows who is logged in: --check /me."
		return
	}
	t := e.last("check")
	if t == nil {
		return // no answer, which is a finding
	}
	evidence := []string{fmt.Sprintf("%s with %s and without it", t.says(), names)}
	if _, sent := find(t.sent, e.names[0]); !sent {
		evidence[0] = fmt.Sprintf("%s; %s was not sent with it", t.says(), names)
	}
	e.add("not-seen", "check", append(evidence, e.refusedLogin()...)...).Pass = e.howToLogIn()
}

// refusedLogin is the evidence that nobody logged in.
func (e *examination) refusedLogin() []string {
	if post := e.last("post"); post != nil && !post.ok() {
		return []string{post.says()}
	}
	return nil
}

// howToLogIn says what to pass so that a session is seen.
func (e *examination) howToLogIn() string {
	post, check := e.last("post"), e.last("check")
	const login = `--body '{"username": "...", "password": "..."}', or --body @login.json`
	switch {
	case post == nil:
		return "Name the login and what it sends: --post /login " + login + "."
	case !post.ok() && post.answer().status == http.StatusNotFound:
		return "Name the path of the login with --post, and what it sends with " + login + "."
	case !post.ok() && e.o.Body == "":
		return "Log in: " + login + "; a form needs --header 'Content-Type: application/x-www-form-urlencoded'."
	case !post.ok():
		return fmt.Sprintf("The login was refused (%d): check --body, and --header for its type.", post.answer().status)
	case check != nil:
		return "Name a path that answers differently to a visitor who is logged in: --check /me."
	}
	return "Name a path that shows who is logged in: --check /me."
}

// judgeNoCookie says what was seen where no session was: whether the service holds its cookie back, or was not asked to
// start a session.
func (e *examination) judgeNoCookie(ctx context.Context) {
	var evidence, others []string
	for _, t := range e.trips {
		if line := t.says() + " without Set-Cookie"; len(t.received) == 0 && !slices.Contains(evidence, line) {
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
		e.add("not-seen", "", fmt.Sprintf("no answer sets %s; the service sets %s", e.o.Cookie,
			strings.Join(others, ", "))).Pass = "Pass --cookie with the name of the session cookie, or leave it out."
		return
	case len(others) > 0:
		evidence = append(evidence, "the service sets "+strings.Join(others, ", ")+", which is not a session")
	}
	starter := e.trips[0]
	post := e.last("post")
	loggedIn := post != nil && post.ok() && e.o.Body != ""
	if loggedIn {
		starter = post
	}
	failed := slices.IndexFunc(e.trips, func(t *trip) bool { return t.answer().status >= 500 })
	switch held := e.heldBack(ctx, starter); {
	case len(e.onPreflight) > 0:
		e.add("cookie-on-preflight", "", append([]string{"the answer to OPTIONS sets " +
			strings.Join(slices.Compact(e.onPreflight), ", ")}, evidence...)...)
	case held != "":
		e.add("no-set-cookie", starter.step, append(evidence, held)...).Server = e.proxyRemedy(true)
	case loggedIn:
		e.add("no-set-cookie", starter.step, evidence...).Server = e.proxyRemedy(false)
	case failed >= 0:
		t := e.trips[failed]
		f := e.add("no-set-cookie", t.step, evidence...)
		f.Server = fmt.Sprintf("Status %d: fix that first; the service's log says why.", t.answer().status)
		if e.api.HTTPS() {
			f.Server += " Koa and cookie-session fail so when they may not send a Secure cookie. " + e.proxyRemedy(true)
		}
	case e.report.blocked():
	default:
		f := e.add("not-seen", "", evidence...)
		f.Pass = e.howToLogIn()
		if get := e.last("get"); get == nil || !get.ok() {
			f.Pass += " Or name the request that starts a session: --get PATH."
		}
		if e.api.HTTPS() {
			f.Server = "If a session should have started here: " + e.proxyRemedy(true)
		}
	}
}

// heldBack tells a service that takes the connection for plain http from one that has no session: told by the headers of
// a TLS proxy that it is https, it sets a cookie.
func (e *examination) heldBack(ctx context.Context, t *trip) string {
	extra := http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-Ssl": {"on"}, "Forwarded": {"proto=https"}}
	for name, values := range t.extra {
		extra[name] = values
	}
	path := strings.TrimPrefix(t.path, e.base)
	again, err := e.travel(ctx, &jar{}, t.step+" as a TLS proxy", t.method, path, extra)
	if err != nil {
		return ""
	}
	for _, c := range again.received {
		if _, known := find(e.received(), c.Name); !known {
			return "with X-Forwarded-Proto: https it sets " + c.Name
		}
	}
	return ""
}

// proxyRemedy is the cure for a service that holds its Secure cookie back. sure: nothing else explains it.
func (e *examination) proxyRemedy(sure bool) string {
	const tell = "let the TLS proxy send X-Forwarded-Proto: https, and the service trust it "
	by := "(Express: app.set('trust proxy', 1); Koa: app.proxy = true)."
	for _, t := range e.trips {
		if strings.EqualFold(t.answer().header.Get("X-Powered-By"), "Express") {
			by = "(app.set('trust proxy', 1))."
		}
	}
	switch {
	case sure:
		return "The service takes the connection for plain http and holds its Secure cookie back: " + tell + by
	case e.api.HTTPS():
		return "Most often the service sits behind a TLS proxy, takes the connection for plain http and holds its " +
			"Secure cookie back: " + tell + by + " Otherwise save the session before the answer."
	}
	return "Save the session before the answer; a cookie that is Secure is held back on plain http."
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

// judgeBearer recognises a service that hands out a token in a body and knows its visitors by Authorization.
func (e *examination) judgeBearer(ctx context.Context) bool {
	check := e.last("check")
	if check == nil || e.nobody != nil && e.differs(e.nobody) {
		return false
	}
	var evidence []string
	extra := http.Header{}
	switch post := e.last("post"); {
	case e.o.Headers.Get("Authorization") != "":
		evidence = append(evidence, check.says()+" with the Authorization header")
	case post != nil && post.ok() && tokenIn(post.answer().body) != "":
		extra.Set("Authorization", "Bearer "+tokenIn(post.answer().body))
		evidence = append(evidence, post.says()+" with a token in its body")
	default:
		return false
	}
	as := func(step string, header http.Header) *trip {
		t, err := e.travel(ctx, &jar{}, step, http.MethodGet, e.check, header)
		if err != nil {
			return nil
		}
		return t
	}
	with := as("check with Authorization", extra)
	without := as("check without Authorization", http.Header{"Authorization": nil})
	if with == nil || without == nil || with.answer().status == without.answer().status {
		return false
	}
	e.add("bearer-token", "check", append(evidence, fmt.Sprintf("%s with Authorization: Bearer and %d without it",
		with.says(), without.answer().status))...)
	if e.crossOrigin {
		e.askPermission(ctx, with, with.hops[0])
	}
	return true
}

// tokenIn returns the token of a JSON answer to a login, or "".
func tokenIn(body []byte) string {
	var answer any
	if json.Unmarshal(body, &answer) != nil {
		return ""
	}
	var search func(v any, depth int) string
	search = func(v any, depth int) string {
		fields, _ := v.(map[string]any)
		for name, value := range fields {
			text, isText := value.(string)
			switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
			case "token", "accesstoken", "jwt", "idtoken", "authtoken", "bearertoken":
				if isText && len(text) >= 8 {
					return text
				}
			}
		}
		for _, value := range fields {
			if token := ""; depth > 0 {
				if token = search(value, depth-1); token != "" {
					return token
				}
			}
		}
		return ""
	}
	return search(answer, 1)
}
