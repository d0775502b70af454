package policy

import (
	"strings"
	"testing"
)

func TestExplain(t *testing.T) {
	tests := []struct {
		name  string
		in    Input
		says  []string
		never []string
	}{
		{"A", with(api, []string{app}),
			[]string{"are one site;", "SameSite=Lax", "over https only", "sibling subdomains",
				"An <img> on another page of the service's site", "credentials: 'include'", "withCredentials"},
			[]string{"Partitioned", "SameSite=None"}},
		{"same origin", with(api, nil), []string{"Only pages that https://api.example.com serves itself",
			"relative URLs", "for its own pages only"}, []string{"sibling subdomain can", "credentials", "CORS lets"}},
		{"localhost", with(local, []string{localUI}), []string{"No Secure", "Safari"},
			[]string{"browsers drop a Secure cookie"}},
		{"strict", with(api, []string{app}, sameSite("strict")), []string{"SameSite=Strict", "not even when a visitor"},
			[]string{"by a link,"}},
		{"B", with(lan, []string{lanUI}), []string{"are one site;",
			"browsers drop a Secure cookie that comes over plain http",
			"any page can call it, if the cookie comes with it"},
			[]string{"is refused"}},
		{"C", with(api, []string{shop}), []string{"different sites:", "SameSite=None",
			"Partitioned keeps a separate cookie for each site",
			"a page of another site carries another cookie", "trusts the listed front ends only"},
			[]string{"SameSite=Lax", "own jar, where a forged form"}},
		{"C with a front end of the service's own site", with(api, []string{shop, app}),
			[]string{"https://shop.test and the service https://api.example.com are different sites",
				"visitors of https://app.example.com have a cookie for the service's own site"},
			[]string{"out of requests from pages of other sites"}},
		{"C with two", with(api, []string{shop, app, "https://other.test"}),
			[]string{"https://shop.test, https://other.test are not on the site of the service"}, nil},
		{"Partitioned without front ends", with(api, nil, sameSite("none"), partitioned("true")),
			[]string{"visitors of https://api.example.com have a cookie for the service's own site"},
			[]string{"set under the front end"}},
		{"C without Partitioned", with(api, []string{shop}, partitioned("false")),
			[]string{"An <img> on any web site can call it"}, []string{"Partitioned gives"}},
		{"domain", with(api, []string{app}, domain("example.com")), []string{"every host under example.com"},
			[]string{"Domain is left out"}},
		{"domain without hosts", with("http://localhost:8080", []string{shop}, domain("localhost")),
			[]string{"Domain=localhost changes nothing"}, []string{"every host under"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.in.Captcha = true
			d, err := Decide(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.Join(d.Explain(), "\n")
			d.Captcha = false
			without := strings.Join(d.Explain(), "\n")
			if strings.Contains(without, "captcha") {
				t.Errorf("Explain without a captcha speaks of one:\n%s", without)
			}
			if len(without) >= len(text) {
				t.Errorf("Explain without a captcha is not shorter:\n%s\nthan with one:\n%s", without, text)
			}
			for _, s := range tt.says {
				if !strings.Contains(text, s) {
					t.Errorf("Explain lacks %q:\n%s", s, text)
				}
			}
			for _, s := range tt.never {
				if strings.Contains(text, s) {
					t.Errorf("Explain says %q:\n%s", s, text)
				}
			}
		})
	}
	if lines := (Decision{}).Explain(); lines != nil {
		t.Errorf("Explain of no policy = %q", lines)
	}
}
