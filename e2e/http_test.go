package e2e

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
)

// client is a front end without a browser: curl with a cookie jar.
type client struct {
	t      *testing.T
	base   string
	origin string // of the page it pretends to be; "" for none
	http   *http.Client
}

func newClient(s *service, origin string) *client {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &client{t: s.t, base: "http://" + s.addr, origin: origin, http: &http.Client{Jar: jar}}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	Result map[string]any
	State  int
}

// send makes one request; pairs are header names and values.
func (c *client) send(method, path, body string, pairs ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.base+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if c.origin != "" {
		r.Header.Set("Origin", c.origin)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for pair := range slices.Chunk(pairs, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	resp, err := c.http.Do(r)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("%s %s: %v", method, path, err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, body: string(data)}
	json.Unmarshal(data, &a) // an answer without a body stays empty
	return a
}

// token is the value of the session cookie.
func (c *client) token(name string) string {
	c.t.Helper()
	u, _ := url.Parse(c.base)
	for _, cookie := range c.http.Jar.Cookies(u) {
		if cookie.Name == name {
			return cookie.Value
		}
	}
	c.t.Fatalf("no cookie %s", name)
	return ""
}

// login sends what the demo's form sends.
func (c *client) login(password, code string) answer {
	c.t.Helper()
	body, _ := json.Marshal(map[string]string{"username": username, "password": password, "code": code})
	return c.send("POST", "/login", string(body))
}

// The main job by requests alone: every answer that a front end of another
// origin sees, from the preflight to the logout.
func TestFlowWithoutBrowser(t *testing.T) {
	t.Parallel()
	s := serve(t, generated(t, localhost))
	const origin = "http://localhost:5173"
	c := newClient(s, origin)
	name := s.project.cookie
	readable := func(what string, a answer) {
		t.Helper()
		want := map[string]string{"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
		for header, value := range want {
			if got := a.header.Values(header); !slices.Equal(got, []string{value}) {
				t.Errorf("%s: %s = %q, want %q", what, header, got, value)
			}
		}
		if got := strings.Join(a.header.Values("Vary"), ","); !strings.Contains(got, "Origin") {
			t.Errorf("%s: Vary = %q, want Origin in it", what, got)
		}
	}
	status := func(what string, a answer, want int) {
		t.Helper()
		if a.status != want {
			t.Fatalf("%s: status %d, want %d: %s", what, a.status, want, a.body)
		}
		readable(what, a)
	}

	preflight := c.send("OPTIONS", "/login", "", "Access-Control-Request-Method", "POST",
		"Access-Control-Request-Headers", "content-type")
	status("preflight", preflight, 204)
	for _, header := range []string{"Access-Control-Allow-Methods", "Access-Control-Allow-Headers"} {
		if preflight.header.Get(header) == "" {
			t.Errorf("preflight: %s is missing", header)
		}
	}
	if preflight.header.Get("Set-Cookie") != "" {
		t.Error("preflight: a session was opened")
	}

	code := c.send("GET", "/code", "")
	status("code", code, 200)
	svg, _ := code.Result["svg"].(string)
	if !strings.HasPrefix(svg, "<svg") || strings.Contains(svg, "<text") || len(code.Result) != 1 {
		t.Errorf("code: the result is not an svg alone, without <text: %s", code.body)
	}
	if got := code.header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("code: Cache-Control = %q, want no-store", got)
	}
	for what, text := range map[string]string{"cookie": c.token(name),
		"headers": strings.Join(slices.Concat(slices.Collect(maps.Values(code.header))...), " ")} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(s.answer(c.token(name)))) {
			t.Errorf("code: the %s gives the text away", what)
		}
	}

	status("me before the login", c.send("GET", "/me", ""), 401)
	status("login with a wrong code", c.login(s.project.password, "-"), 422)
	status("login with a wrong password", c.login("wrong", s.answer(c.token(name))), 401)
	status("me after wrong logins", c.send("GET", "/me", ""), 401)

	status("another code", c.send("GET", "/code", ""), 200)
	before, right := c.token(name), s.answer(c.token(name))
	status("login", c.login(s.project.password, right), 200)
	if c.token(name) == before {
		t.Error("login: the session kept the id that it had before")
	}
	me := c.send("GET", "/me", "")
	status("me", me, 200)
	if me.Result["username"] != username {
		t.Errorf("me: username = %v, want %s", me.Result["username"], username)
	}
	status("the same code again", c.login(s.project.password, right), 410)
	status("an unknown address", c.send("GET", "/nowhere", ""), 404)

	stolen := c.token(name)
	status("logout", c.send("POST", "/logout", ""), 200)
	status("me after the logout", c.send("GET", "/me", ""), 401)
	status("me with a copy of the cookie", c.send("GET", "/me", "", "Cookie", name+"="+stolen), 401)

	for _, line := range s.log() {
		if strings.Contains(line, stolen) || strings.Contains(line, right) ||
			strings.Contains(line, s.project.password) {
			t.Errorf("the log holds a secret: %s", line)
		}
	}
}

