package e2e

import (
	"context"
	"crypto/tls"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/zoo"
)

// The doctor's verdict on each specimen of the zoo is that of the browser: a
// fault that it does not see fails here, and so does a false alarm.
func TestDoctorAgreesWithBrowser(t *testing.T) {
	t.Parallel()
	browsers := &venues{life: t}
	for _, s := range zoo.All() {
		browsers.origins = append(browsers.origins, s.Page, s.API)
	}
	slices.Sort(browsers.origins)
	browsers.origins = slices.Compact(browsers.origins)
	for _, s := range zoo.All() {
		t.Run(s.Name, func(t *testing.T) {
			t.Parallel()
			if s.Unjudged != "" {
				t.Logf("the browser is not asked: it %s", s.Unjudged)
				return
			}
			o := doctor.Options{URL: s.API, Origin: s.Page, Timeout: patience}
			if s.Options != nil {
				s.Options(&o)
			}
			habitat, err := s.Start()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(habitat.Close)

			title := judge(t, browsers, s.Page+"/?"+howToCall(o, s.Token), habitat, o)
			o.DialContext, o.RootCAs, o.Timeout = habitat.DialContext, habitat.RootCAs, 5*time.Second
			o.Lookup = func(context.Context, string) ([]netip.Addr, error) { return nil, nil }
			report, err := doctor.Run(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			agree(t, report, title)
		})
	}
}

// judge opens the page and returns the title that it gives itself.
func judge(t *testing.T, browsers *venues, page string, habitat *zoo.Habitat, o doctor.Options) string {
	t.Helper()
	h := &hosts{t: t, rules: strings.Split(habitat.Rules(), ", "), cert: tls.Certificate{Leaf: habitat.Certificate}}
	if o.ThirdParty == "allowed" {
		return title(open(t, h, allowed).visit(page))
	}
	return title(browsers.visit(t, h, page))
}

// title waits until the zoo's page has judged, and returns "works" or "fails: ...".
func title(p *tab) string {
	p.t.Helper()
	p.until(`document.title === "works" || document.title.startsWith("fails: ")`)
	return eval[string](p, "document.title")
}

// howToCall is the query that makes the zoo's page call as the options declare. token is [zoo.Specimen.Token].
func howToCall(o doctor.Options, token string) string {
	q := url.Values{}
	if o.Get != "" || o.Post != "" || o.Check != "" {
		q.Set("get", o.Get)
		q.Set("post", o.Post)
		q.Set("check", o.Check)
	}
	if o.Body != "" {
		q.Set("body", o.Body)
	}
	if token != "" {
		q.Set("xsrf", token)
	}
	if o.Client == "img" {
		q.Set("client", "img")
	}
	if o.WithoutCredentials {
		q.Set("credentials", "omit")
	}
	for name := range o.Headers {
		q.Add("header", name+":"+o.Headers.Get(name))
	}
	return q.Encode()
}

// agree compares the verdict with the title of the page.
func agree(t *testing.T, r *doctor.Report, title string) {
	t.Helper()
	says := r.Verdict == doctor.Works || r.Verdict == doctor.WorksExcept
	if works := title == "works"; says != works {
		var text strings.Builder
		r.Text(&text, doctor.TextOptions{Steps: true})
		t.Errorf("the browser's page %s, the doctor says %s:\n%s", title, r.Verdict, text.String())
	}
}
