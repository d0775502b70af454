package cors

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

const app = "https://app.example.com"

func middleware(t testing.TB) *Middleware {
	t.Helper()
	m, err := New(Config{
		Origins:        []string{app, "http://localhost:5173", "http://[::1]:5173"},
		Methods:        []string{"POST", "DELETE", "GET", "POST"},
		Headers:        []string{"X-Trace", "Content-Type"},
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         10 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func request(method string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "/login", nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Add(header[i], header[i+1])
	}
	return r
}

func TestPreflight(t *testing.T) {
	reached := false
	h := middleware(t).Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	tests := []struct {
		name    string
		request *http.Request
		status  int
		origin  string // of Access-Control-Allow-Origin
		body    string // part of it
	}{
		{"listed", request("OPTIONS", "Origin", app, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "content-type"), 204, app, ""},
		{"port", request("OPTIONS", "Origin", "http://localhost:5173", "Access-Control-Request-Method", "POST"), 204,
			"http://localhost:5173", ""},
		{"address", request("OPTIONS", "Origin", "http://[::1]:5173", "Access-Control-Request-Method", "POST"), 204,
			"http://[::1]:5173", ""},
		{"the browser compares the method", request("OPTIONS", "Origin", app, "Access-Control-Request-Method", "PATCH"),
			204, app, ""},
		{"the browser compares the headers", request("OPTIONS", "Origin", app, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", "x-other"), 204, app, ""},
		{"stranger", request("OPTIONS", "Origin", "https://evil.example", "Access-Control-Request-Method", "POST"), 403,
			"", `"https://evil.example" is not in this service's list`},
		{"sibling", request("OPTIONS", "Origin", "https://x.app.example.com", "Access-Control-Request-Method", "POST"),
			403, "", "not in this service's list"},
		{"other scheme", request("OPTIONS", "Origin", "http://app.example.com", "Access-Control-Request-Method",
			"POST"), 403, "", "not in this service's list"},
		{"other port", request("OPTIONS", "Origin", app+":8443", "Access-Control-Request-Method", "POST"), 403, "",
			"not in this service's list"},
		{"slash", request("OPTIONS", "Origin", app+"/", "Access-Control-Request-Method", "POST"), 403, "",
			"write https://app.example.com"},
		{"upper case", request("OPTIONS", "Origin", "https://APP.example.com", "Access-Control-Request-Method", "POST"),
			403, "", "write https://app.example.com"},
		{"extension without host_permissions", request("OPTIONS", "Origin", "chrome-extension://abcdefghijklmnop",
			"Access-Control-Request-Method", "POST"), 403, "", "give it host_permissions"},
		{"app", request("OPTIONS", "Origin", "capacitor://localhost", "Access-Control-Request-Method", "POST"), 403, "",
			"requests natively"},
		{"null", request("OPTIONS", "Origin", "null", "Access-Control-Request-Method", "POST"), 403, "",
			"sandboxed frame"},
		{"empty origin", request("OPTIONS", "Origin", "", "Access-Control-Request-Method", "POST"), 403, "",
			"does not begin with http"},
		{"two origins", request("OPTIONS", "Origin", app, "Origin", app, "Access-Control-Request-Method", "POST"), 403,
			"", "refused"},
		{"escape codes", request("OPTIONS", "Origin", "\x1b[2J", "Access-Control-Request-Method", "POST"), 403, "",
			`"\x1b[2J"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			h.ServeHTTP(w, tt.request)
			got := w.Result()
			if got.StatusCode != tt.status || got.Header.Get("Access-Control-Allow-Origin") != tt.origin {
				t.Errorf("status %d, Access-Control-Allow-Origin %q; want %d, %q", got.StatusCode,
					got.Header.Get("Access-Control-Allow-Origin"), tt.status, tt.origin)
			}
			if body := w.Body.String(); !strings.Contains(body, tt.body) || strings.Contains(body, "localhost:5173") ||
				(tt.body == "") != (body == "") {
				t.Errorf("body %q, want one with %q (\"\": none) and without localhost:5173", body, tt.body)
			}
			if got := strings.Join(got.Header["Vary"], ","); got != "Origin,Access-Control-Request-Method" {
				t.Errorf("Vary %q", got)
			}
			want := map[string]string{}
			if tt.origin != "" {
				want = map[string]string{
					"Access-Control-Allow-Credentials": "true",
					"Access-Control-Allow-Methods":     "DELETE,GET,POST",
					"Access-Control-Allow-Headers":     "content-type,x-trace",
					"Access-Control-Max-Age":           "600",
				}
			}
			for _, name := range []string{"Access-Control-Allow-Credentials", "Access-Control-Allow-Methods",
				"Access-Control-Allow-Headers", "Access-Control-Max-Age", "Access-Control-Expose-Headers"} {
				if got := strings.Join(got.Header[name], "|"); got != want[name] {
					t.Errorf("%s %q, want %q", name, got, want[name])
				}
			}
			if reached {
				t.Error("the preflight reached the next handler")
			}
		})
	}
}

func TestActualRequest(t *testing.T) {
	reply := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(status) }
	}
	tests := []struct {
		name    string
		next    http.HandlerFunc
		request *http.Request
		status  int
		origin  string
	}{
		{"listed", reply(200), request("GET", "Origin", app), 200, app},
		{"listed post", reply(200), request("POST", "Origin", app), 200, app},
		{"401", reply(401), request("GET", "Origin", app), 401, app},
		{"404 by http.Error", http.NotFound, request("GET", "Origin", app), 404, app},
		{"500 by http.Error", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "broken", 500) },
			request("POST", "Origin", app), 500, app},
		{"416 by http.ServeContent", func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "a.txt", time.Time{}, strings.NewReader("abc"))
		}, request("GET", "Origin", app, "Range", "bytes=9-"), 416, app},
		{"panic", func(http.ResponseWriter, *http.Request) { panic("broken") }, request("POST", "Origin", app), 500,
			app},
		{"stranger is served, but cannot read", reply(200), request("GET", "Origin", "https://evil.example"), 200, ""},
		{"stranger's panic", func(http.ResponseWriter, *http.Request) { panic("broken") },
			request("POST", "Origin", "null"), 500, ""},
		{"no origin", reply(200), request("GET"), 200, ""},
		{"OPTIONS without a method is not a preflight", reply(405), request("OPTIONS", "Origin", app), 405, app},
		{"OPTIONS without Origin is not a preflight", reply(405),
			request("OPTIONS", "Access-Control-Request-Method", "POST"), 405, ""},
		{"two origins", reply(200), request("GET", "Origin", app, "Origin", app), 200, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			recovered(middleware(t).Wrap(tt.next)).ServeHTTP(w, tt.request)
			got := w.Result()
			want := []string{tt.origin, "true", "retry-after", "Origin"}
			if tt.origin == "" {
				want = []string{"", "", "", "Origin"}
			}
			have := []string{got.Header.Get("Access-Control-Allow-Origin"),
				got.Header.Get("Access-Control-Allow-Credentials"), got.Header.Get("Access-Control-Expose-Headers"),
				got.Header.Get("Vary")}
			if got.StatusCode != tt.status || !slices.Equal(have, want) {
				t.Errorf("status %d, headers %q; want %d, %q", got.StatusCode, have, tt.status, want)
			}
		})
	}
}

// recovered stands outside of CORS, as it does in the service.
func recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if recover() != nil {
				http.Error(w, "internal error", http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func TestVaryIsAdded(t *testing.T) {
	next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Header().Add("Vary", "Accept") })
	w := httptest.NewRecorder()
	w.Header().Set("Vary", "Cookie")
	middleware(t).Wrap(next).ServeHTTP(w, request("GET", "Origin", app))
	if got := strings.Join(w.Header()["Vary"], ","); got != "Cookie,Origin,Accept" {
		t.Errorf("Vary %q", got)
	}
}

// The header values are shared by all answers, so a handler that adds to one must not change the next answer.
func TestAnswersDoNotShareChanges(t *testing.T) {
	h := middleware(t).Wrap(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Access-Control-Allow-Origin", "https://evil.example")
		w.Header().Add("Access-Control-Expose-Headers", "X-More")
		w.Header().Add("Vary", "Accept")
	}))
	for range 2 {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("GET", "Origin", app))
		if got := strings.Join(w.Header()["Access-Control-Expose-Headers"], "|"); got != "retry-after|X-More" {
			t.Errorf("Access-Control-Expose-Headers %q", got)
		}
		if got := strings.Join(w.Header()["Vary"], "|"); got != "Origin|Accept" {
			t.Errorf("Vary %q", got)
		}
	}
}

func TestEmptyConfigAllowsNobody(t *testing.T) {
	m, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, origin := range []string{"", "null", "*", app} {
		w := httptest.NewRecorder()
		m.Wrap(http.NotFoundHandler()).ServeHTTP(w, request("GET", "Origin", origin))
		if m.Allowed(origin) || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("origin %q is allowed", origin)
		}
	}
}

// A preflight needs no login, so a stranger can send one as large as the server takes (1 MiB by net/http's default).
// It must cost what an honest one costs.
func TestHostilePreflightIsCheap(t *testing.T) {
	h := middleware(t).Wrap(http.NotFoundHandler())
	long := strings.Repeat("a,", 256<<10)
	cost := func(origin, headers string) float64 {
		r := request("OPTIONS", "Origin", origin, "Access-Control-Request-Method", "POST",
			"Access-Control-Request-Headers", headers)
		return testing.AllocsPerRun(100, func() {
			h.ServeHTTP(discard{http.Header{}}, r)
		})
	}
	if small, hostile := cost(app, "content-type"), cost(app, long); hostile > small {
		t.Errorf("512 KiB of requested headers: %v allocations, small %v", hostile, small)
	}
	if small, hostile := cost("https://"+strings.Repeat("a", 300), ""),
		cost("https://"+strings.Repeat("a", 512<<10), ""); hostile > small {
		t.Errorf("512 KiB of origin: %v allocations, small %v", hostile, small)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("OPTIONS", "Origin", long, "Access-Control-Request-Method", long))
	if w.Body.Len() > 1000 {
		t.Errorf("the refusal has %d bytes", w.Body.Len())
	}
}

// discard is a ResponseWriter that keeps nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

// Over a real connection, with the net/http client's view of the headers.
func TestServer(t *testing.T) {
	server := httptest.NewServer(middleware(t).Wrap(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request) {
		io.WriteString(w, "hello")
	})))
	defer server.Close()
	r, err := http.NewRequest("OPTIONS", server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", app)
	r.Header.Set("Access-Control-Request-Method", "POST")
	got, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	got.Body.Close()
	if got.StatusCode != http.StatusNoContent || got.Header.Get("Access-Control-Allow-Origin") != app {
		t.Errorf("preflight: %s, headers %v", got.Status, got.Header)
	}
}
