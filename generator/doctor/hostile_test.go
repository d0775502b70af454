package doctor_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
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

// A service that answers in no known protocol.
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
		t.Fatalf("error %v", err)
	}
	var options []string
	for _, e := range joined.Unwrap() {
		var p *problem.Problem
		if !errors.As(e, &p) || p.Fact == "" || p.Hint == "" {
			t.Errorf("problem %+v", e)
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
		t.Errorf("Run = %v", err)
	}
}

func TestRunAll(t *testing.T) {
	reports, err := doctor.RunAll(t.Context(), doctor.Options{URL: "http://127.0.0.1:2",
		Timeout: brief}, []string{"http://localhost:5173", "http://127.0.0.1:5173"})
	if err != nil || len(reports) != 2 || doctor.ExitCode(reports) != 1 || reports[0].Verdict != doctor.NotProbed {
		t.Errorf("RunAll = %+v, %v", reports, err)
	}
	if _, err := doctor.RunAll(t.Context(), doctor.Options{URL: "http://127.0.0.1:2"},
		[]string{"*", "null"}); err == nil {
		t.Error("RunAll takes origins that are none")
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

// A login that is asked too often is not to be changed.
func TestTooManyRequests(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}))
	defer server.Close()
	r, err := doctor.Run(t.Context(), doctor.Options{URL: server.URL, Origin: "http://localhost:5173", Post: "/login",
		Body: "{}"})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	if err := r.Text(&text, doctor.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); !strings.Contains(got, "wait a while") || strings.Contains(got, "check --body") {
		t.Errorf("the doctor says\n%s", got)
	}
}

// The image is asked for twice, and what is wrong with it said once.
func TestImageIsNamedOnce(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
		fmt.Fprint(w, "<svg xmlns='http://www.w3.org/2000/svg'/>")
	}))
	defer server.Close()
	r, err := doctor.Run(t.Context(), doctor.Options{URL: server.URL, Origin: "http://localhost:5173", Get: "/code"})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(r.Codes(), "corp") {
		t.Fatalf("findings %q", r.Codes())
	}
	checkOutput(t, r)
}

// A policy of the page that blocks by two directives is put right in both.
func TestPolicyNamesEachDirective(t *testing.T) {
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
	}))
	defer service.Close()
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
	}))
	defer page.Close()
	r, err := doctor.Run(t.Context(), doctor.Options{URL: service.URL, Origin: page.URL, Get: "/code", Check: "/me",
		Client: "img"})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Code == "csp" {
			want := "write img-src 'self' " + service.URL + ", and write connect-src 'self' " + service.URL + "."
			if !strings.HasSuffix(f.Client, want) {
				t.Errorf("the remedy is %q", f.Client)
			}
			return
		}
	}
	t.Errorf("findings %q", r.Codes())
}

