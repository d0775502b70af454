package policy

import (
	"errors"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// The URL that a hint proposes is another one than the front end's, and works.
func TestSchemefulHintWorks(t *testing.T) {
	for service, front := range map[string]string{
		"http://shop.lan:8080": "https://shop.lan", "http://shop.lan": "https://shop.lan",
		"http://shop.lan:5000": "https://shop.lan:5000",
	} {
		_, err := Decide(Input{PublicURL: service, Origins: []string{front}, Key: "sid", Path: "/"})
		var r *problem.Problem
		if !errors.As(err, &r) || r.Code != "schemeful" {
			t.Fatalf("%s with %s: %v, want schemeful", service, front, err)
		}
		_, proposed, _ := strings.Cut(r.Hint, "publicURL: ")
		proposed, _, _ = strings.Cut(proposed, ")")
		d, err := Decide(Input{PublicURL: proposed, Origins: []string{front}, Key: "sid", Path: "/"})
		if err != nil || proposed == front {
			t.Errorf("%s with %s: the hint proposes %s: %v, %v", service, front, proposed, d.Notes, err)
		}
	}
}

// Front ends that are other sites for one special reason (another scheme, a name of localhost, a public suffix) get the
// remedy for that reason, not the general one.
func TestRemedyForTheKindOfSite(t *testing.T) {
	const generic = "bring front end and service under one site"
	for _, tt := range []struct {
		service string
		fronts  []string
		want    string
	}{
		{api, []string{shop}, generic},
		{api, []string{"http://app.example.com"}, "serve both over https"},
		{api, []string{app, "http://app.example.com", "http://www.example.com"}, "serve both over https"},
		{api, []string{"http://app.example.com", shop}, generic},
		{local, []string{"http://127.0.0.1:5173"}, "by one name"},
		{"https://a.github.io", []string{"https://b.github.io"}, "a domain of your own"},
	} {
		_, err := Decide(with(tt.service, tt.fronts, sameSite("lax")))
		hint := problem.List(err)[0].Hint
		d, err := Decide(with(tt.service, tt.fronts))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(d.Notes, func(n Note) bool { return n.Code == "third-party-cookies" })
		for _, got := range []string{hint, d.Notes[i].Hint} {
			if !strings.Contains(got, tt.want) {
				t.Errorf("%s with %s: %q, want %q in it", tt.service, tt.fronts, got, tt.want)
			} else if strings.Contains(got, generic) != (tt.want == generic) {
				t.Errorf("%s with %s: %q, want no %q in it", tt.service, tt.fronts, got, generic)
			}
		}
	}
}

// Where one thing is refused, each remedy that its hint names is one: what it asks for
// is accepted.
func TestRemediesWork(t *testing.T) {
	followed := map[string]bool{}
	follow := func(in Input) {
		_, err := Decide(in)
		list := problem.List(err)
		if len(list) != 1 || list[0].Option == "corsOrigins" { // without a class the rest is not looked at
			return
		}
		hint := list[0].Hint
		for remedy := range strings.SplitSeq(hint, ", or ") {
			fixed := remedied(in, list[0].Option, remedy)
			if reflect.DeepEqual(fixed, in) {
				continue // one for a person
			}
			followed[list[0].Option+" "+list[0].Code] = true
			if _, err := Decide(fixed); err != nil {
				t.Errorf("%+v\n%v; hint: %s\nafter %q: %v", in, list[0], hint, remedy, err)
			}
		}
	}
	for _, service := range []string{api, local, lan, "http://api.example.com"} {
		for _, fronts := range [][]string{nil, {app}, {shop}, {lanUI}, {"http://app.example.com"}} {
			for _, site := range []string{"", "lax", "none"} {
				for _, safe := range []string{"", "true", "false"} {
					for _, change := range []func(*Input){
						func(*Input) {}, partitioned("true"), prefix("host"), prefix("secure"), key("__Host-sid"),
						func(in *Input) { in.Prefix, in.Path = "host", "/api" }, path("api"), domain("example.org"),
						func(in *Input) { in.Prefix, in.HTTPOnly = "__Http-", false },
					} {
						follow(with(service, fronts, sameSite(site), secure(safe), change))
					}
				}
			}
		}
	}
	if len(followed) < 8 {
		t.Errorf("only the hints of %v were followed", slices.Sorted(maps.Keys(followed)))
	}
}

// remedied is an input after somebody followed a remedy for what was refused.
func remedied(in Input, option, remedy string) Input {
	for _, m := range regexp.MustCompile(`\b(sameSite|secure|partitioned|cookiePrefix|path|httpOnly): ([\w/]+)`).
		FindAllStringSubmatch(remedy, -1) {
		switch m[1] {
		case "sameSite":
			in.SameSite = m[2]
		case "secure":
			in.Secure = m[2]
		case "partitioned":
			in.Partitioned = m[2]
		case "cookiePrefix":
			in.Prefix = m[2]
		case "path":
			in.Path = m[2]
		case "httpOnly":
			in.HTTPOnly = true
		}
	}
	if strings.Contains(remedy, "remove the prefix") && option == "cookiePrefix" {
		in.Prefix = "none"
	}
	if strings.Contains(remedy, "remove the prefix") || strings.Contains(remedy, "out of key") {
		in.Key = strings.TrimPrefix(in.Key, "__Host-")
	}
	if strings.Contains(remedy, "leave domain empty") {
		in.Domain = ""
	}
	https := func(url string) string { return strings.Replace(url, "http:", "https:", 1) }
	if strings.Contains(remedy, "over https") {
		in.PublicURL = https(in.PublicURL)
	}
	if strings.Contains(remedy, "and its front ends over https") {
		in.Origins = slices.Clone(in.Origins)
		for i := range in.Origins {
			in.Origins[i] = https(in.Origins[i])
		}
	}
	return in
}
