package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// maxRedirects is how many redirects of one request are followed; browsers follow 20 (Fetch standard).
const maxRedirects = 20

// run probes from the outside in: can the page reach the service, may it read the answers, which cookie is the session,
// does that cookie live, and does the service know it when it comes back.
func (e *examination) run(ctx context.Context) {
	e.judgeReach(ctx)
	if e.o.WithoutCredentials && e.crossOrigin {
		e.add("client-credentials", "", "declared: the front end does not ask for cookies")
	}
	first := e.connect(ctx)
	if first == nil {
		return
	}
	if e.crossOrigin {
		e.judgeStrangers(ctx, first.hops[0].target)
	}
	e.judgePage(ctx)
	if first.step != "connect" {
		e.judgeTrip(ctx, first)
	}
	for round := range 2 {
		if e.get != "" && round > 0 {
			e.take(ctx, "get", http.MethodGet, e.get)
		}
		if e.post != "" {
			e.take(ctx, "post", e.method, e.post)
		}
		if e.check != "" {
			e.take(ctx, "check", http.MethodGet, e.check)
		}
	}
	e.judgeMissingCORS()
	e.nameSession(ctx)
	e.judgeTrips()
	e.judgeSeen(ctx)
	if e.crossOrigin {
		e.judgeErrors(ctx)
	}
}

// trip is a request of the page, with the redirects that it followed.
type trip struct {
	step, method string
	path         string // as asked for
	extra        http.Header
	hops         []hop
	sent         []cookie // with the first request
	received     []cookie // of all answers, in their order
	stopped      string   // why a redirect was not followed, or ""
}

// hop is one request of a trip and its answer.
type hop struct {
	method, target string
	*answer
}

// answer is what the page gets to see.
func (t *trip) answer() *answer { return t.hops[len(t.hops)-1].answer }

// says is the trip in words: "GET /me returns 200".
func (t *trip) says() string {
	return fmt.Sprintf("%s %s returns %d", t.method, t.path, t.answer().status)
}

// ok reports whether the service did what was asked for.
func (t *trip) ok() bool { return t.answer().status < 400 && t.stopped == "" }

func (e *examination) target(path string) string { return e.api.String() + e.base + path }

// body is what a request of the method sends, or nil.
func (e *examination) body(method string) []byte {
	switch {
	case method == http.MethodGet, method == http.MethodHead:
		return nil
	case e.o.Body != "":
		return []byte(e.o.Body)
	case e.o.Project:
		return []byte(`{"username":"doctor","password":"doctor","code":"0"}`) // a wrong answer to the captcha
	}
	return []byte("{}")
}

// travel sends a request with the cookies of a jar and follows its redirects within the service, as fetch does. The
// error is that of the last request; the trip has the hops before it.
func (e *examination) travel(
	ctx context.Context, j *jar, step, method, path string, extra http.Header,
) (*trip, error) {
	t := &trip{step: step, method: method, path: e.base + path, extra: extra}
	target := e.target(path)
	for {
		here, err := url.Parse(target)
		if err != nil {
			return t, err
		}
		sent := j.to(here.Path)
		if len(t.hops) == 0 {
			t.sent = sent
		}
		var a *answer
		if e.isImage(step) {
			a, err = e.browser.image(ctx, target, header(sent))
		} else {
			a, err = e.browser.fetch(ctx, method, target, header(sent), extra, e.body(method))
		}
		e.saw(step, method, target, a, err)
		if err != nil {
			return t, err
		}
		t.hops = append(t.hops, hop{method, target, a})
		for _, c := range a.cookies(target, e.o.Now()) {
			t.received = append(t.received, c)
			j.keep(c)
		}
		location := a.header.Get("Location")
		next, err := here.Parse(location)
		if !a.redirects() || location == "" || err != nil {
			return t, nil
		}
		switch to, _, err := policy.ParseOrigin(next.Scheme + "://" + next.Host); {
		case err != nil || to != e.api:
			t.stopped = fmt.Sprintf("status %d sends the browser to %s", a.status, next)
			return t, nil
		case len(t.hops) > maxRedirects:
			t.stopped = fmt.Sprintf("more than %d redirects, the last to %s", maxRedirects, next)
			return t, nil
		}
		if method == http.MethodPost && a.status < 303 || method != http.MethodHead && a.status == 303 {
			method = http.MethodGet
		}
		next.Fragment = ""
		target = next.String()
	}
}

// isImage reports whether the page loads a step by an <img>.
func (e *examination) isImage(step string) bool { return step == "get" && e.o.Client == "img" }

func (a *answer) redirects() bool {
	return slices.Contains([]int{301, 302, 303, 307, 308}, a.status)
}

