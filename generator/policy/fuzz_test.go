package policy

import (
	"net"
	"net/url"
	"strings"
	"testing"
)

func FuzzParseOrigin(f *testing.F) {
	for _, s := range []string{"https://app.example.com", "HTTP://[::FFFF:1.2.3.4]:080/", "https://bücher.example.",
		"http://0x7f.1", "null", "*", "https://xn--zz", "https://a@b", "http://[fe80::1%25a]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		o, _, err := ParseOrigin(in)
		if err != nil {
			return
		}
		canon := o.String()
		again, note, err := ParseOrigin(canon)
		if err != nil || again != o || note != "" {
			t.Errorf("ParseOrigin(%q) = %q, then %q, %q, %v", in, canon, again, note, err)
		}
		u, err := url.Parse(canon)
		if err != nil || u.Scheme+"://"+u.Host != canon || u.Host != o.Host() || u.Hostname() != o.Hostname() ||
			u.Scheme != o.Scheme() || u.User != nil || u.Port() == "80" && u.Scheme == "http" || u.Port() == "443" &&
			u.Scheme == "https" {
			t.Errorf("ParseOrigin(%q) = %q with scheme %q, host %q, hostname %q, which net/url reads as %+v, %v", in,
				canon, o.Scheme(), o.Host(), o.Hostname(), u, err)
		}
		if strings.ContainsFunc(canon, func(r rune) bool {
			return !('a' <= r && r <= 'z' || '0' <= r && r <= '9' || strings.ContainsRune(":/.-_[]", r))
		}) {
			t.Errorf("ParseOrigin(%q) = %q holds an unexpected character", in, canon)
		}
		if _, port, err := net.SplitHostPort(o.Address()); err != nil || u.Port() != "" && port != u.Port() {
			t.Errorf("Address of %q = %q, %v", canon, o.Address(), err)
		}
		if site, _, err := ParseOrigin(o.Site()); err != nil || !o.SameSite(o) || !o.SameSite(site) {
			t.Errorf("Site of %q = %q, %v; same site as itself: %t, as its site: %t", canon, o.Site(), err,
				o.SameSite(o), o.SameSite(site))
		}
	})
}

func FuzzDecide(f *testing.F) {
	f.Add("https://api.example.com", "https://app.example.com,http://localhost:5173", "sid", "auto", "none", "true",
		"true", "example.com", "/api", true)
	f.Add("http://127.0.0.1:8080", "http://localhost", "__Host-koa.sess", "host", "lax", "auto", "false", ".localhost",
		"/", false)
	f.Add("http://10.0.0.1", "http://10.0.0.1:81", "s$d`", "__Http-", "Strict", "false", "auto", "10.0.0.1", "/a b",
		true)
	f.Fuzz(func(t *testing.T, publicURL, origins, key, prefix, sameSite, secure, partitioned, domain, path string,
		httpOnly bool) {
		in := Input{PublicURL: publicURL, Key: key, Prefix: prefix, SameSite: sameSite, Secure: secure,
			Partitioned: partitioned,
			Domain:      domain, Path: path, HTTPOnly: httpOnly}
		if origins != "" {
			in.Origins = strings.Split(origins, ",")
		}
		d, err := Decide(in)
		if err != nil {
			for _, r := range refusals(t, err) {
				if r.Option == "" || r.Code == "" || r.Fact == "" || r.Hint == "" {
					t.Errorf("Decide(%+v) refuses with %+v", in, *r)
				}
				if strings.ContainsFunc(r.Fact+r.Hint, func(c rune) bool { return c < ' ' || c == 0x7f }) {
					t.Errorf("Decide(%+v) refuses with a control character: %+v", in, *r)
				}
			}
			return
		}
		checkDecision(t, in, d)
	})
}
