package session

import (
	"context"
	"time"
)

// Store keeps records of bytes under string keys until they expire. It must be safe for concurrent use, and it limits
// its own time: when a session is saved, its context does not end with the client, so that the write is finished.
type Store interface {
	// Find returns the live records under the keys, in their order, and nil where there is none; an empty record is
	// not nil. It is one round trip, however many keys. The caller owns the bytes.
	Find(ctx context.Context, keys ...string) ([][]byte, error)

	// Swap makes the changes, each one atomic by itself, in one round trip, and reports for each whether it was made.
	// After an error any of them may have been made. The store keeps no reference to the bytes.
	Swap(ctx context.Context, changes ...Change) (made []bool, err error)

	// Ping reports whether a login would work: it writes a record of its own and removes it.
	Ping(ctx context.Context) error
}

// Change replaces the record under Key if the store holds Old; an expired record counts as none. A nil Old asks for no
// record to be there, a nil New removes the record. Where the record is not Old, it stays and the change is not made.
type Change struct {
	Key      string
	Old, New []byte
	Expiry   time.Time // of New, or of the mark that a removed session leaves in a Carrier
}

// Carrier is a Store whose sessions travel in their tokens. What it keeps itself are the marks of those that ended:
// Swap makes any change of a session, unless the session has such a mark, and Find returns the mark.
type Carrier interface {
	// Tokens returns the tokens of the cookie with this name. The keys are secrets of at least 32 bytes, newest first.
	Tokens(name string, keys [][]byte) (Tokens, error)
}

// Tokens makes what the browser holds, and reads it. It must be safe for concurrent use.
type Tokens interface {
	// Key returns the store's key of the session with this id.
	Key(id string) string
	// Issue returns the token of a session, or ErrTooLarge. user is the store's key of its user's stamp, or "". Only
	// a Carrier needs the record.
	Issue(id, user string, record []byte) (token string, err error)
	// Open returns the id that Issue was given, with the user or, from a Carrier, the record. current is false if the
	// token was made with an older key than the newest, ok is false if none has made it.
	Open(token string) (id, user string, record []byte, current, ok bool)
}
