package session

import (
	"context"
	"crypto/cipher"
	"time"
)

// Store keeps records of bytes under string keys until they expire. Its shape is that of github.com/alexedwards/scs
// stores with a context, and [Adapt] turns those into one.
//
// The manager stores a session under the base64url form of the SHA-256 of its id (43 characters), never under the id
// itself. A Store must be safe for concurrent use, and its methods give up when ctx ends.
type Store interface {
	// Find returns the record. One that has expired counts as not found. The caller owns the returned bytes.
	Find(ctx context.Context, key string) (data []byte, found bool, err error)

	// Commit creates or replaces the record. An expiry in the past deletes it. The store keeps no reference to data.
	Commit(ctx context.Context, key string, data []byte, expiry time.Time) error

	// Delete removes the record. An unknown key is not an error.
	Delete(ctx context.Context, key string) error
}

// lookup returns the record, and nil if there is none, whatever bytes the store gives along with that. An empty record is not nil.
func lookup(ctx context.Context, store Store, key string) ([]byte, error) {
	data, found, err := store.Find(ctx, key)
	switch {
	case err != nil || !found:
		return nil, err
	case data == nil:
		return []byte{}, nil
	}
	return data, nil
}

// Swapper is a Store that replaces a record only if nobody else did meanwhile. With it the promises of this package
// (no lost update, no session that comes back after a logout) hold across processes as well. See [AsSwapper].
type Swapper interface {
	// Swap compares and sets in one atomic step, on live records only: an expired one counts as absent.
	// With old == nil the record is created if the key is absent; with new == nil it is deleted if it equals old.
	// It reports false, and changes nothing, when the stored bytes are not old.
	Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error)
}

// Toucher is a Store that moves the expiry of a record without writing its data.
type Toucher interface {
	// Touch sets the expiry. An absent key is no error, and nothing is created.
	Touch(ctx context.Context, key string, expiry time.Time) error
}

// Pinger is a Store that can say whether it works, for a readiness probe.
type Pinger interface {
	Ping(ctx context.Context) error
}

// Sealer is a Store whose sessions live in the cookie, encrypted. Its Store methods then hold only small records that
// belong to this instance: which sessions were logged out, and the per-user stamps of [Manager.EndAll].
type Sealer interface {
	// AEAD returns the cipher for a 32-byte key. The nonce must be long enough to be drawn at random (24 bytes), and
	// the result safe for concurrent use.
	AEAD(key []byte) (cipher.AEAD, error)
}

// NonBlocking is a Store that answers from memory. The manager then spends no timer on [Config.StoreTimeout].
type NonBlocking interface {
	// NonBlocking does nothing; having the method is the statement.
	NonBlocking()
}
