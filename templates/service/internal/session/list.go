package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Info is what a user may be told about one of their sessions.
type Info[T any] struct {
	ID       string    // as Session.ID, to name it to Manager.End
	AuthTime time.Time // when the user signed in there
	Seen     time.Time // when it was last saved or extended
	V        T         // its value, in which a handler may have noted the browser
}

// Sessions lists the live sessions of a user, the latest sign-in last, for a page on which users see where they are signed in (ASVS
// 7.5.2). It costs a call of the store for each. It needs Config.MaxSessions: ErrNoList without. Sessions of the time before that was
// set are not in the list.
func (m *Manager[T]) Sessions(ctx context.Context, userID string) ([]Info[T], error) {
	var infos []Info[T]
	err := m.eachListed(ctx, userID, func(key string, env envelope, payload []byte) error {
		v := m.newValue()
		if m.decode(payload, &v) == nil {
			infos = append(infos, Info[T]{ID: key[:8], AuthTime: time.UnixMilli(env.auth), Seen: time.UnixMilli(env.touched), V: v})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("session: list the sessions of a user: %w", err)
	}
	return infos, nil
}

// End ends the one session of the user that has this ID, and reports whether there was such a live one. It needs Config.MaxSessions.
func (m *Manager[T]) End(ctx context.Context, userID, id string) (ended bool, err error) {
	err = m.eachListed(ctx, userID, func(key string, _ envelope, _ []byte) error {
		if ended || key[:8] != id {
			return nil
		}
		ended = true
		ctx, cancel := m.storeContext(ctx)
		defer cancel()
		return m.erase(ctx, key, nil)
	})
	if err != nil {
		return false, fmt.Errorf("session: end a session of a user: %w", err)
	}
	return ended, nil
}

// eachListed calls do with each live session in the user's list.
func (m *Manager[T]) eachListed(ctx context.Context, userID string, do func(key string, env envelope, payload []byte) error) error {
	switch {
	case m.cfg.MaxSessions == 0:
		return ErrNoList
	case userID == "":
		return ErrNoUser
	}
	storeCtx, cancel := m.storeContext(ctx)
	defer cancel()
	data, err := lookup(storeCtx, m.cfg.Stamps, m.stamps.userKey(userID))
	if err != nil {
		return err
	}
	stamp, keys := parseStamp(data)
	live, err := m.resolve(storeCtx, keys, stamp)
	if err != nil {
		return err
	}
	for _, l := range live {
		if err := do(l.key, l.env, l.payload); err != nil {
			return err
		}
	}
	return nil
}

// liveSession is one of a user's list, under its present key.
type liveSession struct {
	key     string
	env     envelope
	payload []byte
}

// resolve returns the live sessions of a user's list. One that got a new id may be in it under both, and stands where the new one does.
func (m *Manager[T]) resolve(storeCtx context.Context, keys []string, stamp uint64) (live []liveSession, err error) {
	for _, key := range keys {
		l, err := m.listed(storeCtx, key, stamp)
		if err != nil {
			return nil, err
		}
		if l.key != "" {
			live = append(slices.DeleteFunc(live, func(other liveSession) bool { return other.key == l.key }), l)
		}
	}
	return live, nil
}

// listed looks at a session in a user's list. Its key is "" if it is over, or of another user.
func (m *Manager[T]) listed(storeCtx context.Context, key string, stamp uint64) (l liveSession, err error) {
	for range 3 {
		record, err := lookup(storeCtx, m.cfg.Store, key)
		if err != nil || record == nil {
			return liveSession{}, err
		}
		if next, moved := movedTo(record); moved {
			key = next
			continue
		}
		l.payload, err = l.env.parse(record)
		if err != nil || l.env.stamp != stamp || m.cfg.Now().UnixMilli() > m.expiry(l.env) {
			break
		}
		l.key = key
		return l, nil
	}
	return liveSession{}, nil
}

// enlist notes in the user's list that this session is about to be under this key, and not any more under from. from itself stays
// until the list is longer than it may be: if the session did not get there, it must not be out of the list. A sign-in that makes one
// too many ends the oldest.
func (s *Session[T]) enlist(storeCtx context.Context, from, key string) error {
	m, user := s.m, s.env.user
	if m.cfg.MaxSessions == 0 || user == "" {
		return nil
	}
	return m.stamps.edit(storeCtx, user, m.stampExpiry(), func(stamp uint64, keys []string) ([]string, error) {
		if i := slices.Index(keys, from); i >= 0 && !s.signedIn {
			keys = slices.Insert(keys, i+1, key)
		} else {
			keys = append(keys, key)
		}
		if len(keys) <= m.cfg.MaxSessions {
			return keys, nil
		}
		live, err := m.resolve(storeCtx, keys, stamp)
		if err != nil {
			return nil, err
		}
		// They end before they leave the list: the other way round one whose end failed would live on, counted by nobody.
		over := 0
		if s.signedIn {
			over = len(live) - m.cfg.MaxSessions
		}
		if slices.ContainsFunc(live, func(l liveSession) bool { return l.key == from }) {
			over-- // it is about to end
		}
		keys = keys[:0]
		for _, l := range live {
			if over > 0 && l.key != from && l.key != key {
				over--
				if err := m.erase(storeCtx, l.key, nil); err != nil {
					return nil, err
				}
				continue
			}
			keys = append(keys, l.key)
		}
		return keys, nil
	})
}

// edit replaces the list of keys behind a user's stamp. Without a stamp there is nothing to edit: all sessions are over.
func (s *stampStore) edit(ctx context.Context, user string, expiry time.Time, change func(stamp uint64, keys []string) ([]string, error)) error {
	for range maxTries {
		old, err := lookup(ctx, s.store, s.userKey(user))
		stamp, keys := parseStamp(old)
		if err != nil || stamp == 0 {
			return err
		}
		if keys, err = change(stamp, keys); err != nil {
			return err
		}
		swapped, err := s.swapper.Swap(ctx, s.userKey(user), old, append(writeStamp(stamp), strings.Join(keys, "")...), expiry)
		if err != nil || swapped {
			return err
		}
	}
	return ErrContention
}

// parseStamp reads a user's record: the stamp, and with Config.MaxSessions the keys of the user's sessions. Anything else is no stamp.
func parseStamp(data []byte) (stamp uint64, keys []string) {
	if len(data) < stampSize || (len(data)-stampSize)%encodedHash != 0 {
		return 0, nil
	}
	for key := range slices.Chunk(data[stampSize:], encodedHash) {
		keys = append(keys, string(key))
	}
	return readStamp(data), keys
}
