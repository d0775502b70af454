package doctor_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/generator/doctor"
)

// allowing lets the page of probe read what a handler answers.
func allowing(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "http://localhost:5173")
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Set("Access-Control-Allow-Headers", "content-type")
		h(w, r)
	})
}

// said is the text of a report, in one line.
func said(t *testing.T, r *doctor.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := r.Text(&text, doctor.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(text.String()), " ")
}

// A login that is asked too often is not to be changed.
func TestTooManyRequests(t *testing.T) {
	r := probe(t, allowing(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusTooManyRequests)
		}
	}), func(o *doctor.Options) { o.Post, o.Body = "/login", "{}" })
	if got := said(t, r); !strings.Contains(got, "wait a while") || strings.Contains(got, "check --body") {
		t.Errorf("the doctor says %s", got)
	}
}

// The image is asked for twice, and what is wrong with it said once: see checkOutput.
func TestImageIsNamedOnce(t *testing.T) {
	r := probe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/svg+xml")
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
		fmt.Fprint(w, "<svg xmlns='http://www.w3.org/2000/svg'/>")
	}), func(o *doctor.Options) { o.Get = "/code" })
	if !slices.Contains(r.Codes(), "corp") {
		t.Fatalf("findings %q", r.Codes())
	}
}

// A policy of the page that blocks by two directives is put right in both.
func TestPolicyNamesEachDirective(t *testing.T) {
	page := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "default-src 'self'")
	}))
	defer page.Close()
	r := probe(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
	}), func(o *doctor.Options) { o.Origin, o.Get, o.Check, o.Client = page.URL, "/code", "/me", "img" })
	for _, f := range r.Findings {
		if f.Code == "csp" {
			service := strings.TrimSuffix(r.URL, "/")
			want := "write img-src 'self' " + service + ", and write connect-src 'self' " + service + "."
			if !strings.HasSuffix(f.Client, want) {
				t.Errorf("the remedy is %q, want %q", f.Client, want)
			}
			return
		}
	}
	t.Errorf("findings %q", r.Codes())
}

// What a service answers to too many requests proves nothing of its sessions.
func TestLimitIsNoProof(t *testing.T) {
	posts := 0
	r := probe(t, allowing(func(w http.ResponseWriter, r *http.Request) {
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
	}), func(o *doctor.Options) { o.Project, o.Body = true, "{}" })
	if r.Verdict == doctor.Works || strings.Contains(r.Proof, "429") {
		t.Errorf("verdict %s, proof %q", r.Verdict, r.Proof)
	}
}

// Where a service does not answer a request, or its answers prove nothing, the report says just that.
func TestRequestsWithoutAnAnswer(t *testing.T) {
	crash := func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	status := func(code int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { w.WriteHeader(code) }
	}
	ok := status(http.StatusOK)
	for _, tt := range []struct {
		name             string
		get, check, body string
		answers          map[string][]func(http.ResponseWriter) // by method and path, the last one for all others
		code             string
		says             string
		never            string
	}{
		{"a login that crashes", "/code", "/me", "",
			map[string][]func(http.ResponseWriter){"POST /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a login alone that crashes", "", "", "pw",
			map[string][]func(http.ResponseWriter){"POST /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a preflight that crashes", "", "/me", "",
			map[string][]func(http.ResponseWriter){"OPTIONS /login": {crash}}, "not-listening",
			"responded to other requests, but not to this one", "Nothing responds"},
		{"a login whose limit is reached", "", "/me", "pw",
			map[string][]func(http.ResponseWriter){"POST /login": {status(403), status(429)}}, "not-seen", "",
			"forged requests"},
		{"a check that crashes for strangers", "", "/me", "pw",
			map[string][]func(http.ResponseWriter){"POST /login": {func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
			}}, "GET /me": {ok, ok, ok, ok, ok, ok, status(500)}}, "not-seen", "with sid and 500 without,",
			"with and without sid"},
		{"a first request that crashes", "", "/me", "",
			map[string][]func(http.ResponseWriter){"GET /me": {crash}}, "not-listening", "accepts connections",
			"Nothing responds"},
		{"a login that logs nobody in", "", "/me", "pw",
			map[string][]func(http.ResponseWriter){"POST /login": {func(w http.ResponseWriter) {
				w.Header().Set("Set-Cookie", "sid=abc; Path=/; HttpOnly; SameSite=Lax")
			}}, "GET /me": {status(401)}}, "not-seen", "GET /me returns 401, although POST /login returns 200",
			"Name a path"},
		{"another protocol", "", "/me", "",
			map[string][]func(http.ResponseWriter){"GET /me": {func(w http.ResponseWriter) {
				conn, buffer, _ := w.(http.Hijacker).Hijack()
				buffer.WriteString("-ERR unknown command\r\n")
				buffer.Flush()
				conn.Close()
			}}}, "not-listening", "does not speak HTTP/1.1", "control characters"},
		{"a header that is not valid", "", "/me", "pw",
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
			r := probe(t, allowing(func(w http.ResponseWriter, r *http.Request) {
				request := r.Method + " " + r.URL.Path
				mu.Lock()
				n := asked[request]
				asked[request]++
				mu.Unlock()
				if answers := tt.answers[request]; len(answers) > 0 {
					answers[min(n, len(answers)-1)](w)
				}
			}), func(o *doctor.Options) { o.Get, o.Post, o.Check, o.Body = tt.get, "/login", tt.check, tt.body })
			got := said(t, r)
			if !slices.Contains(r.Codes(), tt.code) || !strings.Contains(got, tt.says) ||
				strings.Contains(got, tt.never) {
				t.Errorf("findings %q, want %s; it is to say %q and not %q: %s", r.Codes(), tt.code, tt.says, tt.never,
					got)
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
