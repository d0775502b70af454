package doctor_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/doctor/zoo"
)

func specimen(t *testing.T, name string) zoo.Specimen {
	t.Helper()
	all := zoo.All()
	i := slices.IndexFunc(all, func(s zoo.Specimen) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no specimen %q", name)
	}
	return all[i]
}

func TestText(t *testing.T) {
	s := specimen(t, "origin with a slash")
	s.Options = func(o *doctor.Options) { o.Project = true }
	var got bytes.Buffer
	if err := examine(t, s).Text(&got, doctor.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	const want = `cannot work: a browser loses the session
  page http://localhost:5173, service http://localhost:8080: one site

1. BLOCKS  acao-mismatch  (get)
     the page is     http://localhost:5173
     the header says http://localhost:5173/
                                          ^ trailing slash
     also in the response to OPTIONS, status 204
   why     Access-Control-Allow-Origin must equal the page's origin character by
           character.
   server  Write exactly http://localhost:5173 in the list of allowed origins.
   option  corsOrigins: add http://localhost:5173
`
	if got.String() != want {
		t.Errorf("text:\n%s\nwant:\n%s", got.String(), want)
	}
}

func TestJSON(t *testing.T) {
	r := examine(t, specimen(t, "star"))
	r.Steps = []doctor.Step{}
	const want = `{
  "version": 1,
  "verdict": "cannot-work",
  "url": "http://localhost:8080",
  "origin": "http://localhost:5173",
  "class": "A",
  "sameSite": true,
  "cookie": "sid",
  "proof": "GET /me returns 200 with sid and 401 without.",
  "findings": [
    {
      "code": "acao-star",
      "severity": "blocks",
      "step": "get",
      "evidence": [
        "Access-Control-Allow-Origin: *",
        "also in the response to OPTIONS, status 204"
      ],
      "rule": "Browsers refuse Access-Control-Allow-Origin: * for requests with cookies.",
      "server": "Send the page's origin, http://localhost:5173, after checking it against a list.",
      "client": "",
      "pass": "",
      "option": ""
    }
  ],
  "steps": []
}
`
	if got := string(r.JSON()); got != want {
		t.Errorf("JSON:\n%s\nwant:\n%s", got, want)
	}
	if r.ExitCode() != 3 {
		t.Errorf("exit code %d", r.ExitCode())
	}
}

// No option is named for what none of them cures.
func TestOptionOfACase(t *testing.T) {
	for _, tt := range []struct{ specimen, code, option string }{
		{"redirects to another origin", "redirect", "publicURL"},
		{"redirects to the page", "redirect", "none: look at the handler"},
		{"redirects to a login of somebody else", "redirect", "none: look at the handler"},
		{"redirects in a circle", "redirect", "none: look at the handler"},
		{"redirects to plain http, as behind a proxy", "redirect", "publicURL"},
		{"an error of the server behind nginx", "no-set-cookie", "none: look at the handler"},
		{"a proxy that the service does not trust", "no-set-cookie", "publicURL"},
		{"https URL of an http service", "wrong-scheme", "none: look at the TLS proxy"},
		{"http URL of an https service", "wrong-scheme", "publicURL"},
		{"policy: an IPv6 address, which its grammar does not have", "csp", "publicURL"},
		{"policy: all paths but that of check", "csp", "none: it is the page's header"},
	} {
		s := specimen(t, tt.specimen)
		project := func(o *doctor.Options) { o.Project = true }
		if change := s.Options; change != nil {
			project = func(o *doctor.Options) { change(o); o.Project = true }
		}
		s.Options = project
		r := examine(t, s)
		i := slices.IndexFunc(r.Findings, func(f doctor.Finding) bool { return f.Code == tt.code })
		if i < 0 {
			t.Errorf("%s: findings %q, want %s", tt.specimen, r.Codes(), tt.code)
		} else if got := r.Findings[i].Option; !strings.HasPrefix(got, tt.option) {
			t.Errorf("%s: option %q, want %q", tt.specimen, got, tt.option)
		}
	}
	if r := examine(t, specimen(t, "redirects in a circle")); r.Findings[0].Option != "" {
		t.Errorf("without a project there is the option %q", r.Findings[0].Option)
	}
}
