package policy

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

const (
	api     = "https://api.example.com"
	app     = "https://app.example.com"
	shop    = "https://shop.test"
	local   = "http://localhost:8080"
	localUI = "http://localhost:5173"
	lan     = "http://10.1.2.3:8080"
	lanUI   = "http://10.1.2.3:5173"
)

// with returns an input for publicURL and the origins, changed by the functions given.
func with(publicURL string, origins []string, change ...func(*Input)) Input {
	in := Input{PublicURL: publicURL, Origins: origins, Key: "sid", HTTPOnly: true}
	for _, f := range change {
		f(&in)
	}
	return in
}

func sameSite(v string) func(*Input)    { return func(in *Input) { in.SameSite = v } }
func secure(v string) func(*Input)      { return func(in *Input) { in.Secure = v } }
func partitioned(v string) func(*Input) { return func(in *Input) { in.Partitioned = v } }
func prefix(v string) func(*Input)      { return func(in *Input) { in.Prefix = v } }
func domain(v string) func(*Input)      { return func(in *Input) { in.Domain = v } }
func path(v string) func(*Input)        { return func(in *Input) { in.Path = v } }
func key(v string) func(*Input)         { return func(in *Input) { in.Key = v } }
func scripts(in *Input)                 { in.HTTPOnly = false }

