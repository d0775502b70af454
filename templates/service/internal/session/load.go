package session

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

var (
	errToken   = errors.New("the token is malformed, or no key has signed it")
	errRefused = errors.New("refused by Config.Valid")
)

// found is a session that a token of the request names.
type found struct {
	id, key string
	user    string // the store's key of the user's stamp, as the token says, or ""
	record  []byte // only from a Carrier's token
	current bool   // the newest key has signed the token
}

// load fills the session from the request. Whatever a client may make up leaves it new, with an event; only a store
// that does not answer is an error.
func (s *Session[T]) load(ctx context.Context, r *http.Request) {
	var list []found
	var keys []string
	named := false
	// Browsers send several cookies of one name when they were set for other paths or domains, in any order.
	// http.Request.CookiesNamed is slower: it would add a tenth to the time of the whole read.
	for cookie := range strings.SplitSeq(strings.Join(r.Header["Cookie"], ";"), ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(cookie), "=")
		if strings.TrimSpace(name) != s.m.cfg.Key {
			continue
		}
		named = true
		if id, user, record, current, ok := s.m.tokens.Open(strings.Trim(value, `"`)); ok {
			f := found{id, s.m.tokens.Key(id), user, record, current}
			list = append(list, f)
			if keys = append(keys, f.key); user != "" {
				keys = append(keys, user)
			}
		}
	}
	if len(list) == 0 {
		if named {
			s.m.emit(ctx, Event{Kind: Invalid, Err: errToken})
		}
		return
	}
	records, err := s.m.cfg.Store.Find(context.WithoutCancel(ctx), keys...)
	for i := 0; err == nil && s.isNew && i < len(list); i++ {
		var record, stamp []byte
		if record, records = records[0], records[1:]; list[i].user != "" {
			stamp, records = records[0], records[1:]
		}
		err = s.adopt(ctx, list[i], record, stamp)
	}
	if err != nil {
		s.forget()
		s.err = fmt.Errorf("session: load: %w", err)
		s.m.emit(ctx, Event{Kind: StoreError, Err: s.err})
	}
}

// adopt makes f the session of this request, unless something has ended it. It returns only errors of the store, which
// has record under the session's key and stamp under f.user.
func (s *Session[T]) adopt(ctx context.Context, f found, record, stamp []byte) error {
	s.key = f.key
	refuse := func(kind Kind, err error) error {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user, Err: err})
		s.forget() // its id is never used for a new session
		return nil
	}
	switch {
	case s.m.carried && record != nil: // the mark of its end
		return refuse(Ended, nil)
	case s.m.carried:
		record = f.record
	case record == nil:
		return refuse(Missed, nil)
	}
	s.id, s.raw, s.resend = f.id, record, !f.current
	var err error
	if s.env, s.payload, err = decodeRecord(record); err != nil {
		return refuse(Invalid, err)
	}
	if s.until = s.m.expiry(s.env); s.m.now() > s.until {
		return refuse(Expired, nil)
	}
	present := readStamp(stamp)
	if f.user != s.m.stampKey(s.env.user) { // a token without it, an older one, or a forged one
		if present, err = s.m.stamp(ctx, s.env.user); err != nil {
			return err
		}
	}
	if s.env.user != "" && s.m.over(s.env.stamp, present) {
		return refuse(Ended, nil)
	}
	if err = s.m.decode(s.payload, &s.V); err != nil {
		return refuse(Invalid, errRecord) // the decoder's own error may quote the data
	}
	if s.m.cfg.Valid != nil && !s.m.cfg.Valid(ctx, &s.V) {
		return refuse(Invalid, errRefused)
	}
	s.isNew = false
	if s.resend {
		s.m.emit(ctx, Event{Kind: OldKey, KeyHash: s.ID()})
	}
	return nil
}

// decode puts the value of a payload into v, which is empty.
func (m *Manager[T]) decode(payload []byte, v *T) error {
	*v = m.newValue()
	if m.isMap && string(payload) == "null" { // a map that was set to nil
		return nil
	}
	if err := json.Unmarshal(payload, v); err != nil {
		return fmt.Errorf("%w: read it back: %w", ErrValue, err)
	}
	return nil
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

// stampKey is where a user's stamp is, or "" for nobody. Managers of other cookies have users of their own.
func (m *Manager[T]) stampKey(user string) string {
	if user == "" {
		return ""
	}
	return storeKey("user\x00" + m.cfg.Key + "\x00" + user)
}

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
