package session

import (
	"context"
	"log/slog"
)

// Event says what happened to a session. It never holds a token: KeyHash is the start of the stored (hashed) id.
type Event struct {
	Kind    Kind
	KeyHash string // the first 8 characters of the hashed id, as Session.ID; "" where there is none
	User    string // who was signed in, if that is known
	Err     error  // for Invalid, StoreError and Late
}

// Kind names an event, in words that suit a log or a metric's label.
type Kind string

const (
	Created     Kind = "created"     // a new session was saved
	Renewed     Kind = "renewed"     // an unchanged session got a new expiry
	Regenerated Kind = "regenerated" // a session got a new id
	Destroyed   Kind = "destroyed"   // a session was ended by Destroy
	Ended       Kind = "ended"       // a session met a later EndAll or SignOutOthers of its user, or its own logout
	Expired     Kind = "expired"     // a session was over its idle or absolute limit
	Missed      Kind = "missed"      // a well-formed id that the store does not know: expired long ago, or guessed
	Invalid     Kind = "invalid"     // a token or record that is malformed, forged, or refused by Config.Valid
	OldKey      Kind = "old-key"     // a token was verified by a key that is no longer the first, and signed anew
	StoreError  Kind = "store-error" // the store did not answer
	Late        Kind = "late"        // a change was lost since the headers had been sent
	Merged      Kind = "merged"      // two requests changed one session at once, and both changes were kept
	Gone        Kind = "gone"        // a change was dropped: the session had been ended while the request ran
)

// emit tells the hook and the log. Only what an operator must act on is logged as more than a detail.
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
	if !m.cfg.Logger.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("kind", string(e.Kind)), slog.String("session", e.KeyHash)}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	m.cfg.Logger.LogAttrs(ctx, level, "session", attrs...)
}
