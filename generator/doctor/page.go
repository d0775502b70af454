package doctor

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sessionseed/sessionseed/generator/policy"
)

// judgeReach finds what keeps the page's request in the browser: mixed content and the border of the local network.
func (e *examination) judgeReach(ctx context.Context) {
	if e.page.HTTPS() && !e.api.Trustworthy() {
		e.add("mixed-content", "", fmt.Sprintf("the page is %s, the service %s", e.page, e.api))
	}
	page, pageWords := e.space(ctx, e.page)
	api, apiWords := e.space(ctx, e.api)
	if page == public && api < public && e.page.Hostname() != e.api.Hostname() {
		f := e.add("local-network", "", pageWords, apiWords)
		if !e.page.HTTPS() {
			f.Evidence = append(f.Evidence, "the page is plain http: browsers do not even ask the visitor")
		}
	}
}

// Address spaces of Local Network Access, from the most private on.
const (
	loopback = iota
	local
	public
)

// space reports in which address space a host is, by its addresses, or by its name if it has none here.
func (e *examination) space(ctx context.Context, origin policy.Origin) (space int, words string) {
	name := origin.Hostname()
	var addrs []netip.Addr
	if origin.Addr().IsValid() {
		addrs = []netip.Addr{origin.Addr()}
	} else if !origin.Loopback() {
		ctx, cancel := context.WithTimeout(ctx, min(e.o.Timeout, 3*time.Second))
		defer cancel()
		addrs, _ = e.o.Lookup(ctx, name)
	}
	isLoopback := origin.Loopback() || len(addrs) > 0 && addrs[0].Unmap().IsLoopback()
	isLocal := origin.Private() || len(addrs) > 0 && (addrs[0].Unmap().IsPrivate() ||
		addrs[0].Unmap().IsLinkLocalUnicast())
	switch {
	case isLoopback:
		return loopback, name + " is this machine"
	case isLocal:
		return local, name + " is in the local network"
	case len(addrs) > 0 || origin.Public():
		return public, name + " is on the internet"
	}
	return local, name + " is not a public name"
}

// judgePage reads the Content-Security-Policy of the page, if it can be loaded.
func (e *examination) judgePage(ctx context.Context) {
	h := http.Header{"Accept": {"text/html,*/*;q=0.8"}}
	e.browser.metadata(h, e.browser.site, "navigate", "document")
	if h.Get("Sec-Fetch-Site") != "" {
		h.Set("Sec-Fetch-Site", "none")
	}
	target := e.page.String() + e.pagePath
	a, err := e.browser.send(ctx, http.MethodGet, target, h, nil)
	e.saw("page", http.MethodGet, target, a, err)
	if err != nil || a.status != http.StatusOK {
		return
	}
	policies := slices.Clone(a.header["Content-Security-Policy"])
	for _, tag := range metaTag.FindAllString(string(a.body), 20) {
		if !strings.Contains(strings.ToLower(tag), "content-security-policy") || strings.Contains(strings.ToLower(tag),
			"report-only") {
			continue
		}
		if content := metaContent.FindStringSubmatch(tag); content != nil {
			policies = append(policies, html.UnescapeString(content[1]+content[2]))
		}
	}
	var blocked *Finding
	var remedies []string
	for _, step := range []struct{ directive, path string }{
		{directive: "connect-src", path: e.get}, {directive: "connect-src", path: e.post},
		{directive: "connect-src", path: e.check},
	} {
		if step.path == e.get && e.o.Client == "img" {
			step.directive = "img-src"
		}
		for one := range strings.SplitSeq(strings.Join(policies, ","), ",") {
			by, sources := cspSources(one, step.directive)
			if step.path == "" || by == "" || cspAllows(sources, e.page.String(), e.target(step.path)) {
				continue
			}
			remedy, words := fmt.Sprintf("add %s to %s", e.api, by), "the page's "+by
			if by != step.directive {
				words += ", which holds for " + step.directive + ","
				allowed := slices.DeleteFunc(slices.Clone(sources), func(s string) bool { return s == "'none'" })
				allowed = append(allowed, e.api.String())
				remedy = "write " + step.directive + " " + strings.Join(allowed, " ")
			}
			blocked = e.add("csp", "page", fmt.Sprintf("%s does not allow %s: %s", words, e.base+step.path,
				strings.Join(sources, " ")))
			if !slices.Contains(remedies, remedy) {
				remedies = append(remedies, remedy)
			}
		}
	}
	switch {
	case blocked == nil:
	case e.api.Addr().Is6(): // which the grammar of CSP does not have
		instead := "have the page call the service by a host name, and add that"
		if e.api.Loopback() {
			named := strings.Replace(e.api.String(), "["+e.api.Hostname()+"]", "localhost", 1)
			instead = "use localhost for page and service, and add " + named
		}
		blocked.Client = fmt.Sprintf("A policy cannot name the IPv6 address of %s: %s to the policy.", e.api, instead)
		blocked.choose("publicURL: a host name")
	default:
		blocked.replace("{remedy}", strings.Join(remedies, ", and "))
	}
}