// connect sends the first request. It returns nil if there is nothing to examine.
func (e *examination) connect(ctx context.Context) *trip {
	step, path, j := "get", e.get, &e.jar
	switch {
	case e.get != "":
	case e.post == "":
		step, path = "check", e.check
	default: // the page logs in first; what a stranger's check or a GET of the login returns is of no matter
		step, path, j = "connect", cmp.Or(e.check, e.post), &jar{}
	}
	t, err := e.travel(ctx, j, step, http.MethodGet, path, nil)
	if err != nil {
		code, evidence := connection(e.target(path), err)
		e.add(code, "connect", evidence)
		if code == "certificate" {
			e.browser.trustAnything()
			t, err = e.travel(ctx, j, step, http.MethodGet, path, nil)
		}
		if err != nil {
			if code == "not-listening" {
				e.report.Verdict = NotProbed
			}
			return nil
		}
	}
	first := t.hops[0]
	body := strings.ToLower(string(first.body))
	if first.status == http.StatusBadRequest && strings.Contains(body, "http request") &&
		strings.Contains(body, "https") {
		e.add("wrong-scheme", "connect", e.api.Host()+" speaks https, not plain http")
		return nil
	}
	if t.stopped != "" && !e.api.HTTPS() && strings.HasPrefix(first.header.Get("Location"), "https:") {
		e.judgeRedirect(t)
		return nil
	}
	return t
}

// take takes one step of the session with the cookies that the service has set so far.
func (e *examination) take(ctx context.Context, step, method, path string) {
	t, err := e.travel(ctx, &e.jar, step, method, path, nil)
	if err != nil {
		code, evidence := connection(e.target(path), err)
		e.add(code, step, evidence)
		if len(t.hops) == 0 {
			return
		}
	}
	if method != http.MethodGet && t.answer().refusesForgery() {
		t = e.judgeForgery(ctx, t, path)
	}
	e.judgeTrip(ctx, t)
}

// judgeTrip finds what keeps the page from asking or from reading the answers, and remembers the trip.
func (e *examination) judgeTrip(ctx context.Context, t *trip) {
	e.trips = append(e.trips, t)
	if e.isImage(t.step) {
		e.judgeImage(t.answer())
	} else {
		for _, hop := range t.hops {
			if e.crossOrigin {
				e.askPermission(ctx, t, hop)
			}
			e.judgeCORS(t.step, hop.answer)
		}
		if t.step == "get" && e.o.Client == "" && strings.HasPrefix(t.answer().header.Get("Content-Type"), "image/") {
			e.judgeImage(t.answer())
		}
		e.judgeRedirect(t)
	}
	if t.step == "get" {
		e.judgeCaching("get", t.hops[0].answer)
	}
}

// askPermission sends the preflight that a browser sends before a request, if it sends one.
func (e *examination) askPermission(ctx context.Context, t *trip, h hop) {
	unsafe := e.browser.unsafeHeaders(t.extra, e.body(h.method) != nil)
	simple := h.method == http.MethodGet || h.method == http.MethodHead || h.method == http.MethodPost
	request := h.method + " " + h.target + " " + strings.Join(unsafe, ",")
	if len(unsafe) == 0 && simple || e.asked[request] || e.report.has("preflight-status", "preflight-redirect") {
		return
	}
	e.asked[request] = true
	a, err := e.browser.preflight(ctx, h.method, h.target, unsafe)
	e.saw("preflight", http.MethodOptions, h.target, a, err)
	if err != nil {
		code, evidence := connection(h.target, err)
		e.add(code, "preflight", evidence)
		return
	}
	for _, c := range a.cookies(h.target, e.o.Now()) {
		e.onPreflight = append(e.onPreflight, c.Name)
	}
	e.judgePreflight("preflight of "+t.step, h.method, unsafe, a)
}

// judgeRedirect finds redirects that a browser does not follow for the page, or follows as nobody.
func (e *examination) judgeRedirect(t *trip) {
	if t.stopped == "" {
		return
	}
	last := t.hops[len(t.hops)-1]
	location, remedy := last.header.Get("Location"), ""
	next, _ := url.Parse(last.target)
	next, _ = next.Parse(location)
	client := "Call the last URL of the redirects directly."
	switch {
	case next.Scheme == "https" && !e.api.HTTPS():
		client = fmt.Sprintf("Call the service at https://%s.", next.Host)
	case next.Scheme == "http" && e.api.HTTPS():
		remedy = "The service believes that it is on plain http: let the TLS proxy send X-Forwarded-Proto: https and " +
			"the service trust it, or redirect to a path without scheme and host."
	case len(t.hops) > maxRedirects:
		remedy, client = "Remove the redirect loop.", ""
	}
	f := e.add("redirect", t.step, t.stopped)
	if f.Server == "" && f.Client == "" {
		f.Server, f.Client = clean(remedy), clean(client)
	}
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

// judgeErrors looks at the answer to a path that does not exist, which the router writes, not a handler.
func (e *examination) judgeErrors(ctx context.Context) {
	if !e.allowsOrigin {
		return
	}
	target := e.target("/no-such-page-of-this-service")
	a, err := e.browser.fetch(ctx, http.MethodGet, target, "", nil, nil)
	e.saw("missing page", http.MethodGet, target, a, err)
	if err == nil && a.status >= 400 && len(a.header["Access-Control-Allow-Origin"]) == 0 {
		e.add("error-without-cors", "missing page",
			fmt.Sprintf("a missing page: status %d without Access-Control-Allow-Origin", a.status))
	}
}
