package web

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// The people and places of the tests.
const (
	frontEnd = "http://localhost:5173"
	stranger = "https://evil.example"
	username = "张三"
	password = "correct horse battery"
)

// testConfig does not depend on defaults.go, so the tests hold for any of its values.
func testConfig() config.Config {
	return config.Config{
		PublicURL:      "http://localhost:8080",
		CORSOrigins:    []string{frontEnd},
		Cookie:         config.Cookie{Name: "sid", SameSite: "lax", HTTPOnly: true, Path: "/"},
		Session:        config.Session{MaxAge: time.Hour, AbsoluteMaxAge: 24 * time.Hour, Signed: true, Overwrite: true, AutoCommit: true},
		SessionKeys:    [][]byte{bytes.Repeat([]byte{1}, 32)},
		ResourcePolicy: "same-site",
		Dev:            true,
	}
}

// service is the whole service on a loopback port, with a store in memory.
type service struct {
	t     *testing.T
	app   *app
	store session.Store
	url   string
	log   *logBuffer

	direct http.Handler // without a network
}

// RoundTrip is a network that is none.
func (s *service) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	incoming := r.Clone(r.Context())
	incoming.RemoteAddr = "127.0.0.1:1234"
	if incoming.Body == nil {
		incoming.Body = http.NoBody
	}
	s.direct.ServeHTTP(answer, incoming)
	return answer.Result(), nil
}

// start runs the service; change may alter its settings.
func start(t *testing.T, change func(*config.Config)) *service {
	t.Helper()
	return startWith(t, sessiontest.NewStore(), change)
}

func startWith(t *testing.T, store session.Store, change func(*config.Config)) *service {
	t.Helper()
	s := newService(t, store, change)
	server := httptest.NewServer(s.app.handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// unplugged is the service without a network, so that it runs by the clock of
// synctest.
func unplugged(t *testing.T, change func(*config.Config)) *service {
	t.Helper()
	s := newService(t, sessiontest.NewStore(), change)
	s.direct, s.url = s.app.handler(), "http://localhost:8080"
	return s
}

func newService(t *testing.T, store session.Store, change func(*config.Config)) *service {
	t.Helper()
	cfg := testConfig()
	if change != nil {
		change(&cfg)
	}
	hash, err := hashPassword(password, minIterations)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := NewAccount(username, hash)
	if err != nil {
		t.Fatal(err)
	}
	log := &logBuffer{}
	a, err := newApp(cfg, store, accounts, slog.New(slog.NewJSONHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	return &service{t: t, app: a, store: store, log: log}
}

// browser is a page on an origin, with the cookies of its browser.
type browser struct {
	*service
	origin string
	client *http.Client
}

func (s *service) browser(origin string) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	b := &browser{s, origin, &http.Client{Jar: jar}}
	if s.direct != nil {
		b.client.Transport = s
	}
	return b
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   string

	Message string          `json:"message"`
	State   int             `json:"state"`
	Result  json.RawMessage `json:"result"`
}

// field is a string in the result, or "".
func (r reply) field(name string) string {
	var fields map[string]any
	if json.Unmarshal(r.Result, &fields) != nil {
		return ""
	}
	s, _ := fields[name].(string)
	return s
}

// do sends a request as the page would. The body is sent as JSON unless it is nil.
func (b *browser) do(method, path string, body any, header ...string) reply {
	b.t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, content)
	if err != nil {
		b.t.Fatal(err)
	}
	if b.origin != "" {
		r.Header.Set("Origin", b.origin)
		r.Header.Set("Sec-Fetch-Site", "same-site")
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return b.send(r)
}

func (b *browser) send(r *http.Request) reply {
	b.t.Helper()
	response, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	answer := reply{status: response.StatusCode, header: response.Header, body: string(text)}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/json") && len(text) > 0 {
		if err := json.Unmarshal(text, &answer); err != nil {
			b.t.Fatalf("%s %s: body is no JSON: %v\n%s", r.Method, r.URL.Path, err, text)
		}
	}
	return answer
}

// credentials is the body of a login. Where a captcha is asked for, a test file
// of its own adds the method that reads the picture.
func (b *browser) credentials(username, password string) map[string]string {
	b.t.Helper()
	body := map[string]string{"username": username, "password": password}
	if reader, ok := any(b).(interface{ readCode() string }); ok {
		body["code"] = reader.readCode()
	}
	return body
}

// login logs in as the one account and fails the test if that does not work.
func (b *browser) login() reply {
	b.t.Helper()
	answer := b.do("POST", "/login", b.credentials(username, password))
	if answer.status != http.StatusOK {
		b.t.Fatalf("login: %d %s", answer.status, answer.body)
	}
	return answer
}

// cookie is the session cookie that the browser holds, or nil.
func (b *browser) cookie() *http.Cookie {
	u, err := url.Parse(b.url)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == b.app.cfg.Cookie.Name {
			return c
		}
	}
	return nil
}

// want fails the test unless the answer is an envelope with this status and,
// for an error, this name.
func (r reply) want(t *testing.T, what string, status int, name string) {
	t.Helper()
	state := 0
	if name == "" {
		state = 1
	}
	if r.status != status || r.State != state || r.field("error") != name || r.Message == "" {
		t.Errorf("%s = %d %s; want status %d, state %d, error %q and a message", what, r.status, r.body, status, state, name)
	}
	if got := r.header.Get("Cache-Control"); got != "no-store" {
		t.Errorf("%s: Cache-Control = %q, want no-store", what, got)
	}
}

// logBuffer is a log that may be read while the service writes.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
