package session

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"time"
)

// stampStore keeps one random number for each user, and behind it, with Config.MaxSessions, the list of list.go. A session carries
// the number of its sign-in and is over when it is not the user's number any more; so one write ends all sessions of a user, in any
// store, without an index of them.
//
// Cookie-held sessions also leave a mark here when they log out, since their cookie may have been copied.
type stampStore struct {
	store   Store
	swapper Swapper
	rand    io.Reader
}

// stampExpiry is how long a stamp that was made or used now is kept: longer than any session that carries it.
func (m *Manager[T]) stampExpiry() time.Time {
	return m.cfg.Now().Add(m.cfg.AbsoluteMaxAge + storeGrace)
}

const stampSize = 8

// The prefixes keep users and marks apart from each other and from session ids, which hold no NUL.
func userKey(user string) string { return storeKey("user\x00" + user) }
func endedKey(id string) string  { return storeKey("ended\x00" + id) }

// find returns the user's stamp; 0 if there is none.
func (s *stampStore) find(ctx context.Context, user string) (uint64, error) {
	data, found, err := s.store.Find(ctx, userKey(user))
	if err != nil || !found || len(data) < stampSize {
		return 0, err
	}
	return readStamp(data), nil
}

// renew sets a new stamp, which ends all sessions of the user.
func (s *stampStore) renew(ctx context.Context, user string, expiry time.Time) (uint64, error) {
	stamp, data, err := s.random()
	if err != nil {
		return 0, err
	}
	return stamp, s.store.Commit(ctx, userKey(user), data, expiry)
}

// replace sets a new stamp in place of old, the caller's own. It reports false, and changes nothing, if there is another one by now:
// then the caller's session was ended too. missing says that it may be absent, as for cookie-held sessions; see forSignIn.
func (s *stampStore) replace(ctx context.Context, user string, old uint64, expiry time.Time, missing bool) (stamp uint64, replaced bool, err error) {
	for range maxTries { // the record changes with the user's list of sessions too
		current, found, err := s.store.Find(ctx, userKey(user))
		if err != nil {
			return old, false, err
		}
		if found && (len(current) < stampSize || readStamp(current) != old) || !found && !missing {
			return old, false, nil
		}
		if !found {
			current = nil
		}
		stamp, data, err := s.random()
		if err != nil {
			return old, false, err
		}
		swapped, err := s.swapper.Swap(ctx, userKey(user), current, data, expiry)
		if err != nil {
			return old, false, err
		}
		if swapped {
			return stamp, true, nil
		}
	}
	return old, false, ErrContention
}

// forSignIn returns the user's stamp and extends its life. If there is none it makes one, but for cookie-held sessions:
// theirs may be kept by one instance only, or be lost at a restart, and its absence must not end them.
func (s *stampStore) forSignIn(ctx context.Context, user string, expiry time.Time, create bool) (uint64, error) {
	key := userKey(user)
	for range maxTries {
		old, found, err := s.store.Find(ctx, key)
		if err != nil {
			return 0, err
		}
		if found && len(old) >= stampSize {
			if t, ok := s.store.(Toucher); ok {
				err = t.Touch(ctx, key, expiry)
			} else {
				_, err = s.swapper.Swap(ctx, key, old, old, expiry)
			}
			return readStamp(old), err
		}
		if !create {
			return 0, nil
		}
		stamp, data, err := s.random()
		if err != nil {
			return 0, err
		}
		if !found {
			old = nil
		}
		swapped, err := s.swapper.Swap(ctx, key, old, data, expiry)
		if err != nil || swapped {
			return stamp, err
		}
	}
	return 0, ErrContention
}

// random returns a stamp that is not 0, which stands for none.
func (s *stampStore) random() (uint64, []byte, error) {
	data := make([]byte, stampSize)
	if _, err := io.ReadFull(s.rand, data); err != nil {
		return 0, nil, fmt.Errorf("session: read random bytes: %w", err)
	}
	data[7] |= 1
	return readStamp(data), data, nil
}

func readStamp(data []byte) uint64 { return binary.BigEndian.Uint64(data) }

// end remembers that the cookie-held session was logged out, under whatever id it has now.
func (s *stampStore) end(ctx context.Context, id string, expiry time.Time) error {
	key := endedKey(id)
	for range maxTries {
		swapped, err := s.swapper.Swap(ctx, key, nil, []byte{1}, expiry)
		if err != nil || swapped {
			return err
		}
		record, _, err := s.store.Find(ctx, key)
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
	return s.swapper.Swap(ctx, endedKey(old), nil, movedRecord(endedKey(id)), expiry)
}

// isEnded reports whether the id was logged out or replaced.
func (s *stampStore) isEnded(ctx context.Context, id string) (ended bool, err error) {
	_, ended, err = s.store.Find(ctx, endedKey(id))
	return ended, err
}
