package session_test

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
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

// app is a manager with a store, a clock, and ears for events and logs. When the test ends, no token may have got into
// a log or an event.
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
	cfg.Logger = slog.New(
		slog.NewJSONHandler(&lockedWriter{mu: &a.mu, w: &a.logs}, &slog.HandlerOptions{Level: slog.LevelDebug}),
	)
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
func sealed(cfg *session.Config) { cfg.Store = sealedStore{cfg.Store} }

// sealedStore is a Carrier made with the standard library alone. That of the cookie store is tested by sessionseed.
type sealedStore struct{ session.Store }

func (s sealedStore) Swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	changes = slices.Clone(changes)
	for i, c := range changes {
		if strings.HasPrefix(c.Key, "session:") {
			changes[i].Old = nil // the mark must not be there
			if changes[i].New = nil; c.New == nil {
				changes[i].New = []byte{}
			}
		}
	}
	return s.Store.Swap(ctx, changes...)
}

func (sealedStore) Tokens(name string, keys [][]byte) (session.Tokens, error) {
	t := sealedTokens{name: name}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, err
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			return nil, err
		}
		t.keys = append(t.keys, aead)
	}
	return t, nil
}

type sealedTokens struct {
	name string
	keys []cipher.AEAD
}

func (t sealedTokens) Key(id string) string {
	sum := sha256.Sum256([]byte(id))
	return "session:" + base64.RawURLEncoding.EncodeToString(sum[:])
}

func (t sealedTokens) Issue(id, _ string, record []byte) (string, error) {
	token := base64.RawURLEncoding.EncodeToString(
		t.keys[0].Seal(nil, nil, append([]byte(id), record...), []byte(t.name)),
	)
	if len(t.name)+len(token) > 4096 {
		return "", session.ErrTooLarge
	}
	return token, nil
}

func (t sealedTokens) Open(token string) (id, user string, record []byte, current, ok bool) {
	data, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil {
		return "", "", nil, false, false
	}
	for i, key := range t.keys {
		if plain, err := key.Open(nil, nil, data, []byte(t.name)); err == nil && len(plain) >= 43 {
			return string(plain[:43]), "", plain[43:], i == 0, true
		}
	}
	return "", "", nil, false, false
}

func testKey(b byte) []byte { return bytes.Repeat([]byte{b}, 32) }

// handler is what a test does in a request.
type handler[T any] func(w http.ResponseWriter, r *http.Request, s *session.Session[T])

// visit sends one request of c through the middleware, and keeps the cookie that comes back.
func (a *app[T]) visit(c *client, h handler[T]) *httptest.ResponseRecorder {
	a.t.Helper()
	return a.serve(c, func(w http.ResponseWriter, r *http.Request) { h(w, r, a.m.Get(r)) })
}

// serve does the same without using the session.
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
	s := a.peek(c.request())
	return s.V, s.IsNew()
}

// peek returns the session of a request, and saves nothing.
func (a *app[T]) peek(r *http.Request) (s *session.Session[T]) {
	a.t.Helper()
	cfg := a.cfg
	cfg.AutoCommit = false
	m, err := session.New[T](cfg)
	if err != nil {
		a.t.Fatal(err)
	}
	m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { s = m.Get(r) })).
		ServeHTTP(httptest.NewRecorder(), r)
	if s.Err() != nil {
		a.t.Fatal(s.Err())
	}
	return s
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

// records returns the keys of the sessions in the store, and of the users' stamps.
func (a *app[T]) records() (sessions, stamps []string) {
	for _, key := range a.store.Keys() {
		switch record := a.record(key); {
		case len(record) == 8:
			stamps = append(stamps, key)
		case bytes.HasSuffix(record, []byte("}")):
			sessions = append(sessions, key)
		}
	}
	return sessions, stamps
}

// record returns what the store has under a key.
func (a *app[T]) record(key string) []byte {
	a.t.Helper()
	records, err := a.store.Find(context.Background(), key)
	if err != nil {
		a.t.Fatal(err)
	}
	return records[0]
}

// put replaces what the store has under a key.
func (a *app[T]) put(key string, record []byte) {
	a.t.Helper()
	made, err := a.store.Swap(context.Background(), session.Change{Key: key, Old: a.record(key), New: record})
	if err != nil || !made[0] {
		a.t.Fatal(made, err)
	}
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
