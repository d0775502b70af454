package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"reflect"
	"time"
)

// Manager loads and saves the sessions of one cookie. Make it with New; it is safe for concurrent use.
type Manager[T any] struct {
	cfg     Config
	swapper Swapper
	local   bool   // the stores answer from memory: no timer needed
	isJSON  bool   // sessions can be merged field by field
	plain   bool   // a copy of a T can be compared with it later
	author  uint32 // marks the records of this manager; not 0
	encoder encoder
	recent  *recent[T] // nil if values cannot be shared by requests
	exact   bool       // what was saved decodes to what it was
	cookie  cookieWriter
	ids     idMaker
	signer  *signer // nil if the token is the bare id
	sealer  *sealer // nil if sessions are kept in the store
	stamps  stampStore
	zero    []byte        // the encoding of a new, empty T
	mapType reflect.Type  // T if it is a map, which must be made before it is used
	idle    time.Duration // of a session without its own max age
}

// New checks the configuration and returns a Manager for sessions whose value is a T: the owner's struct, or
// map[string]any. The error joins everything that is wrong with the configuration.
func New[T any](cfg Config) (*Manager[T], error) {
	cfg = cfg.withDefaults()
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	m := &Manager[T]{cfg: cfg, cookie: newCookieWriter(cfg), ids: newIDMaker(cfg), idle: cfg.MaxAge}
	if cfg.MaxAge == BrowserSession {
		m.idle = cfg.IdleTimeout
	}
	_, store := cfg.Store.(NonBlocking)
	_, stamps := cfg.Stamps.(NonBlocking)
	m.local = store && stamps
	_, m.isJSON = cfg.Codec.(jsonCodec)
	m.encoder = newEncoder(cfg.Codec)
	m.stamps = stampStore{store: cfg.Stamps, swapper: AsSwapper(cfg.Stamps), name: cfg.Key, rand: cfg.Rand}
	if s, ok := cfg.Store.(Sealer); ok {
		sealer, err := newSealer(s, cfg.Key, cfg.Keys, cfg.Rand)
		if err != nil {
			return nil, err
		}
		m.sealer, m.stamps.now = sealer, cfg.Now
	} else {
		m.swapper = AsSwapper(cfg.Store)
		if cfg.Signed {
			m.signer = newSigner(cfg.Key, cfg.Keys)
		}
	}
	t := reflect.TypeFor[T]()
	m.plain = isPlain(t)
	if m.plain && m.isJSON && cfg.Valid == nil { // Valid may alter what was decoded
		m.recent = &recent[T]{seed: maphash.MakeSeed()}
		m.exact = isExact(t)
	}
	if t.Kind() == reflect.Map {
		m.mapType = t
	}
	if err := m.drawAuthor(); err != nil {
		return nil, err
	}
	v := m.newValue()
	zero, err := cfg.Codec.Marshal(&v)
	if err != nil {
		return nil, fmt.Errorf("session: encode an empty %T: %w", v, err)
	}
	m.zero = bytes.Clone(zero)
	return m, nil
}

// drawAuthor makes the mark by which the manager knows its own records. Another program, or another version of this one, may encode
// a T in another way.
func (m *Manager[T]) drawAuthor() error {
	var b [4]byte
	if _, err := io.ReadFull(m.cfg.Rand, b[:]); err != nil {
		return fmt.Errorf("session: read random bytes: %w", err)
	}
	m.author = binary.BigEndian.Uint32(b[:]) | 1
	return nil
}

// newValue returns an empty T that can be written to.
func (m *Manager[T]) newValue() (v T) {
	if m.mapType != nil {
		v = reflect.MakeMap(m.mapType).Interface().(T)
	}
	return v
}

// decode fills v, which newValue has made, from a payload.
func (m *Manager[T]) decode(payload []byte, v *T) error {
	err := m.cfg.Codec.Unmarshal(payload, v)
	if m.mapType != nil && reflect.ValueOf(*v).IsNil() { // "null" stands for a map that was set to nil
		*v = m.newValue()
	}
	return err
}

