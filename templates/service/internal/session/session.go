package session

import (
	"time"
)

// Session is the session of one request. It belongs to the goroutine that handles the request, until the handler returns.
//
// Changes of V are found when the session is saved, by comparing encodings: set a field, alter nested data or replace the whole
// value. Writing the same value again is no change.
type Session[T any] struct {
	// V is the owner's data. For a new session it is the zero value (an empty map if T is a map).
	V T

	m      *Manager[T]
	q      *request[T] // nil if the session was loaded outside Middleware
	loaded T           // V as it was loaded or last saved; only if T is plain, see isPlain
	lines  [3]string   // values of the answer's headers: they live here to spare allocations

	id      string   // what the token carries; "" as long as there is none
	key     string   // the store's key: the hashed id
	shown   string   // the token that the client sent, if it can be sent back as it is
	raw     []byte   // the record as the store has it; nil if there is none
	payload []byte   // the part of raw that encodes V
	seen    []byte   // the encoding of V that was last saved; nil: compare with what raw decodes to
	env     envelope // limits and sign-in
	ends    int64    // the last millisecond in which the record was alive, as far as this request knows
	began   int64    // when the save that is going on began; what the browser is told counts from then
	resend  bool     // the browser must be told the token again: the key or the id it knows is an old one

	isNew     bool // nothing was loaded
	force     bool // save even without a change
	rotate    bool // save under a new id
	timed     bool // this save replaces the id only since it is old: see Config.RotateEvery
	ownMaxAge bool // SetMaxAge was called
	signedIn  bool // SignIn was called
	restamped bool // env.stamp is this request's own
	clear     bool // Destroy was called
	saved     bool // this request has saved the session already
	told      bool // the answer's headers have a token, or its deletion
	unnoted   bool // loaded is what payload decodes to, and recent was not told yet
	dead      bool // ended by someone else: must not be saved again

	ending *ending // SignOutOthers was called
	err    error
}

// ending is what SignOutOthers has asked for. It holds whatever becomes of this session in the same request.
type ending struct {
	caller envelope // of the session, when it asked
	proven bool     // the user had just signed in
	stamp  uint64   // the new one; 0 until it is drawn
}

// maxUser is the longest user id in bytes. It is part of each record.
const maxUser = 512

// IsNew reports whether the request came without a live session.
func (s *Session[T]) IsNew() bool { return s.isNew }

// ID names the session in logs: the first 8 characters of its hashed id, which open nothing. It is "" for a session
// that was not saved yet.
func (s *Session[T]) ID() string {
	if len(s.key) < 8 {
		return ""
	}
	return s.key[:8]
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

// SignIn ties the session to a user whose credentials were just checked. The session gets a new id, so that one
// which was planted or seen before is worth nothing (ASVS 7.2.4), keeps V, and begins its limits anew. Call it again when the
// user proves who they are again. If User is somebody else by then, Replace V first: it is theirs. It takes effect when the session
// is saved.
//
// It returns ErrNoUser if userID is empty or over 512 bytes, ErrLate after the headers were sent, and the error of a failed load.
func (s *Session[T]) SignIn(userID string) error {
	if userID == "" || len(userID) > maxUser {
		return ErrNoUser
	}
	if s.dead { // by now somebody else has ended it: the user begins one of their own
		s.detach()
		s.dead = false
	}
	if err := s.Regenerate(); err != nil {
		return err
	}
	now := s.now()
	s.env.user, s.env.auth, s.env.created, s.env.touched = userID, now, now, now
	s.signedIn = true
	return nil
}

// SignOutOthers ends all other sessions of the user and gives this one a new id (ASVS 7.4.3): for after a change of
// password. It takes effect when the session is saved. Errors are those of SignIn; ErrNoUser if nobody is signed in.
func (s *Session[T]) SignOutOthers() error {
	if s.env.user == "" {
		return ErrNoUser
	}
	if err := s.Regenerate(); err != nil {
		return err
	}
	s.ending = &ending{caller: s.env, proven: s.signedIn}
	return nil
}

// Regenerate gives the session a new id and ends the old one, when the session is saved; V stays. Call it at any change of
// privilege. It returns ErrLate after the headers were sent.
func (s *Session[T]) Regenerate() error {
	if s.err != nil {
		return s.err
	}
	switch {
	case s.q == nil:
		return ErrNoMiddleware
	case s.q.sent:
		s.m.emit(s.q.r.Context(), Event{Kind: Late, KeyHash: s.ID(), User: s.env.user, Err: ErrLate})
		return ErrLate
	}
	s.rotate, s.force = true, true
	return nil
}

// Destroy ends the session when it is saved: the record goes, and the browser is told to drop the cookie. V becomes empty;
// what is put into it afterwards makes a new session with a new id. After the headers were sent the record still goes.
func (s *Session[T]) Destroy() {
	s.V = s.m.newValue()
	s.env = envelope{}
	s.force, s.rotate, s.ownMaxAge, s.signedIn, s.restamped = false, false, false, false, false
	s.clear, s.dead = true, false
}

// Replace sets the whole value. The id stays.
func (s *Session[T]) Replace(v T) { s.V = v }

// Save has the session saved, and its cookie sent, even if it was not changed or is empty.
func (s *Session[T]) Save() { s.force = true }

// MaxAge returns how long this session lives after it was last saved, or BrowserSession.
func (s *Session[T]) MaxAge() time.Duration {
	switch {
	case s.env.browser:
		return BrowserSession
	case s.env.idle > 0:
		return time.Duration(s.env.idle) * time.Millisecond
	}
	return s.m.cfg.MaxAge
}

// SetMaxAge sets MaxAge for this session alone, and has it saved. It is kept with the session ("remember me").
// BrowserSession is allowed; zero or less otherwise is Destroy. Less than a second is taken as one, and
// Config.AbsoluteMaxAge stays the upper limit.
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
	s.ownMaxAge, s.force = true, true
}

// Expires returns when the session ends unless it is saved again, and the zero time if it was not saved yet.
func (s *Session[T]) Expires() time.Time {
	if s.raw == nil {
		return time.Time{}
	}
	return time.UnixMilli(s.m.expiry(s.env))
}

// Pop returns the value of a field and clears it: for messages that are shown once.
//
//	notice := session.Pop(&s.V.Notice)
func Pop[F any](field *F) F {
	v := *field
	var zero F
	*field = zero
	return v
}

func (s *Session[T]) now() int64 { return s.m.cfg.Now().UnixMilli() }
