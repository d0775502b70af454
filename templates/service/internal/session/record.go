package session

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"time"
)

// envelope is what the manager itself keeps with each session, in front of the payload (the encoded V). Both limits are
// computed from it at each load, whatever the store or the cookie says. Times are milliseconds since 1970. In bytes:
//
//	version 1 | flags 1 | created 6 | touched 6 | [idle 6] | [brief 6] | [auth 6, stamp 8, length 2, user] | payload
type envelope struct {
	created int64 // start of the absolute limit
	touched int64 // start of the idle limit: the last save or touch
	idle    int64 // the session's own max age; 0: the configured one
	browser bool  // the session's own choice of BrowserSession
	brief   int64 // the idle limit at the server of a visitor without a sign-in; 0: as any other
	auth    int64 // when the user signed in
	stamp   uint64
	user    string
}

const (
	envelopeVersion = 1

	flagIdle    = 1
	flagBrowser = 2
	flagUser    = 4
	flagAuthor  = 8  // four bytes that earlier versions wrote after idle
	flagSince   = 16 // six bytes that earlier versions wrote after those
	flagBrief   = 32

	headSize = 14
)

var errRecord = errors.New("the record is damaged, or of another version")

// encode returns the record of an envelope and a payload.
func (e *envelope) encode(payload []byte) []byte {
	record := make([]byte, 2, headSize+28+len(e.user)+len(payload))
	record[0] = envelopeVersion
	record = append48(append48(record, e.created), e.touched)
	if e.idle > 0 {
		record[1] |= flagIdle
		record = append48(record, e.idle)
	}
	if e.browser {
		record[1] |= flagBrowser
	}
	if e.brief > 0 {
		record[1] |= flagBrief
		record = append48(record, e.brief)
	}
	if e.user != "" {
		record[1] |= flagUser
		record = append48(record, e.auth)
		record = binary.BigEndian.AppendUint64(record, e.stamp)
		record = binary.BigEndian.AppendUint16(record, uint16(len(e.user)))
		record = append(record, e.user...)
	}
	return append(record, payload...)
}

// decodeRecord reads what encode wrote. payload is part of record.
func decodeRecord(record []byte) (e envelope, payload []byte, err error) {
	const known = flagIdle | flagBrowser | flagUser | flagAuthor | flagSince | flagBrief
	if len(record) < headSize || record[0] != envelopeVersion || record[1]&^known != 0 {
		return e, nil, errRecord
	}
	flags, rest := record[1], record[2:]
	take := func(flag byte, n int) (field []byte) { // n bytes, or nil if the record has no such field
		if flags&flag != flag || err != nil {
			return nil
		}
		if len(rest) < n {
			err = errRecord
			return nil
		}
		field, rest = rest[:n], rest[n:]
		return field
	}
	e.browser = flags&flagBrowser != 0
	e.created, e.touched = read48(take(0, 6)), read48(take(0, 6))
	e.idle = read48(take(flagIdle, 6))
	take(flagAuthor, 4)
	take(flagSince, 6)
	e.brief = read48(take(flagBrief, 6))
	if head := take(flagUser, 16); head != nil {
		e.auth, e.stamp = read48(head), binary.BigEndian.Uint64(head[6:])
		e.user = string(take(flagUser, int(binary.BigEndian.Uint16(head[14:]))))
		if e.user == "" {
			err = errRecord
		}
	}
	return e, rest, err
}

func append48(b []byte, v int64) []byte {
	return append(b, byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func read48(b []byte) int64 {
	if b == nil {
		return 0
	}
	return int64(b[0])<<40 | int64(b[1])<<32 | int64(binary.BigEndian.Uint32(b[2:]))
}

// idleFor returns the session's idle limit in milliseconds, and whether the cookie ends when the browser closes.
func (m *Manager[T]) idleFor(e envelope) (idle int64, browser bool) {
	browser = e.browser || e.idle == 0 && m.cfg.MaxAge == BrowserSession
	switch {
	case browser:
		return m.cfg.IdleTimeout.Milliseconds(), true
	case e.idle > 0:
		return e.idle, false
	}
	return m.cfg.MaxAge.Milliseconds(), false
}

// cookieExpiry returns the last millisecond in which the browser need send the cookie.
func (m *Manager[T]) cookieExpiry(e envelope) int64 {
	idle, _ := m.idleFor(e)
	return min(e.touched+idle, e.created+m.cfg.AbsoluteMaxAge.Milliseconds())
}

// expiry returns the last millisecond in which the session is alive.
func (m *Manager[T]) expiry(e envelope) int64 {
	if e.brief > 0 {
		return min(e.touched+e.brief, m.cookieExpiry(e))
	}
	return m.cookieExpiry(e)
}

// storeGrace keeps a record a little longer than the session lives, so that this package's clock ends a session.
const storeGrace = 10 * time.Second

// storeExpiry is when the store may drop the session's record.
func (m *Manager[T]) storeExpiry(e envelope) time.Time {
	return time.UnixMilli(m.expiry(e)).Add(storeGrace)
}

// longestExpiry is when the store may drop what must outlive every session that there is now.
func (m *Manager[T]) longestExpiry() time.Time {
	return m.cfg.Now().Add(m.cfg.AbsoluteMaxAge + storeGrace)
}

// mergeFields merges two changes of one JSON object: what became of base in mine is done to theirs, one top-level field
// at a time. Where both changed the same field, mine wins. Fields that T does not know (a newer version of the program
// may have written them) stay as they are in theirs. Values that are not objects cannot be merged: mine wins.
func mergeFields(base, mine, theirs []byte) []byte {
	var b, m, t map[string]json.RawMessage
	err := errors.Join(json.Unmarshal(base, &b), json.Unmarshal(mine, &m), json.Unmarshal(theirs, &t))
	if err != nil || m == nil || t == nil {
		return mine
	}
	for name, value := range m {
		if old, ok := b[name]; !ok || !bytes.Equal(old, value) {
			t[name] = value
		}
	}
	for name := range b {
		if _, ok := m[name]; !ok {
			delete(t, name)
		}
	}
	merged, _ := json.Marshal(t) // its values are JSON
	return merged
}
