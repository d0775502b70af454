package session

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"time"
)

// Manager loads and saves the sessions of one cookie. Create it with New; it is safe for concurrent use.
type Manager[T any] struct {
	cfg     Config
	tokens  Tokens
	cookie  http.Cookie // with its attributes, without a value
	carried bool        // sessions are in their tokens, and the store is a Carrier
	isMap   bool        // a T is a map, which must be made before it is used
	zero    []byte      // the encoding of a new, empty T

	// moved is called when a session of a signed-in user was stored under another key, before the response is
	// sent. from is "" for a new one. Its error fails the save. Nil: nobody needs to know.
	moved func(ctx context.Context, user, from, to string, signIn bool) error
}

// New checks the configuration and returns a Manager for sessions whose value is a T: the owner's struct, or
// map[string]any. The error joins everything that is wrong with the configuration.
func New[T any](cfg Config) (*Manager[T], error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m := &Manager[T]{cfg: cfg, tokens: newSignedTokens(cfg), isMap: reflect.TypeFor[T]().Kind() == reflect.Map}
	// Max-Age alone, without Expires, is enough: it does not depend on the browser's clock (RFC 6265, section 5.3).
	m.cookie = http.Cookie{Name: cfg.Key, Path: cfg.Path, Domain: cfg.Domain, HttpOnly: cfg.HTTPOnly,
		Secure: cfg.Secure, SameSite: cfg.SameSite, Partitioned: cfg.Partitioned}
	if c, ok := cfg.Store.(Carrier); ok {
		var err error
		if m.tokens, err = c.Tokens(cfg.Key, cfg.Keys); err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		m.carried = true
	}
	v := m.newValue()
	var err error
	if m.zero, err = json.Marshal(&v); err != nil {
		return nil, fmt.Errorf("session: encode an empty %T: %w", v, err)
	}
	return m, nil
}

// newValue returns an empty T that can be written to.
func (m *Manager[T]) newValue() (v T) {
	if m.isMap {
		v = reflect.MakeMap(reflect.TypeFor[T]()).Interface().(T)
	}
	return v
}

func (m *Manager[T]) now() int64 { return m.cfg.Now().UnixMilli() }

// Middleware gives each request of next a session, which is loaded when Get is first called, and saved before
// the first byte of the response. It must wrap every handler that uses sessions. Handlers that never use the session go
// on working when the store does not.
func (m *Manager[T]) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if x := m.exchange(r); x != nil && !x.done {
			next.ServeHTTP(w, r) // a second Middleware of the same manager further out does the work
			return
		}
		x := &exchange[T]{Context: r.Context(), ResponseWriter: w, m: m, r: r}
		inner := r.WithContext(x)
		panicking := true
		defer func() {
			x.finish(panicking)
			if inner.MultipartForm != nil && r.MultipartForm == nil {
				_ = inner.MultipartForm.RemoveAll() // the server does so for r, and does not know of inner
			}
		}()
		next.ServeHTTP(x, inner)
		panicking = false
	})
}

// Get returns the request's session, and loads it at the first call. It is never nil. If the store fails, the session
// is anonymous, its Err says why, and Config.ErrorHandler's response replaces the handler's.
func (m *Manager[T]) Get(r *http.Request) *Session[T] {
	x := m.exchange(r)
	if x != nil && x.s != nil {
		return x.s
	}
	s := &Session[T]{V: m.newValue(), m: m, x: x, isNew: true}
	if x == nil {
		s.err = ErrNoMiddleware
		m.cfg.Logger.ErrorContext(r.Context(), "session", "error", s.err)
		return s
	}
	x.s = s
	s.load(r.Context(), r)
	return s
}

// exchange returns the state that Middleware put into the request's context, or nil.
func (m *Manager[T]) exchange(r *http.Request) *exchange[T] {
	x, _ := r.Context().Value(m).(*exchange[T])
	return x
}

// Commit saves the request's session now, and adds its cookie to the headers of w: without AutoCommit, or to see the
// error. After the headers were sent it returns ErrLate for a change, and saves nothing.
func (m *Manager[T]) Commit(w http.ResponseWriter, r *http.Request) error {
	x := m.exchange(r)
	switch {
	case x == nil:
		return ErrNoMiddleware
	case x.s == nil:
		return nil
	case x.s.err != nil:
		return x.s.err
	case x.sent:
		return x.late()
	}
	return x.save(w.Header())
}

// EndAll ends every session of the user in the store, from the next request on. It costs one write, however many.
func (m *Manager[T]) EndAll(ctx context.Context, userID string) error {
	if userID == "" {
		return ErrNoUser
	}
	if _, err := m.raiseStamp(ctx, userID, func(uint64) bool { return true }); err != nil {
		return fmt.Errorf("session: end all sessions of a user: %w", err)
	}
	return nil
}

// RequireFresh lets only sessions pass to next whose last SignIn is at most d ago (ASVS 7.5.1). Others get
// ErrNotFresh through Config.ErrorHandler: 401 by default.
func (m *Manager[T]) RequireFresh(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s := m.Get(r)
		err := s.Err()
		if err == nil && (s.User() == "" || m.cfg.Now().Sub(s.AuthTime()) > d) {
			err = ErrNotFresh
		}
		if err != nil {
			m.cfg.ErrorHandler(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
