package doctor

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// corsProblem is the CORS check of the Fetch standard for a request with cookies. It returns the code of the first
// thing that is wrong, or "" and nil.
func (e *examination) corsProblem(h http.Header) (code string, evidence []string) {
	origins := h["Access-Control-Allow-Origin"]
	joined := strings.Join(origins, ", ")
	switch {
	case len(origins) == 0:
		return "acao-missing", []string{"no Access-Control-Allow-Origin for the page's origin " + e.page.String()}
	case len(origins) > 1:
		return "acao-many", []string{fmt.Sprintf("Access-Control-Allow-Origin comes %d times: %s", len(origins),
			joined)}
	case strings.Contains(joined, ","):
		return "acao-many", []string{"Access-Control-Allow-Origin: " + joined}
	case joined == "*":
		return "acao-star", []string{"Access-Control-Allow-Origin: *"}
	case joined != e.page.String():
		return "acao-mismatch", compare(e.page, joined)
	}
	credentials := h["Access-Control-Allow-Credentials"]
	switch {
	case len(credentials) == 0:
		return "acac", []string{"no Access-Control-Allow-Credentials"}
	case strings.Join(credentials, ", ") != "true":
		return "acac", []string{"Access-Control-Allow-Credentials: " + strings.Join(credentials, ", ")}
	}
	return "", nil
}

// compare shows two origins one above the other and points at the first character that differs.
func compare(page policy.Origin, got string) []string {
	want, got := page.String(), clean(got)
	i := 0
	for i < len(want) && i < len(got) && want[i] == got[i] {
		i++
	}
	const label = "the header says "
	lines := []string{"the page is     " + want, label + got, strings.Repeat(" ", len(label)+i) + "^ " +
		difference(page, got, i)}
	return lines
}

// difference names the usual slips.
func difference(page policy.Origin, got string, at int) string {
	want := page.String()
	gotScheme, gotHost, _ := strings.Cut(got, "://")
	other, _, _ := policy.ParseOrigin(got)
	switch {
	case got == "":
		return "nothing there"
	case got == "null":
		return "null is the origin of sandboxed frames"
	case strings.TrimSuffix(got, "/") == want:
		return "trailing slash"
	case strings.EqualFold(want, got):
		return "upper case"
	case page.Host() == gotHost && page.Scheme() != gotScheme:
		return page.Scheme() + " or " + gotScheme
	case "www."+page.Host() == gotHost, page.Host() == "www."+gotHost:
		return "www. or not"
	case page.Hostname() == other.Hostname():
		return "another port"
	}
	return fmt.Sprintf("differs from character %d on", at+1)
}

// judgeCORS checks an answer to a request of the page's script.
func (e *examination) judgeCORS(step string, a *answer) {
	if !e.crossOrigin {
		return
	}
	code, evidence := e.corsProblem(a.header)
	if code == "" {
		e.allowsOrigin = true
		return
	}
	if code == "acao-missing" && a.status >= 400 {
		e.errors = append(e.errors, fmt.Sprintf("%s: status %d without Access-Control-Allow-Origin", step, a.status))
		return
	}
	if a.status >= 300 {
		evidence = append(evidence, fmt.Sprintf("%s returned status %d", step, a.status))
	}
	e.add(code, step, evidence...)
}

// judgeMissingCORS judges the errors without CORS headers, when it is known whether other responses have them.
func (e *examination) judgeMissingCORS() {
	code := "acao-missing"
	if e.allowsOrigin {
		code = "error-without-cors"
	}
	for _, evidence := range e.errors {
		step, _, _ := strings.Cut(evidence, ":")
		e.add(code, step, evidence)
	}
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
		e.lost(ctx, "preflight", h.target, err)
		return
	}
	for _, c := range a.cookies(h.target, e.o.Now()) {
		e.onPreflight = append(e.onPreflight, c.Name)
	}
	e.judgePreflight("preflight of "+t.step, h.method, unsafe, a)
}

