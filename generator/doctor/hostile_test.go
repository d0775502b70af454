package doctor_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/doctor"
	"github.com/sessionseed/sessionseed/generator/internal/problem"
)

// brief is the doctor's timeout here: what answers at all does so by then, on a busy machine too.
const brief = time.Second

// probe runs the doctor against a handler on a port of this machine.
func probe(t *testing.T, h http.Handler, change func(*doctor.Options)) *doctor.Report {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o := doctor.Options{URL: strings.Replace(server.URL, "127.0.0.1", "localhost", 1), Origin: "http://localhost:5173",
		Timeout: brief}
	if change != nil {
		change(&o)
	}
	r, err := doctor.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	checkOutput(t, r)
	return r
}

func TestHostileServices(t *testing.T) {
	tests := []struct {
		name    string
		handler http.HandlerFunc
		want    string // a finding
	}{
		{"never answers", func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, "not-listening"},
		{"body without end", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(bytes.Repeat([]byte("x"), 32<<10)); err != nil {
					return
				}
			}
		}, "acao-missing"},
		{"body by drops", func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, "x")
				http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}, "acao-missing"},
		{"headers without end", func(w http.ResponseWriter, r *http.Request) {
			for i := range 20000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("y", 100))
			}
		}, "not-listening"},
		{"thousands of cookies", func(w http.ResponseWriter, r *http.Request) {
			for i := range 2000 {
				w.Header().Add("Set-Cookie", fmt.Sprintf("sid%d=x", i))
			}
		}, "samesite-unset"},
		{"redirects to itself", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path,
				http.StatusFound)
		}, "redirect"},
		{"colors and reversed writing", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Access-Control-Allow-Origin", "\u202ehttp://evil\u202c \xff\x9b31m")
			w.Header().Add("Set-Cookie", "sid\u202e\u0085=\xff; Domain=\u202e")
			w.Header().Set("Location", "\u009b2J")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, "\x1b[2J\x1b]0;owned\x07cross-origin request detected\x1b[31m")
		}, "acao-mismatch"},
		{"closes the connection", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) },
			"not-listening"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			r := probe(t, tt.handler, nil)
			if took := time.Since(start); took > 12*brief {
				t.Errorf("took %s", took)
			}
			if !strings.Contains(" "+strings.Join(r.Codes(), " ")+" ", " "+tt.want+" ") {
				t.Errorf("findings %q, want %s", r.Codes(), tt.want)
			}
			if n := len(r.JSON()); n > 200<<10 {
				t.Errorf("the report has %d bytes", n)
			}
		})
	}
}

// A service whose answer is not a usable HTTP response: another protocol, broken HTTP, or nothing final.
func TestGarbage(t *testing.T) {
	for name, reply := range map[string]string{
		"no HTTP":              "SSH-2.0-OpenSSH_9.9\r\n",
		"control in header":    "HTTP/1.1 200 OK\r\nSet-Cookie: a=\x01b\r\n\r\n",
		"header without colon": "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
		"nothing":              "",
		"switching protocols":  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
		"early hints forever":  strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 50),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { l.Close() })
			go func() {
				for {
					c, err := l.Accept()
					if err != nil {
						return
					}
					go func() {
						defer c.Close()
						c.Read(make([]byte, 4096))
						io.WriteString(c, reply)
					}()
				}
			}()
			r, err := doctor.Run(t.Context(), doctor.Options{URL: "http://" + l.Addr().String(),
				Origin: "http://127.0.0.1:5173", Timeout: brief})
			if err != nil {
				t.Fatal(err)
			}
			checkOutput(t, r)
			if r.Verdict != doctor.NotProbed && r.Verdict != doctor.CannotWork {
				t.Errorf("verdict %s, findings %q", r.Verdict, r.Codes())
			}
		})
	}
}

