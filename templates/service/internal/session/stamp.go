package session

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// stampStore keeps one number for each user, and behind it, with Config.MaxSessions, the list of list.go. A session carries the number
// of its sign-in and is over when it is not the user's number any more; so one write ends all sessions of a user, in any store,
// without an index of them.
//
// Cookie-held sessions also leave a mark here when they log out, since their cookie may have been copied.
type stampStore struct {
	store   Store
	swapper Swapper
	name    string // the cookie's: managers that share a store have users of their own
	rand    io.Reader
	now     func() time.Time // dates the stamps of cookie-held sessions; nil for others, see draw
}

// stampExpiry is how long a stamp that was made or used now is kept: longer than any session that carries it.
func (m *Manager[T]) stampExpiry() time.Time {
	return m.cfg.Now().Add(m.cfg.AbsoluteMaxAge + storeGrace)
}

const stampSize = 8

// The prefixes keep users and marks apart from each other and from session ids, which hold no NUL.
func (s *stampStore) userKey(user string) string {
	return storeKey("user\x00" + s.name + "\x00" + user)
}
func endedKey(id string) string { return storeKey("ended\x00" + id) }

// find returns the user's stamp; 0 if there is none.
func (s *stampStore) find(ctx context.Context, user string) (uint64, error) {
	record, err := lookup(ctx, s.store, s.userKey(user))
	return readStamp(record), err
}

// replace sets another stamp, which ends all sessions of the user, and empties the list behind it, if allowed says so of the present
// one (0: none). It reports whether the user has the new one now. It goes through Swap, so that a store which has none of its own
// does not mix it up with other changes of the record.
func (s *stampStore) replace(ctx context.Context, user string, stamp uint64, expiry time.Time, allowed func(current uint64) bool) (bool, error) {
	key := s.userKey(user)
	for range maxTries {
		record, err := lookup(ctx, s.store, key)
		if err != nil {
			return false, err
		}
		if current := readStamp(record); !allowed(current) {
			return current == stamp, nil // which an earlier call has set, if its answer was lost
		}
		swapped, err := s.swapper.Swap(ctx, key, record, writeStamp(stamp), expiry)
		if err != nil || swapped {
			return swapped, err
		}
	}
	return false, ErrContention
}

// forSignIn returns the user's stamp and extends its life. If there is none it makes one, but for cookie-held sessions:
// theirs may be kept by one instance only, or be lost at a restart, and its absence must not end them.
func (s *stampStore) forSignIn(ctx context.Context, user string, expiry time.Time, create bool) (uint64, error) {
	key := s.userKey(user)
	for range maxTries {
		old, err := lookup(ctx, s.store, key)
		if err != nil {
			return 0, err
		}
		if stamp := readStamp(old); stamp != 0 {
			if t, ok := s.store.(Toucher); ok {
				err = t.Touch(ctx, key, expiry)
			} else {
				_, err = s.swapper.Swap(ctx, key, old, old, expiry)
			}
			return stamp, err
		}
		if !create {
			return 0, nil
		}
		stamp, err := s.draw()
		if err != nil {
			return 0, err
		}
		swapped, err := s.swapper.Swap(ctx, key, old, writeStamp(stamp), expiry)
		if err != nil || swapped {
			return stamp, err
		}
	}
	return 0, ErrContention
}

// draw returns a new stamp, which is never 0: that stands for none. The stamp of cookie-held sessions begins with the time, in
// milliseconds, for those who signed in at an instance that does not know it; see over.
func (s *stampStore) draw() (uint64, error) {
	data := make([]byte, stampSize)
	if _, err := io.ReadFull(s.rand, data); err != nil {
		return 0, fmt.Errorf("session: read random bytes: %w", err)
	}
	data[stampSize-1] |= 1
	if s.now != nil {
		append48(data[:0], s.now().UnixMilli())
	}
	return readStamp(data), nil
}

// over reports whether a session with this envelope was ended by the user's stamp. A cookie-held session need not know it: instances
// may keep stamps of their own, and lose them. What counts is then that the user signed in after the stamp was made.
func (s *stampStore) over(stamp uint64, e envelope) bool {
	if s.now != nil && e.auth > int64(stamp>>16) {
		return false
	}
	return stamp != e.stamp || stamp == 0
}

// readStamp returns the stamp at the head of a user's record, and 0 if there is none.
func readStamp(record []byte) uint64 {
	if len(record) < stampSize {
		return 0
	}
	return binary.BigEndian.Uint64(record)
}

func writeStamp(stamp uint64) []byte { return binary.BigEndian.AppendUint64(nil, stamp) }

// end remembers that the cookie-held session was logged out, under whatever id it has now.
func (s *stampStore) end(ctx context.Context, id string, expiry time.Time) error {
	key := endedKey(id)
	for range maxTries {
		swapped, err := s.swapper.Swap(ctx, key, nil, []byte{1}, expiry)
		if err != nil || swapped {
			return err
		}
		record, err := lookup(ctx, s.store, key)
		if err != nil {
			return err
		}
		next, moved := movedTo(record)
		if !moved {
			return nil
		}
		key = next
	}
	return ErrContention
}

// move ends the cookie-held session's old id in favour of a new one. It reports false if it was ended before.
func (s *stampStore) move(ctx context.Context, old, id string, expiry time.Time) (bool, error) {
	moved, err := s.swapper.Swap(ctx, endedKey(old), nil, movedRecord(endedKey(id)), expiry)
	if err != nil && movedOn(ctx, s.store, endedKey(old), endedKey(id)) {
		return true, nil
	}
	return moved, err
}

// isEnded reports whether the id was logged out or replaced.
func (s *stampStore) isEnded(ctx context.Context, id string) (ended bool, err error) {
	_, ended, err = s.store.Find(ctx, endedKey(id))
	return ended, err
}
