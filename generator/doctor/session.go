package doctor

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// run probes from the outside in: can the page reach the service, may it read the answer, does the cookie live.
func (e *examination) run(ctx context.Context) {
	e.judgeReach(ctx)
	if e.o.WithoutCredentials && e.crossOrigin {
		e.add("client-credentials", "", "declared: the front end does not ask for cookies")
	}
	first := e.get
	if first == "" {
		first = e.check
	}
	if first == "" {
		first = e.post
	}
	start := e.connect(ctx, first)
	if start == nil {
		return
	}
	if e.crossOrigin {
		e.judgeStrangers(ctx, e.target(first))
		e.judgePage(ctx)
	}
	if e.get != "" {
		e.judgeFirst(ctx, start)
	}
	for round := range 2 {
		if round > 0 && e.get != "" {
			e.visit(ctx, "get", http.MethodGet, e.get)
		}
		if e.post != "" {
			e.visit(ctx, "post", e.method, e.post)
		}
		if e.check != "" {
			e.visit(ctx, "check", http.MethodGet, e.check)
		}
	}
	if e.crossOrigin {
		e.judgeErrors(ctx)
	}
}

func (e *examination) target(path string) string { return e.api.String() + e.base + path }

// connect sends the first request. It returns nil if there is nothing to examine.
func (e *examination) connect(ctx context.Context, path string) *answer {
	target := e.target(path)
	a, err := e.ask(ctx, "get", path, "")
	if err != nil {
		code, evidence := connection(target, err)
		e.add(code, "connect", evidence)
		if code == "certificate" {
			e.browser.trustAnything()
			a, err = e.ask(ctx, "get", path, "")
		}
		if err != nil {
			if code == "not-listening" {
				e.report.Verdict = NotProbed
			}
			return nil
		}
	}
	location, _ := url.Parse(a.header.Get("Location"))
	switch body := strings.ToLower(string(a.body)); {
	case a.status == http.StatusBadRequest && strings.Contains(body, "http request") && strings.Contains(body, "https"):
		e.add("wrong-scheme", "connect", e.api.Host()+" speaks https, not plain http")
		return nil
	case a.status >= 300 && a.status < 400 && location != nil && location.Scheme == "https" && !e.api.HTTPS():
		e.add("wrong-scheme", "connect", fmt.Sprintf("status %d sends the browser to %s", a.status,
			a.header.Get("Location")))
		return nil
	}
	return a
}

// ask sends a GET of the page: by its script, or for the first step by an <img>.
func (e *examination) ask(ctx context.Context, step, path, cookies string) (*answer, error) {
	target := e.target(path)
	var a *answer
	var err error
	if step == "get" && e.o.Client == "img" && path == e.get {
		a, err = e.browser.image(ctx, target, cookies)
	} else {
		a, err = e.browser.fetch(ctx, http.MethodGet, target, cookies, nil)
	}
	e.saw(step, http.MethodGet, target, a, err)
	return a, err
}

// saw records a step.
func (e *examination) saw(step, method, target string, a *answer, err error) {
	s := Step{Name: step, Method: method, URL: clean(target)}
	switch {
	case err != nil:
		_, evidence := connection(target, err)
		s.Seen = clean(evidence)
	default:
		s.Status = a.status
		var seen []string
		for _, c := range a.cookies(target, e.o.Now()) {
			seen = append(seen, "sets "+c.Name)
		}
		if location := a.header.Get("Location"); location != "" {
			seen = append(seen, "Location: "+location)
		}
		s.Seen = clean(strings.Join(seen, ", "))
	}
	e.report.Steps = append(e.report.Steps, s)
}

// judgeFirst examines the answer that should start the session.
func (e *examination) judgeFirst(ctx context.Context, a *answer) {
	target := e.target(e.get)
	cookies := a.cookies(target, e.o.Now())
	if e.o.Client == "img" {
		e.judgeImage(a)
	} else {
		if e.crossOrigin && len(e.browser.unsafeHeaders(false)) > 0 {
			e.askPermission(ctx, "get", http.MethodGet, target, e.browser.unsafeHeaders(false))
		}
		e.judgeCORS("get", a)
		if e.o.Client == "" && strings.HasPrefix(a.header.Get("Content-Type"), "image/") {
			e.judgeImage(a)
		}
	}
	e.judgeCaching("get", a)
	e.judgeCookies("get", cookies)
	if !slices.ContainsFunc(cookies, func(c cookie) bool { return e.isSession(c, cookies) }) {
		e.judgeNoCookie(ctx, a, target)
	}
}