// What the doctor sends: few requests, no credentials in preflights, a browser's spelling.
func TestRequests(t *testing.T) {
	var requests atomic.Int32
	seen := make(chan *http.Request, 100)
	probe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		seen <- r.Clone(r.Context())
		w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		http.SetCookie(w, &http.Cookie{Name: "sid", Value: "abc", Path: "/"})
	}), func(o *doctor.Options) {
		o.Headers = http.Header{"X-Zeta": {"1"}, "Authorization": {"Bearer x"}, "X-Alpha": {"1"}}
	})
	close(seen)
	if n := requests.Load(); n > 20 {
		t.Errorf("%d requests", n)
	}
	preflights, withCookie := 0, 0
	for r := range seen {
		if r.Method == http.MethodOptions {
			preflights++
			got := r.Header.Get("Access-Control-Request-Headers")
			if got != "authorization,content-type,x-alpha,x-zeta" && got != "authorization,x-alpha,x-zeta" {
				t.Errorf("Access-Control-Request-Headers %q", got)
			}
			if r.Header.Get("Cookie") != "" || r.Header.Get("Authorization") != "" || r.Header.Get("X-Alpha") != "" ||
				r.Header.Get("Sec-Fetch-Mode") != "cors" || r.Header.Get("Sec-Fetch-Site") != "same-site" {
				t.Errorf("preflight with %v", r.Header)
			}
		} else if r.Header.Get("Cookie") == "sid=abc" {
			withCookie++
		} else if r.Header.Get("Cookie") != "" {
			t.Errorf("Cookie %q", r.Header.Get("Cookie"))
		}
	}
	if preflights == 0 || withCookie < 5 {
		t.Errorf("%d preflights, %d requests with the cookie", preflights, withCookie)
	}
}

func TestOptionProblems(t *testing.T) {
	_, err := doctor.Run(t.Context(), doctor.Options{URL: "localhost:8080", Origin: "*", Get: "code", Post: "put /x",
		Client: "curl", ThirdParty: "maybe"})
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("error %v, want a list of problems", err)
	}
	var options []string
	for _, e := range joined.Unwrap() {
		var p *problem.Problem
		if !errors.As(e, &p) || p.Fact == "" || p.Hint == "" {
			t.Errorf("error %q, want a problem with a fact and a hint", e)
			continue
		}
		options = append(options, p.Option)
	}
	if got := strings.Join(options, " "); got != "url origin get post client third-party" {
		t.Errorf("problems of %q", got)
	}
}

func TestBodyWithoutPost(t *testing.T) {
	o := doctor.Options{URL: "http://localhost:8080", Origin: "http://localhost:5173", Check: "/me", Body: "{}"}
	_, err := doctor.Run(t.Context(), o)
	var p *problem.Problem
	if !errors.As(err, &p) || p.Option != "body" || !strings.Contains(p.Hint, "--post") {
		t.Errorf("Run = %v, want a problem of body with a hint that names --post", err)
	}
}

func TestRunAll(t *testing.T) {
	reports, err := doctor.RunAll(t.Context(), doctor.Options{URL: "http://127.0.0.1:2",
		Timeout: brief}, []string{"http://localhost:5173", "http://127.0.0.1:5173"})
	if err != nil || len(reports) != 2 {
		t.Errorf("RunAll = %d reports, %v; want 2", len(reports), err)
	} else if code := doctor.ExitCode(reports); code != 1 || reports[0].Verdict != doctor.NotProbed {
		t.Errorf("exit code %d, verdict %s; want 1, %s", code, reports[0].Verdict, doctor.NotProbed)
	}
	if _, err := doctor.RunAll(t.Context(), doctor.Options{URL: "http://127.0.0.1:2"},
		[]string{"*", "null"}); err == nil {
		t.Error("RunAll takes * and null for origins")
	}
}

// A path below the origin belongs to every step.
func TestBasePath(t *testing.T) {
	var paths []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths = append(paths, r.URL.Path)
		w.Header().Set("Set-Cookie", "sid=abc; HttpOnly; SameSite=Lax")
	}))
	defer server.Close()
	r, err := doctor.Run(t.Context(), doctor.Options{URL: server.URL + "/api/", Origin: server.URL + "/login?x",
		Get: "/v1/code", Check: "/v2/me"})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(paths, " "); got != "/api/v1/code /login /api/v2/me /api/v1/code /api/v2/me /api/v2/me" {
		t.Errorf("paths %q", got)
	}
	// Without Path the cookie belongs to /api/v1, which is a real and common fault, and then /api/v2 gets another one.
	if got := strings.Join(r.Codes(), " "); got != "cookie-path duplicate-cookie" {
		t.Errorf("findings %q", got)
	}
}
