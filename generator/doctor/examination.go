package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// examination is one run: what is examined, and what was seen of it so far. Each judge adds its findings.
type examination struct {
	o                Options
	api, page        policy.Origin
	pagePath         string // of the page whose Content-Security-Policy is read
	base             string // path of URL, without a slash at the end
	get, post, check string // paths
	method           string // of post
	crossOrigin      bool
	browser          *browser
	jar              jar
	trips            []*trip         // what the page did, in order
	nobody           *trip           // check without cookies, nil if it was not asked for or not answered
	names            []string        // of the session cookies, without those of their signatures
	asked            map[string]bool // preflights
	onPreflight      []string        // names of cookies that answers to preflights set
	missing          []string        // headers that preflights did not allow
	errors           []string        // evidence of errors without CORS headers
	report           *Report
	allowsOrigin     bool // an answer passed the CORS check
	staticACAO       bool // a stranger got the same Access-Control-Allow-Origin
	answered         bool // the service responded to some request
	late             bool // the time for all requests is over
}

// newExamination reports every problem of the options at once.
func newExamination(o Options) (*examination, error) {
	e := &examination{o: o, get: o.Get, post: o.Post, check: o.Check, method: http.MethodPost,
		asked: map[string]bool{}}
	var problems []error
	add := func(option, fact, hint string) {
		problems = append(problems, problem.For(option, fact, hint))
	}
	origin := func(option, raw string) policy.Origin {
		read := policy.ParseOrigin
		if option == "url" {
			read = policy.ParseServiceURL
		}
		o, _, err := read(raw)
		var r *problem.Problem
		switch {
		case !errors.As(err, &r):
		case option == "origin" && (r.Code == "origin-star" || r.Code == "origin-null"):
			add(option, fmt.Sprintf("--origin is %q, which is not the origin of a page", raw),
				"give the page's own, such as http://localhost:5173")
		case option == "origin" && strings.HasPrefix(r.Hint, "leave it out"):
			add(option, fmt.Sprintf("--origin is %q, which is not the origin of a web page", raw),
				"the doctor plays pages that are loaded over http or https; sessionseed's docs/apps.md is about apps "+
					"and extensions")
		default:
			add(option, r.Fact, r.Hint)
		}
		return o
	}
	apiURL, path := splitPath(o.URL)
	e.api, e.base = origin("url", apiURL), strings.TrimRight(path, "/")
	page, pagePath := splitPath(o.Origin)
	e.page, e.pagePath = origin("origin", page), cmp.Or(pagePath, "/")
	e.crossOrigin = e.api != e.page

	if e.get == "" && e.post == "" && e.check == "" {
		e.get, e.post, e.check = DefaultGet, DefaultPost, DefaultCheck
	}
	if method, rest, ok := strings.Cut(e.post, " "); ok {
		e.method, e.post = method, rest
	}
	for _, step := range [][2]string{{"get", e.get}, {"post", e.post}, {"check", e.check}} {
		option, path := step[0], step[1]
		if path == "" {
			continue
		}
		if u, err := url.ParseRequestURI(path); err != nil || !strings.HasPrefix(path, "/") || u.Fragment != "" {
			add(option, fmt.Sprintf("--%s is %q, which is not a path", option, path), "write one such as "+
				map[string]string{"get": DefaultGet, "post": DefaultPost, "check": DefaultCheck}[option])
		}
	}
	if e.method != strings.ToUpper(e.method) || strings.Trim(e.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		add("post", fmt.Sprintf("--post is %q, whose method is not valid", e.method+" "+e.post),
			`write a path such as /login, or one after a method in upper case: "PUT /profile"`)
	}
	if o.Body != "" && e.post == "" {
		add("body", "there is a body, and no request that sends it", "name the login as well: --post /login")
	}
	switch o.Client {
	case "", "fetch", "axios", "img":
	default:
		add("client", strconv.Quote(o.Client)+" is not a client that doctor knows", "choose fetch, axios or img")
	}
	switch o.ThirdParty {
	case "", "blocked", "allowed":
	default:
		add("third-party", fmt.Sprintf("--third-party is %q, which is neither blocked nor allowed", o.ThirdParty),
			"choose one, or leave it out")
	}
	if e.o.Timeout <= 0 {
		e.o.Timeout = 10 * time.Second
	}
	if e.o.Now == nil {
		e.o.Now = time.Now
	}
	if e.o.Lookup == nil {
		e.o.Lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	e.report = &Report{Version: 1, Findings: []Finding{}, Steps: []Step{}, URL: e.target(""), Origin: e.page.String(),
		Class: policy.Classify(e.page, e.api), SameSite: e.page.SameSite(e.api)}
	e.browser = newBrowser(e.page, e.api, e.o)
	return e, nil
}

// splitPath separates what follows the authority of a URL.
func splitPath(raw string) (origin, path string) {
	raw = strings.TrimSpace(raw)
	i := strings.Index(raw, "://")
	if i < 0 {
		return raw, ""
	}
	j := strings.IndexAny(raw[i+3:], "/?#")
	if j < 0 {
		return raw, ""
	}
	path = raw[i+3+j:]
	if k := strings.IndexAny(path, "?#"); k >= 0 {
		path = path[:k]
	}
	return raw[:i+3+j], path
}

// target is the URL of a path of the service.
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

// add records a finding. A code that was found before gets the further evidence.
func (e *examination) add(code, step string, evidence ...string) *Finding {
	for i := range evidence {
		evidence[i] = clean(evidence[i])
	}
	for i := range e.report.Findings {
		if f := &e.report.Findings[i]; f.Code == code {
			for _, line := range evidence {
				if !slices.Contains(f.Evidence, line) && len(f.Evidence) < 8 {
					f.Evidence = append(f.Evidence, line)
				}
			}
			return f
		}
	}
	r, ok := rules()[code]
	if !ok {
		panic(fmt.Sprintf("doctor: finding %q is not in the table", code))
	}
	fill := strings.NewReplacer("{page}", e.page.String(), "{api}", e.api.String(), "{host}", e.api.Host(),
		"{credentials}", credentialsRemedy(e.o.Client))
	f := Finding{Code: code, Severity: r.severity, Step: step, Evidence: evidence, Rule: fill.Replace(r.rule),
		Server: fill.Replace(r.server), Client: fill.Replace(r.client)}
	if e.o.Project {
		f.Option = fill.Replace(r.option)
	}
	e.report.Findings = append(e.report.Findings, f)
	return &e.report.Findings[len(e.report.Findings)-1]
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