// storeKey returns the key of the session's record. Without a signature, which binds an id to the cookie's name, the hash does: an id
// must be worth nothing to another manager of the same store.
func (m *Manager[T]) storeKey(id string) string {
	if m.signer == nil && m.sealer == nil {
		return storeKey(m.cfg.Key + "=" + id)
	}
	return storeKey(id)
}

// Middleware gives each request of next a session, which is loaded when Get or Load is first called, and saved before
// the first byte of the response. It must wrap every handler that uses sessions. Handlers that never look at the
// session cost one small allocation and no store access, and go on working when the store does not.
//
// The answer of a handler whose session could not be loaded or saved is dropped, and Config.ErrorHandler answers
// instead. An answer with a status of 500 and more saves nothing, nor does a panic.
func (m *Manager[T]) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if q := m.request(r); q != nil && !q.done {
			next.ServeHTTP(w, r) // a second Middleware of the same manager further out does the work
			return
		}
		q := &request[T]{m: m, r: r, w: w}
		copyWithContext(&q.inner, r, (*requestContext[T])(q))
		defer q.removeFiles()
		next.ServeHTTP((*responseWriter[T])(q), &q.inner)
		q.finish()
	})
}

// Get returns the request's session, and loads it at the first call. It is never nil. If the store does not answer the
// session is anonymous, its Err says why, and whatever the handler then answers is replaced by Config.ErrorHandler's.
//
// The session belongs to the goroutine that handles the request.
func (m *Manager[T]) Get(r *http.Request) *Session[T] {
	s, _ := m.load(r.Context(), r, true)
	return s
}

// Load is Get for those who want the error in hand: with it the handler's own answer stands even if the store failed.
// It also reads the session of a request that did not pass through Middleware; such a session cannot be saved.
func (m *Manager[T]) Load(ctx context.Context, r *http.Request) (*Session[T], error) {
	if m.request(r) == nil {
		s := m.newSession(nil)
		s.load(ctx, r)
		return s, s.err
	}
	return m.load(ctx, r, false)
}

// Commit saves the request's session now, and adds its cookie to the headers of w. It is needed without AutoCommit, and
// otherwise for those who want to see the error: nothing is answered on their behalf. After the headers were sent it
// returns ErrLate for a change that the browser would have to be told about.
func (m *Manager[T]) Commit(w http.ResponseWriter, r *http.Request) error {
	q := m.request(r)
	if q == nil {
		return ErrNoMiddleware
	}
	return q.commit(w.Header())
}

// EndAll ends every session of the user, from the next request on. It costs one write, however many sessions there are.
func (m *Manager[T]) EndAll(ctx context.Context, userID string) error {
	if userID == "" {
		return ErrNoUser
	}
	ctx, cancel := m.storeContext(ctx)
	defer cancel()
	stamp, err := m.stamps.draw()
	if err == nil {
		_, err = m.stamps.replace(ctx, userID, stamp, m.stampExpiry(), func(uint64) bool { return true })
	}
	if err != nil {
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

// request returns the state that Middleware put into the request's context, or nil.
func (m *Manager[T]) request(r *http.Request) *request[T] {
	q, _ := r.Context().Value(m).(*request[T])
	return q
}

func (m *Manager[T]) load(ctx context.Context, r *http.Request, answer bool) (*Session[T], error) {
	q := m.request(r)
	if q == nil {
		s := m.newSession(nil)
		s.err = ErrNoMiddleware
		m.cfg.Logger.ErrorContext(ctx, "session", "error", ErrNoMiddleware)
		return s, s.err
	}
	if q.s == nil {
		q.s = m.newSession(q)
		q.s.load(ctx, r)
	}
	q.answerError = q.answerError || answer
	return q.s, q.s.err
}

func (m *Manager[T]) newSession(q *request[T]) *Session[T] {
	return &Session[T]{V: m.newValue(), m: m, q: q, isNew: true}
}

// storeContext limits a call to the store. It does not end when the client goes away: a write that was begun is finished.
func (m *Manager[T]) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	if m.local {
		return context.Background(), noCancel
	}
	return context.WithTimeout(context.WithoutCancel(ctx), m.cfg.StoreTimeout)
}

func noCancel() {}
