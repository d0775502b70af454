package session_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/session/sessiontest"
)

// data is the session of most tests.
type data struct {
	Name  string         `json:"name,omitempty"`
	Views int            `json:"views,omitempty"`
	Cart  []string       `json:"cart,omitempty"`
	Deep  map[string]int `json:"deep,omitempty"`
}

// app is a manager with a store, a clock, and ears for events and logs. When the test ends, no token may have got into a log
// or an event.
type app[T any] struct {
	t      *testing.T
	cfg    session.Config
	m      *session.Manager[T]
	store  *sessiontest.Store
	clock  *clock
	mu     sync.Mutex
	events []session.Event
	logs   bytes.Buffer
	tokens map[string]bool
}

func newApp[T any](t *testing.T, change func(*session.Config)) *app[T] {
	t.Helper()
	a := &app[T]{t: t, store: sessiontest.NewStore(), clock: newClock(), tokens: make(map[string]bool)}
	cfg := session.Defaults()
	cfg.Key = "id"
	cfg.Store = a.store
	cfg.Keys = [][]byte{testKey(1)}
	cfg.MaxAge = time.Hour
	cfg.AbsoluteMaxAge = 24 * time.Hour
	cfg.Now = a.clock.Now
	cfg.Events = func(_ context.Context, e session.Event) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.events = append(a.events, e)
	}
	cfg.Logger = slog.New(slog.NewJSONHandler(&lockedWriter{mu: &a.mu, w: &a.logs}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if change != nil {
		change(&cfg)
	}
	a.cfg = cfg
	m, err := session.New[T](cfg)
	if err != nil {
		t.Fatal(err)
	}
	a.m = m
	t.Cleanup(a.checkSecrets)
	return a
}

// sealed has sessions kept in the cookie.
func sealed(cfg *session.Config) { cfg.Store = sealedStore{cfg.Store.(*sessiontest.Store)} }

// sealedStore is a Sealer of the standard library's making. The service's own is tested in its package.
type sealedStore struct{ *sessiontest.Store }

func (sealedStore) AEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithNonceSize(block, 24)
}

func testKey(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

// handler is what a test does in a request.
type handler[T any] func(w http.ResponseWriter, r *http.Request, s *session.Session[T])

// visit sends one request of c through the middleware, and keeps the cookie that comes back.
func (a *app[T]) visit(c *client, h handler[T]) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.serve(c, func(w http.ResponseWriter, r *http.Request) { h(w, r, a.m.Get(r)) })
}

// serve does the same without looking at the session.
func (a *app[T]) serve(c *client, h http.HandlerFunc) *httptest.ResponseRecorder {
	a.t.Helper()
	rec := httptest.NewRecorder()
	a.m.Middleware(h).ServeHTTP(rec, c.request())
	c.keep(rec.Result().Header)
	a.remember(rec.Result().Header)
	return rec
}

// value reads the session's value as client c sees it, and changes nothing.
func (a *app[T]) value(c *client) (v T, isNew bool) {
	a.t.Helper()
	probe := *c
	s, err := a.m.Load(a.t.Context(), probe.request())
	if err != nil {
		a.t.Fatal(err)
	}
	return s.V, s.IsNew()
}

func (a *app[T]) remember(h http.Header) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, line := range h["Set-Cookie"] {
		_, value, _ := strings.Cut(line, "=")
		value, _, _ = strings.Cut(value, ";")
		id, _, _ := strings.Cut(value, ".")
		if len(id) >= 16 {
			a.tokens[id] = true
		}
	}
}

func (a *app[T]) checkSecrets() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for token := range a.tokens {
		if bytes.Contains(a.logs.Bytes(), []byte(token)) {
			a.t.Errorf("a token got into the log: %s", a.logs.String())
		}
		for _, e := range a.events {
			if strings.Contains(e.KeyHash, token) || e.Err != nil && strings.Contains(e.Err.Error(), token) {
				a.t.Errorf("a token got into an event: %+v", e)
			}
		}
	}
}

// records returns the keys of the sessions in the store, of the ids that were replaced, and of the users' stamps. A stamp is
// random, and may begin as the others do: it is known by its end.
func (a *app[T]) records() (sessions, moved, stamps []string) {
	for _, key := range a.store.Keys() {
		switch record, _, _ := a.store.Find(context.Background(), key); {
		case len(record) == 8 || record[len(record)-1] != '}' && len(record)%43 == 8: // 8 bytes, and 43 for each session of a list
			stamps = append(stamps, key)
		case record[0] == 'm':
			moved = append(moved, key)
		default:
			sessions = append(sessions, key)
		}
	}
	return sessions, moved, stamps
}

// kinds returns the kinds of the events since the last call.
func (a *app[T]) kinds() []session.Kind {
	a.mu.Lock()
	defer a.mu.Unlock()
	kinds := make([]session.Kind, 0, len(a.events))
	for _, e := range a.events {
		kinds = append(kinds, e.Kind)
	}
	a.events = nil
	return kinds
}

func (a *app[T]) wantEvents(want ...session.Kind) {
	a.t.Helper()
	if got := a.kinds(); !slices.Equal(got, want) {
		a.t.Errorf("events = %v, want %v", got, want)
	}
}

// client is a browser with one cookie.
type client struct {
	name, value string
	header      http.Header // of the next requests
}

func newClient() *client { return &client{name: "id"} }

func (c *client) request() *http.Request {
	r := httptest.NewRequest("GET", "/", nil)
	maps.Copy(r.Header, c.header)
	if c.value != "" {
		r.Header.Add("Cookie", c.name+"="+c.value)
	}
	return r
}

func (c *client) keep(h http.Header) {
	for _, line := range h["Set-Cookie"] {
		pair, attrs, _ := strings.Cut(line, ";")
		name, value, _ := strings.Cut(pair, "=")
		if name != c.name {
			continue
		}
		c.value = value
		if strings.Contains(attrs, "Max-Age=0;") {
			c.value = ""
		}
	}
}

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.UnixMilli(1_800_000_000_000)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type lockedWriter struct {
	mu *sync.Mutex
	w  *bytes.Buffer
}

func (l *lockedWriter) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(b)
}

func setCookies(rec *httptest.ResponseRecorder) []string { return rec.Result().Header["Set-Cookie"] }

func wantCookies(t *testing.T, rec *httptest.ResponseRecorder, want int) {
	t.Helper()
	if got := setCookies(rec); len(got) != want {
		t.Errorf("Set-Cookie = %q, want %d lines", got, want)
	}
}
