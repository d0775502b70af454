package session

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
)

// failure is an error of this package, with the HTTP status for a client.
type failure struct {
	text   string
	status int
}

func (f *failure) Error() string { return "session: " + f.text }

// The errors that callers may want to tell apart.
var (
	// ErrLate: a change came after the response's headers were sent, and was not saved.
	ErrLate error = &failure{"changed after the headers were sent: change it before the first write", 500}

	// ErrNoMiddleware: the request did not pass through Manager.Middleware.
	ErrNoMiddleware error = &failure{"the request did not pass through Middleware: wrap the handler with it", 500}

	// ErrTooLarge: a session in the cookie and the cookie's name are over 4096 bytes, which browsers drop.
	ErrTooLarge error = &failure{"over the 4096 bytes of a cookie: keep less in it, or choose another store", 500}

	// ErrValue: the session's value cannot be written as JSON, or cannot be read back from it.
	ErrValue error = &failure{"the value does not survive JSON", 500}

	// ErrNotFresh: the last sign-in of this session is longer ago than RequireFresh allows, or there was none.
	ErrNotFresh error = &failure{"a recent sign-in is required: sign in again", 401}

	// ErrNoUser: SignIn or EndAll was given no user, or SignOutOthers was called on a session that nobody signed in to.
	ErrNoUser error = &failure{"no user is signed in, or the id is empty or over 512 bytes", 500}

	// ErrContention: other requests changed this session again and again while this one was being saved.
	ErrContention error = &failure{"changed by too many requests at once: try again", 503}
)

// Status returns the HTTP status for an error of this package, such as 401 for [ErrNotFresh]: 500 for
// what the program did wrong, and 503 for any other error, such as a store that does not answer.
func Status(err error) int {
	if f := new(failure); errors.As(err, &f) {
		return f.status
	}
	return http.StatusServiceUnavailable
}

// Event says what happened to a session. It never holds a token: KeyHash is the start of the stored (hashed) id.
type Event struct {
	Kind    Kind
	KeyHash string // the first 8 characters of the hashed id, as Session.ID; "" where there is none
	User    string // who was signed in, if that is known
	Err     error  // for Invalid, StoreError and Late
}

// Kind names an event, in words that suit a log or a metric's label.
type Kind string

// The kinds of events.
const (
	Created     Kind = "created"     // a new session was saved
	Renewed     Kind = "renewed"     // an unchanged session got a new expiry
	Regenerated Kind = "regenerated" // a session got a new id
	Destroyed   Kind = "destroyed"   // a session was ended by Destroy
	Ended       Kind = "ended"       // a session met a later EndAll or SignOutOthers, or (cookie store) its own logout
	Expired     Kind = "expired"     // a session was over its idle or absolute limit
	Missed      Kind = "missed"      // an id that the store does not know: logged out, replaced, expired, or guessed
	Invalid     Kind = "invalid"     // a token or record that is malformed, forged, or refused by Config.Valid
	OldKey      Kind = "old-key"     // a token was verified by a key that is no longer the first, and signed again
	StoreError  Kind = "store-error" // a session could not be loaded or saved; Err says why
	Late        Kind = "late"        // a change was lost since the headers had been sent
	Merged      Kind = "merged"      // another request had saved the session meanwhile: merged by field
	Gone        Kind = "gone"        // a change was dropped: the session had been ended while the request ran
)

// emit calls the hook and writes the log: what an operator must act on as an error, what is unusual as info.
func (m *Manager[T]) emit(ctx context.Context, e Event) {
	if m.cfg.Events != nil {
		m.cfg.Events(ctx, e)
	}
	level := slog.LevelDebug
	switch e.Kind {
	case StoreError, Late:
		level = slog.LevelError
	case Invalid, Missed:
		level = slog.LevelInfo
	}
	m.cfg.Logger.Log(ctx, level, "session", "kind", e.Kind, "session", e.KeyHash, "error", e.Err)
}
