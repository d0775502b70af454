package doctor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// maxRedirects is how many redirects of one request are followed; browsers follow 20 (Fetch standard).
const maxRedirects = 20

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

// saw records a step.
func (e *examination) saw(step, method, target string, a *answer, err error) {
	s := Step{Name: step, Method: method, URL: clean(target)}
	switch {
	case err != nil:
		_, evidence := connection(target, err)
		s.Seen = clean(evidence)
	default:
		s.Status = a.status
		e.answered = e.answered || step != "page"
		var seen []string
		for _, c := range a.cookies(target, e.o.Now()) {
			does := "sets "
			if c.deletes() {
				does = "deletes "
			}
			seen = append(seen, does+c.Name)
		}
		if location := a.header.Get("Location"); location != "" {
			seen = append(seen, "Location: "+location)
		}
		s.Seen = clean(strings.Join(seen, ", "))
	}
	e.report.Steps = append(e.report.Steps, s)
}

// lost adds the finding for a request without an answer, and returns its code.
func (e *examination) lost(ctx context.Context, step, target string, err error) (code string) {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		e.late = true
		f := e.add("not-seen", step, fmt.Sprintf("after %s no more requests are sent", maxTime*e.o.Timeout))
		f.Pass = "Pass a longer --timeout."
		return f.Code
	}
	code, evidence := connection(target, err)
	f := e.add(code, step, evidence)
	var dial *net.OpError
	var dns *net.DNSError
	switch {
	case code == "wrong-scheme" && e.page.HTTPS() && !e.api.Loopback():
		f.Server, f.Client = "Serve https there: browsers block calls of an https page to plain http.", ""
		f.choose("none: look at the TLS proxy")
	case code == "wrong-scheme":
		f.replace("{other}", "http://"+e.api.Address())
	case code != "not-listening":
	case strings.Contains(err.Error(), "malformed MIME header"): // by net/http
		f.Rule = "The response is not valid HTTP; the page sees only \"Failed to fetch\"."
		f.Server, f.Client = "Send only valid lines as headers, without control characters.", ""
		f.choose(lookAtHandler)
	case strings.Contains(err.Error(), "malformed HTTP") && e.answered:
		f.Rule = "The response is not valid HTTP, although other requests had one: most often the response before it " +
			"on the connection has more bytes than it may have."
		f.Server, f.Client = "Send 204 and 304 without a body, and a right Content-Length.", ""
		f.choose(lookAtHandler)
	case strings.Contains(err.Error(), "malformed HTTP"):
		f.Rule = "What responds there does not speak HTTP/1.1; the page sees only \"Failed to fetch\"."
		f.Server = "Check host, port and scheme."
	case e.answered:
		f.Rule = "The service responded to other requests, but not to this one; the page sees only \"Failed to fetch\"."
		f.Server = "Look in the service's log for a crash in this request; if it is only slow, pass a longer --timeout."
		f.Client = ""
		f.choose(lookAtHandler)
	case !errors.As(err, &dns) && !(errors.As(err, &dial) && dial.Op == "dial"):
		f.Rule = "Something accepts connections at that address, and did not respond to this request; the page sees " +
			"only \"Failed to fetch\"."
		f.Server = "Look in the service's log for a crash in this request; if it is only slow, pass a longer --timeout."
		f.Client = "Check port and scheme of the URL that the page calls: the port may speak https."
		if e.api.HTTPS() {
			f.Client = "Check the port of the URL that the page calls: it may not speak https."
		}
	}
	return code
}
