package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

var (
	errToken   = errors.New("the token is malformed, or no key has signed it")
	errRefused = errors.New("refused by Config.Valid")
)

// maxCookies is for how many tokens of one request the store is asked. A browser that has a dead one from the time of another Path or
// Domain sends it along with the live one, and in any order.
const maxCookies = 3

// load fills the session from the request. Whatever a stranger may have sent ends in an anonymous session and an event; only a
// store that does not answer is an error.
func (s *Session[T]) load(ctx context.Context, r *http.Request) {
	tries, refused := 0, false
	try := func(token string) (enough bool) {
		if !s.read(token) {
			refused = true
			return false
		}
		if s.resend {
			s.m.emit(ctx, Event{Kind: OldKey, KeyHash: s.ID()})
		}
		if err := s.fetch(ctx); err != nil {
			s.forget()
			s.err = fmt.Errorf("session: load: %w", err)
			s.m.emit(ctx, Event{Kind: StoreError, Err: s.err})
		}
		tries++
		return !s.isNew || s.err != nil || tries == maxCookies
	}
	if x := s.m.cfg.ExternalKey; x != nil {
		if token := x.Get(r); token != "" {
			try(token)
		}
	} else {
		s.m.cookie.find(r.Header, try)
	}
	if refused && tries == 0 {
		s.m.emit(ctx, Event{Kind: Invalid, Err: errToken})
	}
}

// read checks the token, and takes the id from it, and the record if the token holds that too. Nothing has been asked of the
// store yet.
func (s *Session[T]) read(token string) bool {
	m := s.m
	if m.sealer != nil {
		id, record, key, err := m.sealer.open(token)
		if err != nil {
			return false
		}
		s.id, s.raw, s.resend = string(id), record, key > 0
		s.key = storeKey(s.id)
		return true
	}
	id, key, ok := token, 0, true
	if m.signer != nil {
		id, key, ok = m.signer.verify(token)
	}
	if !ok || !m.ids.valid(id) {
		return false
	}
	s.id, s.key, s.resend = id, m.storeKey(id), key > 0
	if !s.resend {
		s.shown = token
	}
	return true
}

// fetch gets the record and checks everything that can end a session. It returns only errors of the store.
func (s *Session[T]) fetch(ctx context.Context) error {
	storeCtx, cancel := s.m.storeContext(ctx)
	defer cancel()
	if s.m.sealer == nil {
		record, err := s.find(storeCtx)
		if err != nil {
			return err
		}
		if _, moved := movedTo(record); record == nil || moved {
			s.anonymous(ctx, Missed, nil)
			return nil
		}
		s.raw = record
	}
	payload, err := s.env.parse(s.raw)
	if err != nil {
		s.anonymous(ctx, Invalid, err)
		return nil
	}
	s.payload, s.ends = payload, s.m.expiry(s.env)
	if s.now() > s.ends {
		s.discard(storeCtx)
		s.anonymous(ctx, Expired, nil)
		return nil
	}
	ended, err := s.ended(storeCtx)
	if err != nil {
		return err
	}
	if ended {
		s.discard(storeCtx)
		s.anonymous(ctx, Ended, nil)
		return nil
	}
	known := false
	if s.V, known = s.m.recent.get(s.key, payload); !known {
		s.V, s.unnoted = s.m.newValue(), true
		if err := s.m.decode(payload, &s.V); err != nil {
			s.anonymous(ctx, Invalid, errRecord) // the codec's own error may quote the data
			return nil
		}
	}
	if s.m.cfg.Valid != nil && !s.m.cfg.Valid(ctx, &s.V) {
		s.anonymous(ctx, Invalid, errRefused)
		return nil
	}
	s.isNew = false
	s.keep()
	if s.env.author == s.m.author {
		s.seen = payload
	}
	return nil
}

// ended reports whether the user's sessions were ended since this one was signed in, or a cookie-held one was logged out.
func (s *Session[T]) ended(ctx context.Context) (bool, error) {
	m := s.m
	if m.sealer != nil {
		if ended, err := m.stamps.isEnded(ctx, s.id); ended || err != nil {
			return ended, err
		}
	}
	if s.env.user == "" {
		return false, nil
	}
	stamp, err := m.stamps.find(ctx, s.env.user)
	return err == nil && m.stamps.over(stamp, s.env), err
}

// discard removes a dead record. The session is dead in any case, so an error is of no interest.
func (s *Session[T]) discard(ctx context.Context) {
	if s.m.sealer == nil {
		_, _ = s.m.swapper.Swap(ctx, s.key, s.raw, nil, time.Time{})
	}
}

// anonymous turns a session that may not be used into a new one, with a new id should it be saved: the client's id is never
// adopted.
func (s *Session[T]) anonymous(ctx context.Context, kind Kind, err error) {
	e := Event{Kind: kind, KeyHash: s.ID(), User: s.env.user, Err: err}
	s.forget()
	s.m.emit(ctx, e)
}

// forget drops everything that was loaded.
func (s *Session[T]) forget() {
	s.V = s.m.newValue()
	s.env = envelope{}
	s.detach()
	s.isNew = true
}

// detach leaves V without a token and a record. A save then makes new ones.
func (s *Session[T]) detach() {
	s.id, s.key, s.shown, s.raw, s.payload, s.seen, s.resend, s.unnoted = "", "", "", nil, nil, nil, false, false
}
