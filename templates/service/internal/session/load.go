package session

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
)

var (
	errToken   = errors.New("the token is malformed, or no key has signed it")
	errRefused = errors.New("refused by Config.Valid")
)

// found is a session that a token of the request names.
type found struct {
	id, key string
	user    string // the store's key of the user's stamp, as the token says, or ""
	record  []byte
	stamp   []byte // the record under user
	mark    []byte // what a Carrier has under key
	current bool   // the newest key has signed the token
}

// load fills the session from the request. Whatever a stranger may have sent leaves it new, with an event; only a store
// that does not answer is an error.
func (s *Session[T]) load(ctx context.Context, r *http.Request) {
	tokens := s.m.tokensOf(r)
	if len(tokens) == 0 {
		return
	}
	var list []*found
	for _, token := range tokens {
		if id, user, record, current, ok := s.m.tokens.Open(token); ok {
			list = append(list, &found{id: id, key: s.m.tokens.Key(id), user: user, record: record, current: current})
		}
	}
	if len(list) == 0 {
		s.m.emit(ctx, Event{Kind: Invalid, Err: errToken})
		return
	}
	err := s.m.find(ctx, list)
	for _, f := range list {
		if err != nil || !s.isNew {
			break
		}
		err = s.adopt(ctx, f)
	}
	if err != nil {
		s.forget()
		s.err = fmt.Errorf("session: load: %w", err)
		s.m.emit(ctx, Event{Kind: StoreError, Err: s.err})
	}
}

// find fetches the records of all candidates and the stamps of their users, in one round trip.
func (m *Manager[T]) find(ctx context.Context, list []*found) error {
	keys := make([]string, 0, 2*len(list))
	for _, f := range list {
		keys = append(keys, f.key)
		if f.user != "" {
			keys = append(keys, f.user)
		}
	}
	records, err := m.cfg.Store.Find(context.WithoutCancel(ctx), keys...)
	if err != nil {
		return err
	}
	for _, f := range list {
		if m.carried {
			f.mark = records[0]
		} else {
			f.record = records[0]
		}
		records = records[1:]
		if f.user != "" {
			f.stamp, records = records[0], records[1:]
		}
	}
	return nil
}

// adopt makes f the session of this request, unless something has ended it. It returns only errors of the store.
func (s *Session[T]) adopt(ctx context.Context, f *found) error {
	refuse := func(kind Kind, err error) error {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user, Err: err})
		s.forget() // its id is never used for a new session
		return nil
	}
	s.id, s.key = f.id, f.key
	switch {
	case f.mark != nil:
		return refuse(Ended, nil)
	case f.record == nil:
		return refuse(Missed, nil)
	}
	var err error
	if s.env, s.payload, err = decodeRecord(f.record); err != nil {
		return refuse(Invalid, err)
	}
	if s.m.now() > s.m.expiry(s.env) {
		return refuse(Expired, nil)
	}
	if s.env.user != "" {
		stamp := readStamp(f.stamp)
		if f.user != s.m.stampKey(s.env.user) { // a token of before the sign-in, or one that was tampered with
			if stamp, err = s.m.stamp(ctx, s.env.user); err != nil {
				return err
			}
		}
		if s.m.over(s.env.stamp, stamp) {
			return refuse(Ended, nil)
		}
	}
	if s.V, err = s.m.decode(s.payload); err != nil {
		return refuse(Invalid, errRecord) // the decoder's own error may quote the data
	}
	if s.m.cfg.Valid != nil && !s.m.cfg.Valid(ctx, &s.V) {
		return refuse(Invalid, errRefused)
	}
	s.raw, s.until, s.isNew, s.resend = f.record, s.m.expiry(s.env), false, !f.current
	if s.resend {
		s.m.emit(ctx, Event{Kind: OldKey, KeyHash: s.ID()})
	}
	return nil
}

// decode returns the value of a payload.
func (m *Manager[T]) decode(payload []byte) (T, error) {
	v := m.newValue()
	if m.isMap && bytes.Equal(payload, []byte("null")) { // a map that was set to nil
		return v, nil
	}
	err := json.Unmarshal(payload, &v)
	return v, err
}

// over reports whether a session that carries one stamp was ended by its user's present one: EndAll replaces it, which
// ends all sessions with a single write, in any store, without an index of them. Most users have none, which is 0.
// Instances do not share the stamps of sessions in the cookie, so what counts there is which one is the later.
func (m *Manager[T]) over(carried, present uint64) bool {
	if m.carried {
		return carried < present
	}
	return present != 0 && carried != present
}

// stampKey is where a user's stamp is. Managers that share a store have users of their own.
func (m *Manager[T]) stampKey(user string) string {
	return storeKey("user\x00" + m.cfg.Key + "\x00" + user)
}

// stamp returns the user's present stamp.
func (m *Manager[T]) stamp(ctx context.Context, user string) (uint64, error) {
	records, err := m.cfg.Store.Find(context.WithoutCancel(ctx), m.stampKey(user))
	if err != nil {
		return 0, err
	}
	return readStamp(records[0]), nil
}

// raiseStamp gives the user a new stamp if allowed says so of the present one. It returns the new one, or 0.
func (m *Manager[T]) raiseStamp(ctx context.Context, user string, allowed func(present uint64) bool) (uint64, error) {
	ctx = context.WithoutCancel(ctx)
	key := m.stampKey(user)
	for range maxTries {
		records, err := m.cfg.Store.Find(ctx, key)
		if err != nil {
			return 0, err
		}
		present := readStamp(records[0])
		if !allowed(present) {
			return 0, nil
		}
		stamp := max(uint64(m.now())+1, present+1)
		made, err := m.cfg.Store.Swap(ctx, Change{Key: key, Old: records[0],
			New: binary.BigEndian.AppendUint64(nil, stamp), Expiry: m.longestExpiry()})
		if err != nil || made[0] {
			return stamp, err
		}
	}
	return 0, ErrContention
}

func readStamp(record []byte) uint64 {
	if len(record) < 8 {
		return 0
	}
	return binary.BigEndian.Uint64(record)
}