// judgePreflight checks the answer to a preflight.
func (e *examination) judgePreflight(step, method string, unsafe []string, a *answer) {
	code, evidence := e.corsProblem(a.header)
	switch {
	case a.status >= 300 && a.status < 400:
		e.add("preflight-redirect", step, fmt.Sprintf("OPTIONS returns %d, Location: %s", a.status,
			a.header.Get("Location")))
		return
	case a.status < 200 || a.status > 299:
		// A service that refuses the preflight of a page it does not know says the same a second time.
		if !(code == "acao-missing" && (len(e.errors) > 0 || e.report.has("acao-missing"))) {
			e.add("preflight-status", step, fmt.Sprintf("OPTIONS returns %d", a.status))
		}
		return
	case code != "":
		where := fmt.Sprintf("in the response to OPTIONS, status %d", a.status)
		if e.report.has(code) {
			where = "also " + where
		}
		e.add(code, step, append(evidence, where)...)
		return
	}
	e.allowsOrigin = true
	methods, headers := listed(a.header, "Access-Control-Allow-Methods"), listed(a.header,
		"Access-Control-Allow-Headers")
	safelisted := method == http.MethodGet || method == http.MethodHead || method == http.MethodPost
	if !safelisted && !slices.Contains(methods, method) {
		e.add("preflight-method", step, fmt.Sprintf("%s is not in %s", method, said(a.header,
			"Access-Control-Allow-Methods")))
	}
	for _, name := range unsafe {
		if !slices.ContainsFunc(headers, func(h string) bool { return strings.EqualFold(h, name) }) {
			f := e.add("preflight-headers", step, fmt.Sprintf("%s is not in %s", name, said(a.header,
				"Access-Control-Allow-Headers")))
			if !slices.Contains(e.missing, name) {
				e.missing = append(e.missing, name)
			}
			allowed := slices.DeleteFunc(slices.Concat(headers, e.missing), func(h string) bool { return h == "*" })
			f.Server = clean(fmt.Sprintf("Allow %s, too: Access-Control-Allow-Headers: %s.",
				strings.Join(e.missing, " and "), strings.Join(allowed, ", ")))
		}
	}
}

// said is a header as it came, or that it is missing.
func said(h http.Header, name string) string {
	if len(h[name]) == 0 {
		return name + ", which is missing"
	}
	return name + ": " + strings.Join(h[name], ", ")
}

// listed splits a list header.
func listed(h http.Header, name string) []string {
	var items []string
	for item := range strings.SplitSeq(strings.Join(h[name], ","), ",") {
		if item = strings.Trim(item, " \t"); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// judgeStrangers asks as other pages would: a fresh origin, one that only begins like the page's, and null.
func (e *examination) judgeStrangers(ctx context.Context, target string) {
	random := make([]byte, 4)
	rand.Read(random)
	fresh := hex.EncodeToString(random) + ".invalid"
	for _, origin := range []string{"https://" + fresh, withoutPort(e.page) + "." + fresh, "null"} {
		if origin == e.page.String() {
			continue
		}
		a, err := e.browser.stranger(ctx, origin, target)
		e.saw("stranger", http.MethodGet, target, a, err)
		if err != nil {
			return
		}
		allowed := a.header.Get("Access-Control-Allow-Origin")
		credentials := a.header.Get("Access-Control-Allow-Credentials")
		if allowed == origin && credentials == "true" {
			e.add("reflects-any-origin", "stranger", fmt.Sprintf("for Origin: %s the service returns "+
				"Access-Control-Allow-Origin: %s with credentials", strings.ReplaceAll(origin, fresh,
				"stranger.invalid"), strings.ReplaceAll(allowed, fresh, "stranger.invalid")))
		}
		if allowed != "" && allowed == e.page.String() {
			e.staticACAO = true
		}
	}
}

func withoutPort(o policy.Origin) string {
	host := o.Hostname()
	if o.Addr().IsValid() {
		host = "address"
	}
	return o.Scheme() + "://" + host
}

// judgeCaching looks at what caches may do with the answer that starts the session.
func (e *examination) judgeCaching(step string, a *answer) {
	control := map[string]string{}
	for _, item := range listed(a.header, "Cache-Control") {
		name, value, _ := strings.Cut(strings.ToLower(item), "=")
		control[strings.TrimSpace(name)] = strings.Trim(value, ` "`)
	}
	if _, ok := control["no-store"]; ok {
		return
	}
	positive := func(name string) bool {
		n, err := strconv.Atoi(control[name])
		return err == nil && n > 0
	}
	_, public := control["public"]
	if keeps := public || positive("max-age") || positive("s-maxage"); keeps && len(a.header["Set-Cookie"]) > 0 {
		e.add("cacheable", step, "Set-Cookie together with Cache-Control: "+strings.Join(a.header["Cache-Control"],
			", "))
	}
	if a.header.Get("Access-Control-Allow-Origin") != e.page.String() || e.staticACAO || !e.crossOrigin {
		return
	}
	vary := listed(a.header, "Vary")
	if !slices.ContainsFunc(vary, func(v string) bool { return v == "*" || strings.EqualFold(v, "Origin") }) {
		e.add("vary", step, "Origin is not in "+said(a.header, "Vary"))
	}
}