// judgeNoCookie tells a service behind a TLS proxy that believes itself on http from one without a session.
func (e *examination) judgeNoCookie(ctx context.Context, a *answer, target string) {
	evidence := []string{fmt.Sprintf("GET %s is answered %d without Set-Cookie", e.base+e.get, a.status)}
	remedy := "Start the session in this request, or name the one that does with --get."
	e.browser.headers = e.browser.headers.Clone()
	if e.browser.headers == nil {
		e.browser.headers = http.Header{}
	}
	e.browser.headers.Set("X-Forwarded-Proto", "https")
	again, err := e.browser.fetch(ctx, http.MethodGet, target, "", nil)
	e.browser.headers.Del("X-Forwarded-Proto")
	switch {
	case err == nil && len(again.header["Set-Cookie"]) > 0:
		evidence = append(evidence, "with X-Forwarded-Proto: https it sets one")
		remedy = "The service believes it is on plain http and holds its Secure cookie back: let the TLS proxy send " +
			"X-Forwarded-Proto: https and the service trust it (Express: trust proxy, Koa: app.proxy = true)."
	case a.status >= 400:
		remedy = fmt.Sprintf("Status %d: repair that first, or name another path with --get.", a.status)
	case a.status >= 300:
		remedy = "The answer is a redirect to " + a.header.Get("Location") + ": let the page call that URL, and name " +
			"it with --get."
	}
	e.add("no-set-cookie", "get", evidence...).replace("{noCookie}", remedy)
}

// visit takes one step of the session with the cookies that the service has set so far.
func (e *examination) visit(ctx context.Context, step, method, path string) {
	target := e.target(path)
	bare, _, _ := strings.Cut(e.base+path, "?")
	sent := jar{cookies: slices.DeleteFunc(slices.Clone(e.jar.cookies), func(c cookie) bool {
		return !covers(c.path,
			bare)
	})}
	var a *answer
	var err error
	if method == http.MethodGet {
		a, err = e.ask(ctx, step, path, sent.header(bare))
	} else {
		body := e.o.Body
		if body == "" {
			body = "{}"
		}
		a, err = e.browser.fetch(ctx, method, target, sent.header(bare), []byte(body))
		e.saw(step, method, target, a, err)
	}
	if err != nil {
		code, evidence := connection(target, err)
		e.add(code, step, evidence)
		return
	}
	switch {
	case method != http.MethodGet:
		e.judgeForgery(ctx, step, method, target, sent.header(bare), a)
		if e.crossOrigin {
			e.judgeCORS(step, a)
			unsafe := e.browser.unsafeHeaders(true)
			if len(unsafe) > 0 || method != http.MethodPost && method != http.MethodHead {
				e.askPermission(ctx, step, method, target, unsafe)
			}
		}
	case step != "get" || e.o.Client != "img":
		e.judgeCORS(step, a)
	}
	cookies := a.cookies(target, e.o.Now())
	e.judgeContinuity(step, method, a.status, sent, cookies)
	e.judgeCookies(step, cookies)
}

func (e *examination) askPermission(ctx context.Context, step, method, target string, unsafe []string) {
	if e.report.has("preflight-status", "preflight-redirect") {
		return
	}
	a, err := e.browser.preflight(ctx, method, target, unsafe)
	e.saw("preflight", http.MethodOptions, target, a, err)
	if err != nil {
		code, evidence := connection(target, err)
		e.add(code, "preflight", evidence)
		return
	}
	e.judgePreflight("preflight of "+step, method, unsafe, a)
}

// judgeForgery tells a protection against forged requests that does not know the page from any other 403: without the
// headers that name the page, as curl sends it, the answer is another.
func (e *examination) judgeForgery(ctx context.Context, step, method, target, cookies string, a *answer) {
	if a.status != http.StatusForbidden || e.report.has("csrf-untrusted") {
		return
	}
	text := strings.ToLower(string(a.body))
	evidence := fmt.Sprintf("%s %s is answered 403", method, e.base+e.post)
	if strings.Contains(text, "cross-origin request detected") || strings.Contains(text, `"cross_origin"`) {
		e.add("csrf-untrusted", step, evidence+": "+firstLine(string(a.body)))
		return
	}
	h := e.browser.headers.Clone()
	if h == nil {
		h = http.Header{}
	}
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json")
	}
	if cookies != "" {
		h.Set("Cookie", cookies)
	}
	body := e.o.Body
	if body == "" {
		body = "{}"
	}
	again, err := e.browser.send(ctx, method, target, h, []byte(body))
	if err == nil && again.status != http.StatusForbidden {
		e.add("csrf-untrusted", step, evidence, fmt.Sprintf("without Origin and Sec-Fetch-Site it is answered %d",
			again.status))
	}
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// judgeErrors looks at the answer to a path that does not exist, which the router writes, not a handler.
func (e *examination) judgeErrors(ctx context.Context) {
	if !e.allowsOrigin {
		return
	}
	target := e.target("/no-such-page-of-this-service")
	a, err := e.browser.fetch(ctx, http.MethodGet, target, "", nil)
	e.saw("missing page", http.MethodGet, target, a, err)
	if err == nil && a.status >= 400 && len(a.header["Access-Control-Allow-Origin"]) == 0 {
		e.add("error-without-cors", "missing page", fmt.Sprintf("a missing page: status %d without "+
			"Access-Control-Allow-Origin", a.status))
	}
}
