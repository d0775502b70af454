package doctor_test

import (
	"bytes"
	"slices"
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
