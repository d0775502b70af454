package session

import (
	"bytes"
	"hash/maphash"
	"sync/atomic"
)

// recent keeps what the sessions that were read lately decoded to, for the next request of the same page: decoding is the most of what
// a read costs. It is no cache of sessions, since each request asks the store for the record; it only spares decoding bytes that
// were decoded before. Other instances and the limits of a session have no part in it.
//
// It is used only if a T is plain, so that requests can share it, and JSON, which decodes the same bytes to the same value.
type recent[T any] struct {
	seed  maphash.Seed
	slots [recentSlots]atomic.Pointer[decoded[T]]
	seen  [recentSlots]atomic.Uint32 // a part of the hash of the key that was put last
}

const (
	recentSlots   = 1024
	recentPayload = 1024 // bytes; with the slots, it bounds the memory to little more than a megabyte
)

// decoded is never changed.
type decoded[T any] struct {
	payload []byte
	v       T
}

func (r *recent[T]) at(key string) (slot int, rest uint32) {
	h := maphash.String(r.seed, key)
	return int(h % recentSlots), uint32(h >> 32)
}

// get returns what this payload decodes to, if it is known.
func (r *recent[T]) get(key string, payload []byte) (v T, ok bool) {
	if r == nil {
		return v, false
	}
	slot, _ := r.at(key)
	if d := r.slots[slot].Load(); d != nil && bytes.Equal(d.payload, payload) {
		return d.v, true
	}
	return v, false
}

// put notes what the payload was decoded to, if the session was read before: of visitors who ask once nothing is kept. It keeps the
// payload, which must not change any more.
func (r *recent[T]) put(key string, payload []byte, v T) {
	if r == nil || len(payload) > recentPayload {
		return
	}
	if slot, rest := r.at(key); r.seen[slot].Swap(rest) == rest {
		r.slots[slot].Store(&decoded[T]{payload, v})
	}
}