// What a service answers to too many requests proves nothing of its sessions.
func TestLimitIsNoProof(t *testing.T) {
	posts := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		switch {
		case r.Method == http.MethodPost && posts > 1:
			w.WriteHeader(http.StatusTooManyRequests)
		case r.Method == http.MethodPost:
			posts++
			w.WriteHeader(http.StatusGone)
		case r.URL.Path == "/code":
			w.Header().Set("Set-Cookie", fmt.Sprintf("sid=%d; Path=/; HttpOnly; SameSite=Lax", time.Now().UnixNano()))
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	r, err := doctor.Run(t.Context(), doctor.Options{URL: server.URL, Origin: "http://localhost:5173", Project: true,
		Get: "/code", Post: "/login", Check: "/me", Body: "{}"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Verdict == doctor.Works || strings.Contains(r.Proof, "429") {
		t.Errorf("verdict %s, proof %q", r.Verdict, r.Proof)
	}
}

// What a service does not answer, or not with what proves something, is said as it is.
func TestRequestsWithoutAnAnswer(t *testing.T) {
	crash := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	ok := status(http.StatusOK)
	const page = "http://127.0.0.1:5173"
	for _, tt := range []struct {
		name    string
		options doctor.Options
		answers map[string][]func(http.ResponseWriter) // by method and path, the last one for all others
		code    string
		says    string
		never   string
	}{
		{"a login that crashes", doctor.Options{Get: "/code", Post: "/login", Check: "/me"},
			map[string][]func(http.ResponseWriter){"POST /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a login alone that crashes", doctor.Options{Post: "/login", Body: "pw"},
			map[string][]func(http.ResponseWriter){"POST /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a preflight that crashes", doctor.Options{Post: "/login", Check: "/me"},
			map[string][]func(http.ResponseWriter){"OPTIONS /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a login whose limit is reached", doctor.Options{Post: "/login", Check: "/me", Body: "pw"},
			map[string][]func(http.ResponseWriter){"POST /login": {status(403), status(429)}}, "not-seen", "",
			"forged requests"},
		{"a check that crashes for strangers", doctor.Options{Post: "/login", Check: "/me", Body: "pw"},
			map[string][]func(http.ResponseWriter){"POST /login": {func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
			}}, "GET /me": {ok, ok, ok, ok, ok, ok, status(500)}}, "not-seen", "with sid and 500 without,",
			"with and without sid"},
		{"a first request that crashes", doctor.Options{Post: "/login", Check: "/me"},
			map[string][]func(http.ResponseWriter){"GET /me": {crash}}, "not-listening", "accepts connections",
			"Nothing responds"},
		{"a login that logs nobody in", doctor.Options{Post: "/login", Check: "/me", Body: "pw"},
			map[string][]func(http.ResponseWriter){"POST /login": {func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
			}}, "GET /me": {status(401)}}, "not-seen", "GET /me returns 401, although POST /login returns 200",
			"Name a path"},
		{"another protocol", doctor.Options{Post: "/login", Check: "/me"},
			map[string][]func(http.ResponseWriter){"GET /me": {func(w http.ResponseWriter) {
				conn, buffer, _ := w.(http.Hijacker).Hijack()
				buffer.WriteString("-ERR unknown command\r\n")
				buffer.Flush()
				conn.Close()
			}}}, "not-listening", "does not speak HTTP/1.1", "control characters"},
		{"a header that is not valid", doctor.Options{Post: "/login", Check: "/me", Body: "pw"},
			map[string][]func(http.ResponseWriter){"POST /login": {func(w http.ResponseWriter) {
				conn, buffer, _ := w.(http.Hijacker).Hijack()
				buffer.WriteString("HTTP/1.1 200 OK\r\nSet-Cookie: sid=a\x01b; Path=/\r\n\r\n")
				buffer.Flush()
				conn.Close()
			}}}, "not-listening", "not valid HTTP", "crash"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			asked := map[string]int{}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", page)
				w.Header().Set("Access-Control-Allow-Credentials", "true")
				w.Header().Set("Access-Control-Allow-Headers", "content-type")
				request := r.Method + " " + r.URL.Path
				mu.Lock()
				n := asked[request]
				asked[request]++
				mu.Unlock()
				if answers := tt.answers[request]; len(answers) > 0 {
					answers[min(n, len(answers)-1)](w)
				}
			}))
			defer server.Close()
			tt.options.URL, tt.options.Origin = server.URL, page
			r, err := doctor.Run(t.Context(), tt.options)
			if err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := r.Text(&text, doctor.TextOptions{}); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(strings.Fields(text.String()), " ")
			if !slices.Contains(r.Codes(), tt.code) || !strings.Contains(got, tt.says) ||
				strings.Contains(got, tt.never) {
				t.Errorf("findings %q, want %s; it is to say %q and not %q:\n%s", r.Codes(), tt.code, tt.says, tt.never,
					text.String())
			}
		})
	}
}

// late is a context whose time is over when the channel is closed.
type late struct {
	context.Context
	over chan struct{}
}

func (l late) Done() <-chan struct{} { return l.over }

func (l late) Err() error {
	select {
	case <-l.over:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// When the time for all requests is over, none of them is to blame.
func TestLate(t *testing.T) {
	ctx := late{t.Context(), make(chan struct{})}
	var once sync.Once
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			_, _ = io.Copy(io.Discard, r.Body) // or the server does not see that the client is gone
			once.Do(func() { close(ctx.over) })
			<-r.Context().Done()
		}
	}))
	defer server.Close()
	r, err := doctor.Run(ctx, doctor.Options{URL: server.URL, Origin: server.URL, Get: "/code", Post: "/login",
		Check: "/me"})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Findings) != 1 || r.Findings[0].Code != "not-seen" || r.Findings[0].Pass != "Pass a longer --timeout." {
		t.Errorf("findings %+v", r.Findings)
	}
}