func TestDecide(t *testing.T) {
	tests := []struct {
		name   string
		in     Input
		class  Class
		cookie string
		corp   string
		notes  string // codes of the warnings, in order
	}{
		{"A https", with(api, []string{app}), ClassA, "__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site",
			""},
		{"A same origin only", with(api, nil), ClassA, "__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax",
			"same-origin", ""},
		{"A own origin listed", with(api, []string{api}), ClassA, "__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax",
			"same-origin", ""},
		{"A localhost", with(local, []string{localUI}), ClassA, "sid; Path=/; HttpOnly; SameSite=Lax", "same-site", ""},
		{"A localhost alone", with(local, nil), ClassA, "sid; Path=/; HttpOnly; SameSite=Lax", "same-origin", ""},
		{"A words auto", with(api, []string{app}, sameSite("auto"), secure("auto"), partitioned("auto"), prefix("auto"),
			domain("auto"), path("auto")),
			ClassA, "__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", ""},
		{"A strict", with(api, []string{app}, sameSite("Strict")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=Strict", "same-site", ""},
		{"A none", with(api, []string{app}, sameSite("none")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None", "same-site", "none-same-site"},
		{"A none on localhost", with(local, []string{localUI}, sameSite("none")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None", "same-site", "none-same-site secure-on-localhost"},
		{"A secure on localhost", with(local, []string{localUI}, secure("true")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", "secure-on-localhost"},
		{"A insecure on https", with(api, []string{app}, secure("false")), ClassA,
			"sid; Path=/; HttpOnly; SameSite=Lax", "same-site", "secure-off"},
		{"A partitioned", with(api, []string{app}, partitioned("true")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax; Partitioned", "same-site", "partitioned-same-site"},
		{"A domain", with(api, []string{app}, domain(".Example.com")), ClassA,
			"__Secure-sid; Path=/; Domain=example.com; HttpOnly; Secure; SameSite=Lax", "same-site", "domain-wide"},
		{"A own host as domain", with(local, []string{localUI}, domain("localhost")), ClassA,
			"sid; Path=/; Domain=localhost; HttpOnly; SameSite=Lax", "same-site", ""},
		{"A path", with(api, []string{app}, path("/api")), ClassA,
			"__Secure-sid; Path=/api; HttpOnly; Secure; SameSite=Lax", "same-site", "cookie-path"},
		{"A no prefix", with(api, []string{app}, prefix("none")), ClassA, "sid; Path=/; HttpOnly; Secure; SameSite=Lax",
			"same-site", ""},
		{"A prefix secure", with(api, []string{app}, prefix("secure")), ClassA,
			"__Secure-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", ""},
		{"A prefix in full", with(api, []string{app}, prefix("__Host-Http-")), ClassA,
			"__Host-Http-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", ""},
		{"A prefix on localhost", with(local, []string{localUI}, prefix("host")), ClassA,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", "secure-on-localhost"},
		{"A prefix in the key", with(api, []string{app}, key("__Secure-sid")), ClassA,
			"__Secure-sid; Path=/; HttpOnly; Secure; SameSite=Lax", "same-site", ""},
		{"A scripts", with(api, []string{app}, scripts), ClassA, "__Host-sid; Path=/; Secure; SameSite=Lax",
			"same-site", "httponly"},
		{"B names", with("http://api.example.com", []string{"http://app.example.com"}), ClassB,
			"sid; Path=/; HttpOnly; SameSite=Lax", "same-site", "plain-http"},
		{"B LAN", with(lan, []string{lanUI}), ClassB, "sid; Path=/; HttpOnly; SameSite=Lax", "same-site", "plain-http"},
		{"B alone", with("http://api.example.com", nil), ClassB, "sid; Path=/; HttpOnly; SameSite=Lax", "same-origin",
			"plain-http"},
		{"B strict", with(lan, []string{lanUI}, sameSite("strict")), ClassB, "sid; Path=/; HttpOnly; SameSite=Strict",
			"same-site", "plain-http"},
		{"C https", with(api, []string{shop}), ClassC, "__Host-sid; Path=/; HttpOnly; Secure; " +
			"SameSite=None; Partitioned", "cross-origin", "cross-site third-party-cookies"},
		{"C localhost names", with(local, []string{"http://127.0.0.1:5173"}), ClassC,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "cross-origin",
			"cross-site third-party-cookies secure-on-localhost"},
		{"C http page", with(api, []string{"http://app.example.com"}), ClassC, "__Host-sid; Path=/; HttpOnly; " +
			"Secure; SameSite=None; Partitioned", "cross-origin", "cross-site third-party-cookies"},
		{"C not partitioned", with(api, []string{shop}, partitioned("false")), ClassC,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None", "cross-origin",
			"third-party-blocked cross-site third-party-cookies"},
		{"C development origin", with(api, []string{app, localUI}), ClassC,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "cross-origin",
			"cross-site development-origin session-per-site third-party-cookies"},
		{"C mixed", with(api, []string{app, shop}), ClassC, "__Host-sid; Path=/; HttpOnly; Secure; " +
			"SameSite=None; Partitioned", "cross-origin", "cross-site session-per-site third-party-cookies"},
		{"C public page, local service", with(local, []string{"https://app.netlify.app"}), ClassC,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "cross-origin",
			"cross-site local-network mixed-content third-party-cookies secure-on-localhost"},
		{"C insecure public page, local service", with(local, []string{"http://app.example.com"}), ClassC,
			"__Host-sid; Path=/; HttpOnly; Secure; SameSite=None; Partitioned", "cross-origin",
			"cross-site local-network third-party-cookies secure-on-localhost"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Decide(tt.in)
			if err != nil {
				t.Fatalf("Decide(%+v) = %v", tt.in, err)
			}
			var codes []string
			for _, n := range d.Notes {
				if n.Severity == Warn {
					codes = append(codes, n.Code)
				}
			}
			if d.Class != tt.class || d.CookieLine() != tt.cookie || d.CORP != tt.corp || strings.Join(codes,
				" ") != tt.notes {
				t.Errorf("Decide(%+v) =\n class %s cookie %q CORP %s warnings %q; want\n class %s cookie %q CORP "+
					"%s warnings %q",
					tt.in, d.Class, d.CookieLine(), d.CORP, codes, tt.class, tt.cookie, tt.corp, tt.notes)
			}
			checkDecision(t, tt.in, d)
		})
	}
}

func TestDecideRefuses(t *testing.T) {
	cross, same, plain := []string{shop}, []string{app}, []string{lanUI}
	tests := []struct {
		name string
		in   Input
		want string // "option code" of each refusal, in order
	}{
		{"C lax", with(api, cross, sameSite("lax")), "sameSite cross-site-samesite"},
		{"C strict", with(api, cross, sameSite("strict")), "sameSite cross-site-samesite"},
		{"C insecure", with(api, cross, secure("false")), "secure none-without-secure"},
		{"C none insecure", with(api, cross, sameSite("none"), secure("false")), "sameSite none-without-secure"},
		{"A none insecure", with(api, same, sameSite("none"), secure("false")), "sameSite none-without-secure"},
		{"A partitioned insecure", with(api, same, partitioned("true"), secure("false")),
			"partitioned partitioned-without-secure"},
		{"A prefix insecure", with(api, same, prefix("host"), secure("false")), "cookiePrefix cookie-prefix"},
		{"A key prefix insecure", with(api, same, key("__Host-sid"), secure("false")), "key cookie-prefix"},
		{"A host prefix, domain", with(api, same, prefix("host"), domain("example.com")), "cookiePrefix cookie-prefix"},
		{"A host prefix in key, path", with(api, same, key("__Host-sid"), path("/api")), "key cookie-prefix"},
		{"A http prefix, scripts", with(api, same, prefix("__Http-"), scripts), "cookiePrefix cookie-prefix"},
		{"A two prefixes", with(api, same, prefix("host"), key("__Secure-sid")), "cookiePrefix cookie-prefix"},
		{"A prefix in lower case", with(api, same, key("__host-sid")), "key cookie-prefix"},
		{"B none", with(lan, plain, sameSite("none")), "sameSite none-without-secure"},
		{"B secure", with(lan, plain, secure("true")), "secure secure-over-http"},
		{"B partitioned", with(lan, plain, partitioned("true")), "partitioned partitioned-without-secure"},
		{"B prefix", with(lan, plain, prefix("host")), "cookiePrefix cookie-prefix"},
		{"B key prefix", with(lan, plain, key("__Secure-sid")), "key cookie-prefix"},
		{"B everything", with(lan, plain, sameSite("none"), secure("true"), partitioned("true"), prefix("host")),
			"sameSite none-without-secure, secure secure-over-http, partitioned partitioned-without-secure"},
		{"D other site", with("http://api.example.com", []string{"http://shop.test"}), "corsOrigins cross-site-http"},
		{"D https page", with("http://api.example.com", []string{shop}), "corsOrigins mixed-content"},
		{"D schemeful", with("http://api.example.com", []string{"https://api.example.com"}), "corsOrigins schemeful"},
		{"D, domain and path", with("http://api.example.com", []string{shop}, domain("x.test"), path("foo")),
			"corsOrigins mixed-content, domain cookie-domain, path cookie-path"},
		{"no service, path", with("ftp://x", nil, domain("x.test"), path("foo")),
			"publicURL origin-scheme, path cookie-path"},
		{"B and D", with(lan, []string{lanUI, "http://10.9.9.9", shop}),
			"corsOrigins cross-site-http, corsOrigins mixed-content"},
		{"insecure public address", with(local, []string{"http://8.8.8.8"}), "corsOrigins local-network"},
		{"domain does not cover", with(api, same, domain("app.example.com")), "domain cookie-domain"},
		{"domain of a child", with(api, same, domain("x.api.example.com")), "domain cookie-domain"},
		{"domain with port", with(api, same, domain("example.com:443")), "domain cookie-domain"},
		{"domain with scheme", with(api, same, domain("https://example.com")), "domain cookie-domain"},
		{"domain that begins within a label", with(api, same, domain("ample.com")), "domain cookie-domain"},
		{"domain is a suffix", with(api, same, domain("com")), "domain cookie-suffix"},
		{"domain is a hoster's suffix", with("https://a.github.io", nil, domain("github.io")), "domain cookie-suffix"},
		{"domain localhost from below", with("http://api.localhost", nil, domain("localhost")), "domain cookie-suffix"},
		{"domain of an address", with("http://10.1.2.3", nil, domain("2.3")), "domain cookie-domain"},
		{"domain with underscore", with("http://a_b:8080", nil, domain("a_b")), "domain cookie-domain"},
		{"path without slash", with(api, same, path("api")), "path cookie-path"},
		{"path with semicolon", with(api, same, path("/a;b")), "path cookie-path"},
		{"path with quote", with(api, same, path(`/a"b`)), "path cookie-path"},
		{"path too long", with(api, same, path("/"+strings.Repeat("a", 1024))), "path cookie-path"},
		{"key koa:sess", with(api, same, key("koa:sess")), "key cookie-name"},
		{"key empty", with(api, same, key("")), "key cookie-name"},
		{"key with space", with(api, same, key("my sid")), "key cookie-name"},
		{"key not ASCII", with(api, same, key("sïd")), "key cookie-name"},
		{"key with backquote", with(api, same, key("s`d")), "key cookie-name"},
		{"key too long", with(api, same, key(strings.Repeat("s", 129))), "key cookie-name"},
		{"key only a prefix", with(api, same, key("__Host-")), "key cookie-name"},
		{"values", with(api, same, sameSite("off"), secure("yes"), partitioned("1"), prefix("__Foo-")),
			"sameSite sameSite-value, secure secure-value, partitioned partitioned-value, cookiePrefix cookie-prefix"},
		{"all at once, origins too", with("ftp://x", []string{"*", "null", "https://ok.example.com"}, sameSite("off"),
			key("a b")),
			"publicURL origin-scheme, corsOrigins origin-star, corsOrigins origin-null, sameSite sameSite-value, " +
				"key cookie-name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, err := Decide(tt.in)
			if !reflect.DeepEqual(d, Decision{}) {
				t.Errorf("Decide(%+v) = %+v, %v; want no decision", tt.in, d, err)
			}
			var got []string
			for _, r := range refusals(t, err) {
				got = append(got, r.Option+" "+r.Code)
				if r.Fact == "" || r.Hint == "" {
					t.Errorf("refusal without fact or hint: %+v", *r)
				}
			}
			want := strings.Split(tt.want, ", ")
			if !slices.Equal(got, want) {
				t.Errorf("Decide(%+v) refuses %q, want %q", tt.in, got, want)
			}
		})
	}
}

func TestHintForKey(t *testing.T) {
	for in, want := range map[string]string{"koa:sess": "koa.sess", "a b": "a.b", "会话": "sid", "": "sid"} {
		_, err := Decide(with(api, nil, key(in)))
		list := refusals(t, err)
		if len(list) != 1 {
			t.Errorf("Decide(key %q) refuses with %v, want one refusal", in, list)
		} else if hint := list[0].Hint; !strings.HasSuffix(hint, want) {
			t.Errorf("Decide(key %q) hints %q, want %q at the end", in, hint, want)
		}
	}
}

func TestOriginsKeepTheirOrder(t *testing.T) {
	d, err := Decide(with(api, []string{"https://b.example.com/", app, "https://B.example.com:443"}))
	want := []string{"https://b.example.com", app}
	if err != nil || !slices.Equal(Strings(d.Origins), want) {
		t.Errorf("Origins = %q, %v; want %q", d.Origins, err, want)
	}
	var codes []string
	for _, n := range d.Notes {
		codes = append(codes, n.Code)
	}
	if got := strings.Join(codes, " "); !strings.HasPrefix(got, "origin-spelling origin-spelling origin-twice") {
		t.Errorf("notes %q", got)
	}
}

func refusals(t *testing.T, err error) []*problem.Problem {
	t.Helper()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("error %v, want a list of refusals", err)
	}
	var list []*problem.Problem
	for _, e := range joined.Unwrap() {
		var r *problem.Problem
		if !errors.As(e, &r) {
			t.Fatalf("error %v is not a refusal", e)
		}
		list = append(list, r)
	}
	return list
}

// checkDecision holds what is true of every accepted policy.
func checkDecision(t *testing.T, in Input, d Decision) {
	t.Helper()
	https, trusted := d.PublicURL.HTTPS(), d.PublicURL.HTTPS() || d.PublicURL.Loopback()
	p := PrefixOf(d.CookieName)
	switch {
	case d.Class != ClassA && d.Class != ClassB && d.Class != ClassC,
		d.SameSite == "none" && !d.Secure,
		d.Partitioned && !d.Secure,
		d.Secure && !trusted,
		p != "" && !d.Secure,
		strings.HasPrefix(p, "__Host-") && (d.Domain != "" || d.Path != "/"),
		strings.HasSuffix(p, "Http-") && !d.HTTPOnly,
		d.Class == ClassC && d.SameSite != "none",
		d.Class == ClassB && (https || d.Secure):
		t.Errorf("Decide(%+v) accepts a cookie that no browser keeps, or its class does not fit: %+v", in, d)
	}
	for _, front := range d.Origins {
		if class := Classify(front, d.PublicURL); class != d.Class && !(d.Class == ClassC && class == ClassA) {
			t.Errorf("front end %s of class %s in a policy of class %s", front, class, d.Class)
		}
	}
	cookie := d.Cookie()
	if faults := d.PublicURL.CookieFaults(cookie); len(faults) > 0 {
		t.Errorf("Decide(%+v) accepts a cookie that browsers drop: %+v", in, faults)
	}
	if err := cookie.Valid(); err != nil {
		t.Errorf("net/http would not set the cookie of %+v: %v", d, err)
	}
	if cookie.String() != d.CookieName+"="+Attributes(cookie) {
		t.Errorf("net/http writes the cookie of %+v as %s", d, cookie)
	}
	for _, s := range slices.Concat([]string{d.PublicURL.String(), d.CookieName, d.SameSite, d.Domain, d.Path, d.CORP},
		Strings(d.Origins)) {
		if strings.ContainsFunc(s, func(r rune) bool {
			return r <= ' ' || r >= 0x7f ||
				strings.ContainsRune("\"'`\\<>&$", r)
		}) {
			t.Errorf("Decide(%+v) accepts %q, which is not plain ASCII or can break out of a string", in, s)
		}
	}
	again := in
	again.PublicURL, again.Origins = d.PublicURL.String(), Strings(d.Origins)
	again.Domain, again.Path = d.Domain, d.Path
	d2, err := Decide(again)
	d.Notes, d2.Notes = nil, nil
	if err != nil || !reflect.DeepEqual(d, d2) {
		t.Errorf("Decide is not idempotent: %+v, then %+v, %v", d, d2, err)
	}
	if lines := d.Explain(); len(lines) < 6 || slices.Contains(lines, "") {
		t.Errorf("Explain() = %q", lines)
	}
}

// The page of an app is not one in development: instead of the warning there is a note on who else has the origin.
func TestAppOrigins(t *testing.T) {
	for _, origin := range []string{"https://localhost", "https://tauri.localhost"} {
		d, err := Decide(with("https://api.example.com", []string{origin}))
		if err != nil {
			t.Fatalf("%s: %v", origin, err)
		}
		var codes []string
		for _, n := range d.Notes {
			codes = append(codes, n.Code)
		}
		if !slices.Contains(codes, "app-origin") || slices.Contains(codes, "development-origin") {
			t.Errorf("%s: notes %q", origin, codes)
		}
	}
}

func TestSentence(t *testing.T) {
	for fact, want := range map[string]string{
		"with Path=/x it is":        "With Path=/x it is.",
		"https://a.test is a page":  "https://a.test is a page.",
		"koaKeys is for a move":     "koaKeys is for a move.",
		"SameSite=None lets":        "SameSite=None lets.",
		"Safari keeps no":           "Safari keeps no.",
		"\"http://x/\" is taken as": "\"http://x/\" is taken as.",
	} {
		if got := (Note{Fact: fact}).Sentence(); got != want {
			t.Errorf("Sentence of %q = %q, want %q", fact, got, want)
		}
	}
}

// A Domain of a dot alone is none.
func TestDomainDot(t *testing.T) {
	d, err := Decide(Input{PublicURL: "https://api.example.com", Key: "sid", Path: "/", Domain: "."})
	wide := slices.ContainsFunc(d.Notes, func(n Note) bool { return n.Code == "domain-wide" })
	if err != nil || d.Domain != "" || wide {
		t.Errorf("Domain=. is %q, %v, %v", d.Domain, d.Notes, err)
	}
}
