package doctor

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// refusesForgery reports whether an answer can be that of a protection against forged requests: 403 is usual, Laravel
// answers 419, Rails 422, ASP.NET 400.
func (a *answer) refusesForgery() bool {
	return slices.Contains([]int{400, 403, 419, 422}, a.status)
}

// judgeForgery distinguishes a protection against forged requests from any other refusal of the page: with the
// token of an anti-forgery cookie, or as a page of the service itself, the answer is different. It returns the trip
// that went through, or the refused one.
func (e *examination) judgeForgery(ctx context.Context, t *trip, path string) *trip {
	text := strings.ToLower(string(t.answer().body))
	if strings.Contains(text, "cross-origin request detected") || strings.Contains(text, `"cross_origin"`) {
		e.add("csrf-untrusted", t.step, t.says()+": "+firstLine(string(t.answer().body)))
		return t
	}
	refused := t.answer().status
	accepted := func(again *trip, err error) bool {
		return err == nil && !again.answer().refusesForgery() && !failed(again.answer())
	}
	extra := http.Header{}
	for _, c := range e.jar.to(t.path) {
		name, value := tokenHeader(c)
		if name == "" || e.o.Headers.Get(name) != "" {
			continue
		}
		extra.Set(name, value)
		again, err := e.travel(ctx, &e.jar, t.step, t.method, path, extra)
		switch {
		case !accepted(again, err):
			continue
		case e.readableByPage(c):
			return again
		}
		e.add("csrf-unreadable", t.step, t.says(), fmt.Sprintf("with %s: (value of %s) it returns %d", name, c.Name,
			again.answer().status), c.describe(), e.whyUnreadable(c))
		return again
	}
	if refused != http.StatusForbidden {
		return t
	}
	for _, as := range []struct{ origin, words string }{
		{"", "without Origin and Sec-Fetch-Site"},
		{e.api.String(), "from a page of the service's own origin"},
	} {
		h := e.browser.scriptHeaders(extra, true)
		if as.origin != "" {
			h.Set("Origin", as.origin)
			h.Set("Referer", as.origin+"/")
			h.Set("Sec-Fetch-Site", "same-origin")
		}
		if cookies := header(e.jar.to(t.path)); cookies != "" {
			h.Set("Cookie", cookies)
		}
		again, err := e.browser.send(ctx, t.method, t.hops[0].target, h, e.body(t.method))
		e.saw(t.step, t.method, t.hops[0].target, again, err)
		if err == nil && again.status != refused && !failed(again) {
			e.add("csrf-untrusted", t.step, t.says(), fmt.Sprintf("%s it returns %d", as.words, again.status))
			break
		}
	}
	return t
}

// readableByPage reports whether document.cookie of the page shows a cookie of the service.
func (e *examination) readableByPage(c cookie) bool {
	return e.whyUnreadable(c) == ""
}

func (e *examination) whyUnreadable(c cookie) string {
	page, domain := e.page.Hostname(), strings.TrimPrefix(strings.ToLower(c.Domain), ".")
	switch {
	case c.HttpOnly:
		return "it is HttpOnly: scripts cannot read it"
	case domain == "" && page != e.api.Hostname():
		return fmt.Sprintf("it belongs to %s alone: document.cookie at %s does not show it", e.api.Hostname(), page)
	case domain != "" && page != domain && !strings.HasSuffix(page, "."+domain):
		return fmt.Sprintf("it belongs to hosts under %s: document.cookie at %s does not show it", domain, page)
	}
	return ""
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