// A page of an origin that is not listed can neither read nor post.
func TestForeignOriginWithoutBrowser(t *testing.T) {
	t.Parallel()
	s := serve(t, generated(t, localhost))
	for _, origin := range []string{"https://evil.test", "http://localhost:5174", "http://127.0.0.1:5173", "null",
		"http://localhost:5173.evil.test"} {
		c := newClient(s, origin)
		for _, tt := range []struct {
			method, path string
			status       int
		}{
			{"OPTIONS", "/login", 403}, {"GET", "/code", 403}, {"GET", "/healthz", 200}, {"GET", "/me", 401},
			{"POST", "/login", 403}, {"POST", "/logout", 403}, {"POST", "/logout/others", 403},
		} {
			a := c.send(tt.method, tt.path, "", "Access-Control-Request-Method", "POST")
			if a.status != tt.status {
				t.Errorf("%s %s from %s: status %d, want %d", tt.method, tt.path, origin, a.status, tt.status)
			}
			for name := range a.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s from %s: the answer has %s", tt.method, tt.path, origin, name)
				}
			}
			if !strings.Contains(strings.Join(a.header.Values("Vary"), ","), "Origin") {
				t.Errorf("%s %s from %s: Vary lacks Origin", tt.method, tt.path, origin)
			}
		}
	}
}

// SIGTERM lets a request that is being answered finish, while no new one is
// taken.
func TestSignalDrains(t *testing.T) {
	t.Parallel()
	s := serve(t, generated(t, localhost))
	c := newClient(s, "http://localhost:5173")
	c.send("GET", "/code", "")
	if a := c.login(s.project.password, s.answer(c.token(s.project.cookie))); a.status != 200 {
		t.Fatalf("login: %s", a.body)
	}

	hold := filepath.Join(s.storeDir, "hold")
	writeFile(t, hold, "")
	inFlight := make(chan answer, 1)
	go func() { inFlight <- c.send("GET", "/me", "") }()
	waitFor(t, "the request to reach the store", func() bool {
		_, err := os.Stat(filepath.Join(s.storeDir, "held"))
		return err == nil
	})
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the service to refuse new connections", func() bool {
		fresh := newClient(s, "")
		resp, err := fresh.http.Get(fresh.base + "/healthz")
		if err == nil {
			resp.Body.Close()
		}
		return err != nil
	})
	select {
	case a := <-inFlight:
		t.Fatalf("the request in flight was answered while the store was held: status %d", a.status)
	default:
	}
	if err := os.Remove(hold); err != nil {
		t.Fatal(err)
	}
	if a := <-inFlight; a.status != 200 || a.Result["username"] != username {
		t.Errorf("the request in flight was answered %d %s, want 200 and %s", a.status, a.body, username)
	}
	<-s.exited
	if s.err != nil {
		t.Errorf("the service ended with %v, want exit code 0", s.err)
	}
	s.line(`"msg":"stopped"`)
}
