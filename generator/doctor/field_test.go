package doctor_test

import (
	"bytes"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// What the doctor says about set-ups that people report: the cause, and what to do or to pass.
func TestSays(t *testing.T) {
	for _, tt := range []struct {
		specimen    string
		says, never []string
	}{
		{"login: all steps", []string{"works: a browser keeps the session",
			"GET /me returns 200 with sid and 401 without"},
			nil},
		{"login: without the body it needs", []string{"not seen:", "POST /login returns 401 without Set-Cookie",
			"pass    Log in: --body"}, []string{"BLOCKS"}},
		{"login: check alone", []string{"GET /me returns 401 without Set-Cookie",
			"Name the login and what it sends",
			"--get PATH"}, nil},
		{"login: no check", []string{"the service sets sid", "--check /me"}, nil},
		{"login: check is the same for everybody", []string{"GET /me returns 200 with and without sid",
			"answers differently to a visitor"}, nil},
		{"another cookie named than the service sets", []string{"no response sets session; the service sets sid",
			"Pass --cookie with the name"}, []string{"Set-Cookie", "X-Forwarded-Proto"}},
		{"__Host- without Path", []string{"__Host- promises Path=/", "Set-Cookie: __Host-sid=...; HttpOnly"},
			[]string{"Path=/;"}},
		{"nothing but an anti-forgery token", []string{"the service sets XSRF-TOKEN, and no session",
			"Log in: --body"},
			[]string{"HttpOnly"}},
		{"a proxy that the service does not trust", []string{"POST /login returns 200 without Set-Cookie",
			"TLS proxy",
			"X-Forwarded-Proto: https", "trust proxy"}, []string{"Start the session in this request"}},
		{"an error of the server behind nginx", []string{"Server: nginx/1.22.1", "Fix status 500 first",
			"proxy_set_header X-Forwarded-Proto $scheme", "Koa: app.proxy = true"}, nil},
		{"behind a TLS proxy that it does not trust", []string{"with X-Forwarded-Proto: https it sets sid",
			"holds its Secure cookie back on plain http"}, []string{"trust proxy"}},
		{"a second cookie with another Path", []string{"first Set-Cookie: sid=...; Path=/;",
			"then Set-Cookie: sid=...; Path=/login;"}, nil},
		{"a login that expires its own cookie", []string{"sid: Max-Age=0", "POST /login returns 200"}, nil},
		{"X-Requested-With, not allowed at the checked path", []string{"(preflight of check)",
			"x-requested-with is not in Access-Control-Allow-Headers: content-type",
			"Access-Control-Allow-Headers: content-type, x-requested-with"}, nil},
		{"header of the page not allowed", []string{
			"Allow x-requested-with, too: Access-Control-Allow-Headers: content-type, x-requested-with."}, nil},
		{"headers star", []string{"Access-Control-Allow-Headers: *", "Allow content-type, too: " +
			"Access-Control-Allow-Headers: " +
			"content-type."}, nil},
		{"SameSite=None without Secure on one site", []string{"Write SameSite=Lax"}, nil},
		{"None without Secure", []string{"Write SameSite=Lax"}, nil},
		{"Partitioned without Secure", []string{"Leave Partitioned out"}, nil},
		{"http URL that redirects to https", []string{"status 301 sends the browser to https://localhost:8443/code",
			"Call the service at https://localhost:8443."}, []string{"do not understand each other"}},
		{"redirects to plain http, as behind a proxy",
			[]string{"believes that it is on plain http", "X-Forwarded-Proto"}, nil},
		{"set twice", []string{"one response sets sid more than once",
			"Of two with the same Domain and Path browsers keep the last"}, nil},
		{"origin null", []string{"an origin that anyone can have", "without null"},
			[]string{"allows every origin, with"}},
		{"redirects in a circle", []string{"more than 20 redirects",
			"Browsers follow 20 redirects of one request"}, []string{"Origin: null"}},
		{"policy: all paths but that of check", []string{"does not allow /me"}, []string{"does not allow /code"}},
		{"two cookies in one header, the session second", []string{"Set-Cookie: theme=...; ..., sid=..."}, nil},
		{"a cookie on preflights only", []string{"the response to OPTIONS sets sid"}, nil},
		{"a token instead of a cookie", []string{"POST /login returns 200 with a token in its body",
			"GET /me returns 200 with Authorization: Bearer and 401 without it"}, nil},
		{"Laravel: a token that the page cannot read", []string{"POST /login returns 419", "X-Xsrf-Token",
			"it belongs to api.site.test alone"}, nil},
		{"Django: a token that no script can read", []string{"it is HttpOnly"}, nil},
		{"policy: an IPv6 address, which its grammar does not have",
			[]string{"use localhost for page and service, and add http://localhost:8080 to the policy"},
			[]string{"to connect-src"}},
		{"https URL of an http service", []string{"server Serve https there"}, []string{"client"}},
		{"http URL of an https service", []string{"client Call the service at https://localhost:8080."}, nil},
		{"unknown SameSite", []string{"SameSite=bogus is none of Strict, Lax, None"}, nil},
		{"control character", []string{"in the value of sid", "encode a value"}, []string{"sid=5", `\t`}},
		{"Laravel: a fault of the session cookie", []string{"Set-Cookie: laravel_session=..."}, []string{"XSRF-TOKEN"}},
	} {
		t.Run(tt.specimen, func(t *testing.T) {
			t.Parallel()
			var text bytes.Buffer
			if err := examine(t, specimen(t, tt.specimen)).Text(&text, doctor.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(strings.Fields(text.String()), " ")
			for _, s := range tt.says {
				if !strings.Contains(got, strings.Join(strings.Fields(s), " ")) {
					t.Errorf("does not say %q:\n%s", s, text.String())
				}
			}
			for _, s := range tt.never {
				if strings.Contains(got, s) {
					t.Errorf("says %q:\n%s", s, text.String())
				}
			}
		})
	}
}

// Among the steps a cookie that is deleted is not one that is set.
func TestStepsWithADeletedCookie(t *testing.T) {
	r := examine(t, specimen(t, "a login that clears a cookie of an older name"))
	var seen []string
	for _, s := range r.Steps {
		seen = append(seen, s.Seen)
	}
	if !slices.Contains(seen, "deletes session, sets sid") {
		t.Errorf("%q", seen)
	}
}

// A login that wants a captcha: the doctor cannot log in. It knows what the answers of a generated service mean, and of
// no other.
func TestCaptcha(t *testing.T) {
	for _, tt := range []struct {
		name    string
		project bool
		sealed  bool // the cookie is another one in each answer
		without int  // status of a wrong answer without a session
		want    doctor.Verdict
		proof   string
	}{
		{"a project's", true, false, 410, doctor.Works, "POST /login returns 422 with sid and 410 without"},
		{"a project's with sealed cookies", true, true, 410, doctor.Works, "POST /login returns 422 with sid"},
		{"a project's of the same status", true, false, 422, doctor.Works, "GET /code knows the session"},
		{"a project's that shows nothing", true, true, 422, doctor.NotSeen, ""},
		{"a stranger's", false, false, 410, doctor.NotSeen, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := probe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Set("Access-Control-Allow-Headers", "content-type")
				_, err := r.Cookie("sid")
				switch {
				case r.Method == http.MethodOptions:
				case r.URL.Path == "/code" && (err != nil || tt.sealed):
					w.Header().Set("Set-Cookie", "sid=eyJ"+rand.Text()+"; Path=/; HttpOnly; SameSite=Lax")
				case r.URL.Path == "/code":
				case r.URL.Path == "/login" && err != nil:
					w.WriteHeader(tt.without)
				case r.URL.Path == "/login":
					w.WriteHeader(http.StatusUnprocessableEntity)
				default:
					w.WriteHeader(http.StatusUnauthorized)
				}
			}), func(o *doctor.Options) { o.Project = tt.project })
			if r.Verdict != tt.want || !strings.HasPrefix(r.Proof, tt.proof) || (r.Proof == "") != (tt.proof == "") {
				t.Errorf("verdict %s, proof %q, findings %q; want %s, %q", r.Verdict, r.Proof, r.Codes(), tt.want,
					tt.proof)
			}
		})
	}
}