var (
	metaTag     = regexp.MustCompile(`(?is)<meta\s[^>]*>`)
	metaContent = regexp.MustCompile(`(?is)\scontent\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// cspSources returns the sources of a directive, or those of default-src, which holds where there is none, and by which
// of the two, "" for neither.
func cspSources(policy, directive string) (by string, sources []string) {
	directives := map[string][]string{}
	for part := range strings.SplitSeq(policy, ";") {
		fields := strings.Fields(part)
		if len(fields) == 0 {
			continue
		}
		name := strings.ToLower(fields[0])
		if _, twice := directives[name]; !twice {
			directives[name] = fields[1:]
		}
	}
	for _, by := range []string{directive, "default-src"} {
		if sources, found := directives[by]; found {
			return by, sources
		}
	}
	return "", nil
}

// cspAllows is "Does url match source list in origin" of CSP level 3, for host, scheme and 'self' sources.
func cspAllows(sources []string, page, target string) bool {
	u, err := url.Parse(target)
	if err != nil {
		return false
	}
	p, err := url.Parse(page)
	if err != nil {
		return false
	}
	for _, source := range sources {
		lower := strings.ToLower(source)
		switch {
		case lower == "*":
			return true
		case lower == "'self'":
			if u.Hostname() == p.Hostname() && portMatches(p.Port(), u) && schemeMatches(p.Scheme, u.Scheme) {
				return true
			}
		case strings.HasPrefix(lower, "'"):
		case strings.HasSuffix(lower, ":") && !strings.Contains(lower, "/"):
			if schemeMatches(strings.TrimSuffix(lower, ":"), u.Scheme) {
				return true
			}
		default:
			scheme, rest, found := strings.Cut(source, "://")
			if !found {
				scheme, rest = p.Scheme, source
			}
			rest, path, hasPath := strings.Cut(rest, "/")
			name, port, _ := strings.Cut(strings.ToLower(rest), ":")
			if schemeMatches(strings.ToLower(scheme), u.Scheme) && hostMatches(name, strings.ToLower(u.Hostname())) &&
				(port == "*" || portMatches(port, u)) && (!hasPath || pathMatches("/"+path, u.Path)) {
				return true
			}
		}
	}
	return false
}

// pathMatches is "path-part matches": a path that ends with a slash covers all below it, any other only itself.
func pathMatches(want, got string) bool {
	if decoded, err := url.PathUnescape(want); err == nil {
		want = decoded
	}
	return want == got || strings.HasSuffix(want, "/") && strings.HasPrefix(got, want)
}

func schemeMatches(want, got string) bool { return want == got || want == "http" && got == "https" }

func hostMatches(want, got string) bool {
	if suffix, ok := strings.CutPrefix(want, "*."); ok {
		return strings.HasSuffix(got, "."+suffix)
	}
	return want == got // the grammar of CSP has no IPv6 addresses
}

func portMatches(want string, u *url.URL) bool {
	standard := map[string]string{"http": "80", "https": "443"}
	got := u.Port()
	if got == "" {
		got = standard[u.Scheme]
	}
	if want == "" {
		return got == standard[u.Scheme]
	}
	return want == got || want == "80" && got == "443"
}

// judgeImage checks that another origin may show the image (Fetch standard, "cross-origin resource policy check").
func (e *examination) judgeImage(a *answer) {
	if !e.crossOrigin {
		return
	}
	value := strings.ToLower(strings.TrimSpace(a.header.Get("Cross-Origin-Resource-Policy")))
	needed := "cross-origin"
	if e.page.SameSite(e.api) {
		needed = "same-site"
	}
	if value == "same-origin" || value == "same-site" && needed == "cross-origin" {
		evidence := []string{"Cross-Origin-Resource-Policy: " + value}
		if e.o.Client == "" {
			evidence = append(evidence, "this matters if the page shows it in an <img>; fetch is not concerned")
		}
		f := e.add("corp", "get", evidence...)
		f.replace("{corp}", needed)
		if e.o.Client == "" {
			f.Severity = Warns
		}
	}
}
