package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// ErrNoList: Manager.Sessions or Manager.End was called without a list to read.
var ErrNoList error = &failure{"no list of sessions is kept: call LimitSessions", 500}

// LimitSessions limits the live sessions of one user to most, 1 to 1000: a sign-in that is one too many ends the
// oldest. It also has a list of them kept, for Sessions and End. Call it before the first request. It is not for
// sessions in the cookie, which nobody can count.
func (m *Manager[T]) LimitSessions(most int) error {
	switch {
	case m.carried:
		return fmt.Errorf("session: sessions in the cookie cannot be limited: choose a store on the server")
	case most < 1 || most > 1000:
		return fmt.Errorf("session: the limit is %d sessions: give 1 to 1000", most)
	}
	m.moved = func(ctx context.Context, user, from, to string, signIn bool) error {
		return m.enlist(ctx, user, from, to, signIn, most)
	}
	return nil
}

// Info is what a user may see of one of their sessions.
type Info[T any] struct {
	ID       string    // as Session.ID, to name it to Manager.End
	AuthTime time.Time // when the user signed in there
	Seen     time.Time // when it was last saved or extended
	V        T         // its value, in which a handler may have noted the browser
}

// Sessions lists the live sessions of a user, the latest sign-in last, for a page on which users see where they are
// signed in (ASVS 7.5.2). Those of a program that did not call LimitSessions are not in it.
func (m *Manager[T]) Sessions(ctx context.Context, userID string) ([]Info[T], error) {
	live, err := m.listed(ctx, userID)
	if err != nil {
		return nil, fmt.Errorf("session: list the sessions of a user: %w", err)
	}
	var infos []Info[T]
	for _, l := range live {
		var v T
		if err := m.decode(l.payload, &v); err == nil {
			auth, seen := time.UnixMilli(l.env.auth), time.UnixMilli(l.env.touched)
			infos = append(infos, Info[T]{ID: l.key[:8], AuthTime: auth, Seen: seen, V: v})
		}
	}
	return infos, nil
}

// End ends the one session of the user that has this ID, and reports whether there was such a live one.
func (m *Manager[T]) End(ctx context.Context, userID, id string) (ended bool, err error) {
	live, err := m.listed(ctx, userID)
	for _, l := range live {
		if l.key[:8] == id {
			ended = true
			err = m.erase(ctx, Change{Key: l.key, Old: l.record})
			break
		}
	}
	if err != nil {
		return false, fmt.Errorf("session: end a session of a user: %w", err)
	}
	return ended, nil
}

// listed returns the live sessions of a user.
func (m *Manager[T]) listed(ctx context.Context, userID string) ([]liveSession, error) {
	switch {
	case m.moved == nil:
		return nil, ErrNoList
	case userID == "":
		return nil, ErrNoUser
	}
	records, err := m.cfg.Store.Find(ctx, m.listKey(userID))
	if err != nil {
		return nil, err
	}
	return m.resolve(ctx, userID, listKeys(records[0]))
}

// liveSession is one of a user's list.
type liveSession struct {
	key     string
	record  []byte
	env     envelope
	payload []byte
}

// resolve returns those sessions of the user that are alive.
func (m *Manager[T]) resolve(ctx context.Context, user string, keys []string) (live []liveSession, err error) {
	records, err := m.cfg.Store.Find(ctx, append([]string{m.stampKey(user)}, keys...)...)
	if err != nil {
		return nil, err
	}
	stamp := readStamp(records[0])
	for i, key := range keys {
		l := liveSession{key: key, record: records[i+1]}
		l.env, l.payload, err = decodeRecord(l.record)
		if err == nil && l.env.user == user && !m.over(l.env.stamp, stamp) && m.now() <= m.expiry(l.env) {
			live = append(live, l)
		}
	}
	return live, nil
}

// enlist enters a session's new key, to, in the user's list. Its former key, from, leaves the list when the list is
// shortened. A sign-in that makes one too many ends the oldest.
func (m *Manager[T]) enlist(ctx context.Context, user, from, to string, signIn bool, most int) error {
	for range maxTries {
		records, err := m.cfg.Store.Find(ctx, m.listKey(user))
		if err != nil {
			return err
		}
		keys := listKeys(records[0])
		if i := slices.Index(keys, from); i >= 0 && !signIn {
			keys = slices.Insert(keys, i+1, to)
		} else {
			keys = append(keys, to)
		}
		if len(keys) > most {
			if keys, err = m.shorten(ctx, user, keys, to, signIn, most); err != nil {
				return err
			}
		}
		made, err := m.cfg.Store.Swap(ctx, Change{Key: m.listKey(user), Old: records[0],
			New: []byte(strings.Join(keys, "")), Expiry: m.longestExpiry()})
		if err != nil || made[0] {
			return err
		}
	}
	return ErrContention
}

// shorten drops dead sessions from the list, and at a sign-in ends the oldest that are too many. They end before they
// leave the list: the other way round one whose end failed would live on, counted by nobody.
func (m *Manager[T]) shorten(
	ctx context.Context, user string, keys []string, to string, signIn bool, most int,
) ([]string, error) {
	others := slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return key == to })
	live, err := m.resolve(ctx, user, others)
	if err != nil {
		return nil, err
	}
	over := 0
	if signIn {
		over = len(live) + 1 - most
	}
	left := keys[:0:0]
	for _, key := range keys {
		i := slices.IndexFunc(live, func(l liveSession) bool { return l.key == key })
		switch {
		case key == to:
			left = append(left, key)
		case i < 0:
		case over > 0:
			over--
			if err := m.erase(ctx, Change{Key: key, Old: live[i].record}); err != nil {
				return nil, err
			}
		default:
			left = append(left, key)
		}
	}
	return left, nil
}

func (m *Manager[T]) listKey(user string) string {
	return storeKey("list\x00" + m.cfg.Key + "\x00" + user)
}

// listKeys reads a user's list: the keys, one after the other.
func listKeys(record []byte) (keys []string) {
	for key := range slices.Chunk(record, encodedHash) {
		keys = append(keys, string(key))
	}
	return keys
}
