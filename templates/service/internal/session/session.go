package session

import (
	"context"
	"fmt"
	"time"
)

// Session is the session of one request, and belongs to the goroutine that handles it. Changes of V are found when the
// session is saved, by comparing encodings: set a field, alter nested data or replace the whole value. Writing the same
// value again is not a change.
type Session[T any] struct {
	// V is the owner's data. For a new session it is the zero value (an empty map if T is a map).
	V T

	m   *Manager[T]
	x   *exchange[T]
	err error

	id  string   // what the token carries; "" as long as there is none
	key string   // the store's key of it
	raw []byte   // the record as the store has it; nil if there is none
	env envelope // what the record says but for V, with this request's changes

	until   int64  // the last millisecond in which the record is alive, as far as this request knows
	payload []byte // the part of raw that encodes V
	base    []byte // the encoding of V as it was last saved in this request; nil: what payload decodes to
	ended   *Change

	intent    intent
	isNew     bool // nothing was loaded
	resend    bool // the browser must get the token again: an old key made the one it has
	ownMaxAge bool // SetMaxAge was called
	saved     bool // this request has saved the session already
	dead      bool // somebody else ended the session: it must not be saved again
}

type intent uint8 // what a request wants done with its session, the strongest last

const (
	keep   intent = iota // save what was changed
	end                  // delete the cookie, unless V makes a new one
	save                 // save in any case
	newID                // under a new id, in place of the old one
	signIn               // the same, whatever became of the old one
)

// maxUser is the longest user id in bytes. It is part of each record.
const maxUser = 512

// IsNew reports whether the request came without a live session.
func (s *Session[T]) IsNew() bool { return s.isNew }

// ID names the session in logs: the first 8 characters of its hashed id, which open nothing. It is "" for a session
// that was not saved yet.
func (s *Session[T]) ID() string { return shortKey(s.key) }

// shortKey is the part of a session's key that names it in logs.
func shortKey(key string) string {
	if len(key) < encodedHash {
		return ""
	}
	return key[len(key)-encodedHash:][:8] // a Carrier's keys have something in front
}

// Err returns why the session could not be loaded, or nil.
func (s *Session[T]) Err() error { return s.err }

// User returns who signed in, or "".
func (s *Session[T]) User() string { return s.env.user }

// AuthTime returns when the user last signed in, to the millisecond, or the zero time.
func (s *Session[T]) AuthTime() time.Time {
	if s.env.user == "" {
		return time.Time{}
	}
	return time.UnixMilli(s.env.auth)
}

// SignIn ties the session to a user whose credentials were just checked. The session gets a new id, so that one which
// was planted or seen before is worth nothing (ASVS 7.2.4), keeps V, and its limits start again. If another user is
// still signed in, replace V first: it holds that user's data. It takes effect when the session is saved.
//
// It returns ErrNoUser if userID is empty or over 512 bytes, ErrLate after the headers, and the error of a failed load.
func (s *Session[T]) SignIn(userID string) error {
	if userID == "" || len(userID) > maxUser {
		return ErrNoUser
	}
	if err := s.Regenerate(); err != nil {
		return err
	}
	now := s.m.now()
	s.env.user, s.env.auth, s.env.created, s.env.touched, s.env.brief = userID, now, now, now, 0
	s.intent, s.dead = signIn, false
	return nil
}

// SignOutOthers ends all other sessions of the user, like EndAll, and gives this one a new id when it is saved. Call it
// after a change of password (ASVS 7.4.3). Errors are those of SignIn and of the store; ErrNoUser without a user.
func (s *Session[T]) SignOutOthers(ctx context.Context) error {
	if s.env.user == "" {
		return ErrNoUser
	}
	if err := s.Regenerate(); err != nil {
		return err
	}
	stamp, err := s.m.raiseStamp(ctx, s.env.user, func(present uint64) bool {
		return s.intent == signIn || !s.m.over(s.env.stamp, present)
	})
	switch {
	case err != nil:
		return fmt.Errorf("session: sign out others: %w", err)
	case stamp == 0: // somebody else has ended this session by now, and it must not come back that way
		s.gone(ctx)
	default:
		s.env.stamp = stamp
	}
	return nil
}

// Regenerate gives the session a new id and ends the old one, when the session is saved; V stays. Call it at any change
// of privilege. It returns ErrLate after the headers were sent.
func (s *Session[T]) Regenerate() error {
	switch {
	case s.err != nil:
		return s.err
	case s.x == nil:
		return ErrNoMiddleware
	case s.x.sent:
		s.m.emit(s.x.Context, Event{Kind: Late, KeyHash: s.ID(), User: s.env.user, Err: ErrLate})
		return ErrLate
	}
	s.intent = max(s.intent, newID)
	return nil
}

// Destroy ends the session when the response is sent, whatever its status, and after the headers too: the record goes,
// and so does the cookie if the headers have not been sent yet. V becomes empty; what is put into it afterwards makes a
// new session. A login of the same session at the same moment moves it to a new id, and wins.
func (s *Session[T]) Destroy() {
	if s.raw != nil && !s.dead {
		s.ended = &Change{Key: s.key, Old: s.raw, Expiry: s.m.longestExpiry()}
	}
	s.forget()
	s.intent, s.ownMaxAge, s.saved, s.dead = end, false, false, false
}

// forget leaves an empty V without a token and a record.
func (s *Session[T]) forget() {
	s.V, s.env = s.m.newValue(), envelope{}
	s.id, s.key, s.raw, s.payload, s.base, s.resend = "", "", nil, nil, nil, false
}

// Save has the session saved and its cookie sent, even if it was not changed or is empty.
func (s *Session[T]) Save() { s.intent = max(s.intent, save) }

// MaxAge returns how long this session lives after it was last saved, or BrowserSession.
func (s *Session[T]) MaxAge() time.Duration {
	idle, browser := s.m.idleFor(s.env)
	if browser {
		return BrowserSession
	}
	return min(time.Duration(idle)*time.Millisecond, s.m.cfg.AbsoluteMaxAge)
}

// SetMaxAge sets MaxAge for this session alone, and has it saved ("remember me"). BrowserSession is allowed; zero or
// less otherwise is Destroy. Less than a second is taken as one, and more than Config.AbsoluteMaxAge as that.
func (s *Session[T]) SetMaxAge(d time.Duration) {
	switch {
	case d == BrowserSession:
		s.env.idle, s.env.browser = 0, true
	case d <= 0:
		s.Destroy()
		return
	default:
		s.env.idle, s.env.browser = max(d, time.Second).Milliseconds(), false
	}
	s.ownMaxAge = true
	s.Save()
}
