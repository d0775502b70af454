package session

import (
	"encoding/binary"
	"errors"
	"time"
)

// envelope is what the manager itself keeps with each session, in front of the payload (the encoded V). Both limits are
// computed from it at each load, whatever the store or the cookie says. Times are milliseconds since 1970.
//
//	version 1 | flags 1 | created 6 | touched 6 | [idle 6] | [author 4] | [since 6] | [auth 6, stamp 8, user length 2, user] | payload
type envelope struct {
	created int64 // start of the absolute limit
	touched int64 // start of the idle limit: the last save or touch
	idle    int64 // the session's own max age; 0: the configured one
	browser bool  // the session's own choice of BrowserSession
	auth    int64 // when the user signed in
	stamp   uint64
	user    string
	since   int64  // when the id was made, if Config.RotateEvery asks; 0: at created
	author  uint32 // the manager whose encoding of V is the payload to the letter; 0: a merge, or not known
}

const (
	envelopeVersion = 1
	// movedVersion begins the record that stays for a moment where a session got a new id, and the new key follows. It tells a
	// request that was still on its way with the old id from one whose session was ended, and a logout where to go on.
	movedVersion = 'm'

	flagIdle    = 1
	flagBrowser = 2
	flagUser    = 4
	flagAuthor  = 8
	flagSince   = 16

	touchedAt = 8 // where touched stands in the record
	headSize  = 14

	movedHead   = 1 + encodedHash // the new key ends here
	forwardHead = movedHead + 6   // and here how long the old id may be used
)

var errRecord = errors.New("the record is damaged, or of another version")

// movedRecord is what stays under the old key of a session that is now under this one.
func movedRecord(key string) []byte { return append([]byte{movedVersion}, key...) }

// movedTo returns the key from a record that movedRecord made, or moveRecord.
func movedTo(record []byte) (key string, moved bool) {
	if len(record) < movedHead || record[0] != movedVersion {
		return "", false
	}
	return string(record[1:movedHead]), true
}

// append writes the envelope and the payload.
func (e *envelope) append(dst, payload []byte) []byte {
	var flags byte
	if e.idle > 0 {
		flags |= flagIdle
	}
	if e.browser {
		flags |= flagBrowser
	}
	if e.user != "" {
		flags |= flagUser
	}
	if e.author != 0 {
		flags |= flagAuthor
	}
	if e.since != 0 {
		flags |= flagSince
	}
	dst = append(dst, envelopeVersion, flags)
	dst = append48(dst, e.created)
	dst = append48(dst, e.touched)
	if e.idle > 0 {
		dst = append48(dst, e.idle)
	}
	if e.author != 0 {
		dst = binary.BigEndian.AppendUint32(dst, e.author)
	}
	if e.since != 0 {
		dst = append48(dst, e.since)
	}
	if e.user != "" {
		dst = append48(dst, e.auth)
		dst = binary.BigEndian.AppendUint64(dst, e.stamp)
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(e.user)))
		dst = append(dst, e.user...)
	}
	return append(dst, payload...)
}

// size is a good guess at what append adds to the payload.
func (e *envelope) size() int { return headSize + 6 + 4 + 6 + 16 + len(e.user) }

// parse reads what append wrote. payload is part of record.
func (e *envelope) parse(record []byte) (payload []byte, err error) {
	if len(record) < headSize || record[0] != envelopeVersion || record[1]&^(flagIdle|flagBrowser|flagUser|flagAuthor|flagSince) != 0 {
		return nil, errRecord
	}
	flags := record[1]
	*e = envelope{created: read48(record[2:]), touched: read48(record[touchedAt:]), browser: flags&flagBrowser != 0}
	rest := record[headSize:]
	if flags&flagIdle != 0 {
		if len(rest) < 6 {
			return nil, errRecord
		}
		e.idle = read48(rest)
		rest = rest[6:]
	}
	if flags&flagAuthor != 0 {
		if len(rest) < 4 {
			return nil, errRecord
		}
		e.author = binary.BigEndian.Uint32(rest)
		rest = rest[4:]
	}
	if flags&flagSince != 0 {
		if len(rest) < 6 {
			return nil, errRecord
		}
		e.since = read48(rest)
		rest = rest[6:]
	}
	if flags&flagUser != 0 {
		if len(rest) < 16 {
			return nil, errRecord
		}
		e.auth, e.stamp = read48(rest), binary.BigEndian.Uint64(rest[6:])
		n := int(binary.BigEndian.Uint16(rest[14:]))
		rest = rest[16:]
		if n == 0 || n > len(rest) {
			return nil, errRecord
		}
		e.user, rest = string(rest[:n]), rest[n:]
	}
	return rest, nil
}

// touch returns the record with another touched: six bytes, and nothing is decoded.
func touch(record []byte, touched int64) []byte {
	out := append([]byte(nil), record...)
	append48(out[:touchedAt], touched)
	return out
}

func append48(b []byte, v int64) []byte {
	return append(b, byte(v>>40), byte(v>>32), byte(v>>24), byte(v>>16), byte(v>>8), byte(v))
}

func read48(b []byte) int64 {
	return int64(b[0])<<40 | int64(b[1])<<32 | int64(b[2])<<24 | int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5])
}

// idleFor returns the session's idle limit in milliseconds, and whether the browser is to forget its cookie when it closes.
func (m *Manager[T]) idleFor(e envelope) (idle int64, browser bool) {
	switch {
	case e.browser:
		return m.cfg.IdleTimeout.Milliseconds(), true
	case e.idle > 0:
		return e.idle, false
	}
	return m.idle.Milliseconds(), m.cfg.MaxAge == BrowserSession
}

// expiry returns the last millisecond in which the session is alive.
func (m *Manager[T]) expiry(e envelope) int64 {
	idle, _ := m.idleFor(e)
	return min(e.touched+idle, e.created+m.cfg.AbsoluteMaxAge.Milliseconds())
}

// storeGrace keeps a record a little longer than the session lives (koa does the same), so that it is this package's
// clock that ends a session, and a store never sees an expiry in the past.
const storeGrace = 10 * time.Second

// storeExpiry is when the store may drop the session's record.
func (m *Manager[T]) storeExpiry(e envelope) time.Time {
	return time.UnixMilli(m.expiry(e)).Add(storeGrace)
}
