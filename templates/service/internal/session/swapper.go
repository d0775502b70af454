package session

import (
	"bytes"
	"context"
	"hash/maphash"
	"sync"
	"time"
)

// AsSwapper returns the store's own Swap, or, where it has none, one made of Find and Commit under a lock per key.
// The latter is atomic among all who use this same value in this process. Between processes a window of one round trip
// to the store remains, in which the last writer wins.
func AsSwapper(store Store) Swapper {
	if s, ok := store.(Swapper); ok {
		return s
	}
	return &lockingSwapper{store: store, seed: maphash.MakeSeed()}
}

// lockingSwapper has many locks, so that two sessions seldom wait for each other.
type lockingSwapper struct {
	store Store
	seed  maphash.Seed
	locks [256]sync.Mutex
}

func (l *lockingSwapper) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (bool, error) {
	lock := &l.locks[maphash.String(l.seed, key)%uint64(len(l.locks))]
	lock.Lock()
	defer lock.Unlock()
	current, err := lookup(ctx, l.store, key)
	if err != nil {
		return false, err
	}
	if (current == nil) != (old == nil) || !bytes.Equal(current, old) {
		return false, nil
	}
	if new == nil {
		err = l.store.Delete(ctx, key)
	} else {
		err = l.store.Commit(ctx, key, new, expiry)
	}
	return err == nil, err
}
