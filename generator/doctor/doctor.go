// Package doctor says why a browser would lose the session of a running service, for a page on a given origin.
//
//	report, err := doctor.Run(ctx, doctor.Options{
//		URL:    "https://api.example.com",
//		Origin: "https://app.example.com",
//		Get:    "/code", Post: "/login", Check: "/me",
//	})
//	if err != nil {
//		return err // an option that makes no sense
//	}
//	report.Text(os.Stdout, doctor.TextOptions{Color: true})
//	os.Exit(report.ExitCode())
//
// It works on any service. It sends what a browser would send for that page (preflights in a browser's spelling,
// Origin, Sec-Fetch-*), follows redirects and cookies through get, post and check, twice, finds out on which cookie the
// answer to check depends, and predicts with the rules of [github.com/sessionseed/sessionseed/generator/policy] what
// Chromium does with it. The verdict is [Works] only if a session was set, came back, and made check answer otherwise
// than without it. Every [Finding] has a stable code, the evidence, the rule in one sentence, and the remedy for server
// and front end.
//
// Nothing is changed beyond what a visitor does: the post sends the body {} by default, which a login
// refuses. The service is not trusted: each answer has a time limit, bodies and headers are read up to a limit,
// redirects are followed within the service only, and text from the service loses its control characters before it is
// shown.
package doctor

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
	"github.com/sessionseed/sessionseed/generator/policy"
)

// The steps that Run takes when none of the three is named.
const (
	DefaultGet   = "/code"
	DefaultPost  = "/login"
	DefaultCheck = "/me"
)

// Options say what to probe. URL and Origin are required.
type Options struct {
	// URL is where browsers reach the service: an origin, or an origin with a path below which Get, Post and Check lie.
	URL string

	// Origin is the page's, as the address bar shows it. A path at its end, / if there is none, names the page whose
	// Content-Security-Policy is read.
	Origin string

	// Get starts the session, Post uses it in a request that changes something, Check asks for it. Each is a path; Post
	// may have a method before it ("PUT /profile"). All empty: the defaults above. One empty: the step is left out.
	Get, Post, Check string

	// Body is what Post sends. Empty: {}, or for a project a login that is refused. Its type is application/json unless
	// Headers says otherwise.
	Body string

	// Headers are set by the front end on every request, such as X-Requested-With. They cause preflights.
	Headers http.Header

	// Cookie names the session cookie. Empty: the one on which the answer to Check depends, or else by its name.
	Cookie string

	// Client is how the front end calls: "fetch", "axios", "img" (Get is loaded by an <img>), or "" for unknown.
	Client string

	// WithoutCredentials declares that the front end does not ask for cookies (neither credentials: 'include' nor
	// withCredentials), which no probe can see.
	WithoutCredentials bool

	// ThirdParty is what the visitors' browsers do with third-party cookies: "blocked", "allowed", or "" for both.
	ThirdParty string

	// Insecure accepts any certificate without a finding, as a visitor does who has clicked the warning away.
	Insecure bool

	// Project says that the service is a generated one: each finding names the option to change in sessionseed.yaml,
	// and a wrong answer to the captcha is enough to show that the service knows a session.
	Project bool

	// Timeout bounds each request, default 10 s. Run takes at most six times as long.
	Timeout time.Duration

	// DialContext, Lookup, RootCAs and Now replace the network, name resolution, certificates and clock. Nil: the
	// system's.
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	Lookup      func(ctx context.Context, host string) ([]netip.Addr, error)
	RootCAs     *x509.CertPool
	Now         func() time.Time
}

// Run probes the service and reports. The error is about the options alone; a service that cannot be reached is a
// finding, and the report's verdict is then [NotProbed] or [CannotWork].
func Run(ctx context.Context, o Options) (*Report, error) {
	e, err := newExamination(o)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 6*e.timeout)
	defer cancel()
	e.run(ctx)
	return e.finish(), nil
}

// RunAll probes one service for several pages, one after the other. It stops when the context ends.
func RunAll(ctx context.Context, o Options, origins []string) ([]*Report, error) {
	var reports []*Report
	var problems []error
	for _, origin := range origins {
		o.Origin = origin
		report, err := Run(ctx, o)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		reports = append(reports, report)
		if ctx.Err() != nil {
			break
		}
	}
	return reports, errors.Join(append(problems, ctx.Err())...)
}

// examination is one run.
type examination struct {
	o                Options
	api, page        policy.Origin
	pagePath         string // of the page whose Content-Security-Policy is read
	base             string // path of URL, without a slash at the end
	get, post, check string // paths
	method           string // of post
	crossOrigin      bool
	timeout          time.Duration
	browser          *browser
	jar              jar
	trips            []*trip         // what the page did, in order
	nobody           *trip           // check without cookies, nil if it was not asked for
	names            []string        // of the session cookies, without those of their signatures
	asked            map[string]bool // preflights
	onPreflight      []string        // names of cookies that answers to preflights set
	missing          []string        // headers that preflights did not allow
	errors           []string        // evidence of errors without CORS headers
	report           *Report
	allowsOrigin     bool // an answer passed the CORS check
	staticACAO       bool // a stranger got the same Access-Control-Allow-Origin
}

// newExamination reports every problem of the options at once.
func newExamination(o Options) (*examination, error) {
	e := &examination{o: o, get: o.Get, post: o.Post, check: o.Check, method: http.MethodPost, timeout: o.Timeout,
		asked: map[string]bool{}}
	var problems []error
	add := func(option, fact, hint string) {
		problems = append(problems, problem.For(option, fact, hint))
	}
	origin := func(option, raw string) policy.Origin {
		o, _, err := policy.ParseOrigin(raw)
		var r *problem.Problem
		if errors.As(err, &r) {
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
			add(option, option+" is not a path", "write one such as /"+option)
		}
	}
	if e.method != strings.ToUpper(e.method) || strings.Trim(e.method, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		add("post", "post has no valid method", `write a path such as /login, or "PUT /profile"`)
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
		add("third-party", "third-party is neither blocked nor allowed", "choose one, or leave it out")
	}
	if e.timeout <= 0 {
		e.timeout = 10 * time.Second
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
	e.report = &Report{Version: 1, URL: e.target(""), Origin: e.page.String(), Class: policy.Classify(e.page, e.api),
		SameSite: e.page.SameSite(e.api)}
	e.browser = newBrowser(e)
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
