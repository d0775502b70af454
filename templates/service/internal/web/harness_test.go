package web

import (
	"bytes"
	"context"
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
	s := session.Defaults()
	s.Key, s.MaxAge, s.AbsoluteMaxAge = "sid", time.Hour, 24*time.Hour
	s.Keys = [][]byte{bytes.Repeat([]byte{1}, 32)}
	return config.Config{
		PublicURL:      "http://localhost:8080",
		CORSOrigins:    []string{frontEnd},
		AllowedHosts:   []string{"localhost"},
		Session:        s,
		ResourcePolicy: "same-site",
		Dev:            true,
	}
}

// people are the accounts of the tests: names and passwords.
type people map[string]string

func (p people) Authenticate(_ context.Context, username, password string) (string, error) {
	if p[username] != password || password == "" {
		return "", ErrRefused
	}
	return username, nil
}

// service is the whole service on a loopback port.
type service struct {
	t     *testing.T
	cfg   config.Config
	store *sessiontest.Store
	log   *logBuffer
	app   *app
	url   string

	network http.RoundTripper // nil: the real one
}

// start runs the service; change may alter its settings.
func start(t *testing.T, change func(*config.Config)) *service {
	t.Helper()
	s := prepare(t, change)
	server := httptest.NewServer(s.app.handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

func prepare(t *testing.T, change func(*config.Config)) *service {
	t.Helper()
	s := &service{t: t, cfg: testConfig(), store: sessiontest.NewStore(), log: &logBuffer{}}
	if change != nil {
		change(&s.cfg)
	}
	log := slog.New(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.app, err = newApp(s.cfg, s.store, people{username: password}, log); err != nil {
		t.Fatal(err)
	}
	return s
}

// browser is a page on an origin, with the cookies of its browser.
type browser struct {
	*service
	origin string
	client *http.Client
	me     reply // the answer to a login or GET /me, which may have a token to send
}

func (s *service) browser(origin string) *browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &browser{service: s, origin: origin, client: &http.Client{Jar: jar, Transport: s.network,
		Timeout: 10 * time.Second}}
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

// do sends a request as the page would. A body that is not a string is sent as JSON. A header that is given wins.
func (b *browser) do(method, path string, body any, header ...string) reply {
	b.t.Helper()
	content, isText := body.(string)
	if body != nil && !isText {
		encoded, err := json.Marshal(body)
		if err != nil {
			b.t.Fatal(err)
		}
		content, header = string(encoded), append([]string{"Content-Type", "application/json"}, header...)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.url+path, strings.NewReader(content))
	if err != nil {
		b.t.Fatal(err)
	}
	if b.origin != "" {
		r.Header.Set("Origin", b.origin)
		r.Header.Set("Sec-Fetch-Site", "same-site")
	}
	// Where the service asks for a token, a test file of its own adds the method that sends it.
	if part, ok := any(b).(interface{ sendToken(r *http.Request) }); ok && method != "GET" {
		part.sendToken(r)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
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
			b.t.Fatalf("%s %s: body is not JSON: %v\n%s", method, path, err, text)
		}
	}
	return answer
}

// credentials is the body of a login. Where a captcha is asked for, a test file of its own adds the method that reads
// the picture.
func (b *browser) credentials(username, password string) map[string]string {
	b.t.Helper()
	body := map[string]string{"username": username, "password": password}
	if part, ok := any(b).(interface{ readCode() string }); ok {
		body["code"] = part.readCode()
	}
	return body
}

// login logs in as the one account and fails the test if that does not work.
func (b *browser) login() reply {
	b.t.Helper()
	b.me = b.do("POST", "/login", b.credentials(username, password))
	if b.me.status != http.StatusOK {
		b.t.Fatalf("login: %d %s", b.me.status, b.me.body)
	}
	return b.me
}

// cookie is the session cookie that the browser holds, or nil.
func (b *browser) cookie() *http.Cookie {
	u, _ := url.Parse(b.url)
	for _, c := range b.client.Jar.Cookies(u) {
		if c.Name == b.cfg.Session.Key {
			return c
		}
	}
	return nil
}

// want fails the test unless the answer is an envelope with this status and, for an error, this name.
func (r reply) want(t *testing.T, what string, status int, name string) {
	t.Helper()
	if r.status != status || (r.State == 1) != (name == "") || r.field("error") != name || r.Message == "" {
		t.Errorf("%s = %d %s; want status %d, error %q and a message", what, r.status, r.body, status, name)
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
