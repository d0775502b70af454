package doctor

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

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
		code := e.lost(ctx, "connect", e.target(path), err)
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
		e.add("wrong-scheme", "connect", e.api.Host()+" speaks https, not plain http").replace("{other}",
			"https://"+e.api.Address())
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
		e.lost(ctx, step, e.target(path), err)
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

// judgeRedirect finds redirects that a browser does not follow for the page, or follows as nobody.
func (e *examination) judgeRedirect(t *trip) {
	if t.stopped == "" {
		return
	}
	last := t.hops[len(t.hops)-1]
	location, remedy, option := last.header.Get("Location"), "", ""
	next, _ := url.Parse(last.target)
	next, _ = next.Parse(location)
	client := "Call the last URL of the redirects directly."
	switch {
	case next.Scheme+"://"+next.Host == e.page.String() && e.crossOrigin: // as after the login of a form
		remedy = "Answer with 200 or 204 instead of a redirect to the page."
		client, option = "Show the next page after the answer.", lookAtHandler
	case next.Hostname() != e.api.Hostname():
		client = "If the service has moved, call the last URL of the redirects directly. A login page of somebody " +
			"else is to be opened (location.href = ...), not fetched."
		option = lookAtHandler
	case next.Scheme == "https" && !e.api.HTTPS():
		client = fmt.Sprintf("Call the service at https://%s.", next.Host)
	case next.Scheme == "http" && e.api.HTTPS():
		remedy = "The service believes that it is on plain http: let the TLS proxy send X-Forwarded-Proto: https and " +
			"the service trust it, or redirect to a path without scheme and host."
		client = ""
	case len(t.hops) > maxRedirects:
		remedy, client, option = "Remove the redirect loop.", "", lookAtHandler
	}
	f := e.add("redirect", t.step, t.stopped)
	f.choose(option)
	if len(t.hops) > maxRedirects {
		f.Rule = "Browsers follow 20 redirects of one request, then give up."
	} else if e.crossOrigin { // Fetch standard, HTTP-redirect fetch: the request is tainted
		f.replace("{after}", "browsers send Origin: null, which CORS refuses")
	} else {
		f.replace("{after}", "the answer must allow the page with CORS")
	}
	if f.Server == "" && f.Client == "" {
		f.Server, f.Client = clean(remedy), clean(client)
	}
}
