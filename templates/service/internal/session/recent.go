package session

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/json"
	"hash/maphash"
	"reflect"
	"regexp"
	"strings"
	"sync/atomic"
)

// recent keeps what the sessions that were read lately decoded to, for the next request of the same page: decoding is the most of what
// a read costs. It is no cache of sessions, since each request asks the store for the record; it only spares decoding bytes that
// were decoded before. Other instances and the limits of a session have no part in it.
//
// It is used only if a T is plain, so that requests can share it, and JSON, which decodes the same bytes to the same value. What was
// saved is noted too if it decodes to what it was (isExact), else what was read and left alone.
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

// isExact reports whether every t is the same again after JSON, but for text that is not UTF-8: its fields all go there and back, and
// nothing in it decides for itself how.
func isExact(t reflect.Type) bool {
	for _, own := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[json.Unmarshaler](),
		reflect.TypeFor[encoding.TextMarshaler](), reflect.TypeFor[encoding.TextUnmarshaler]()} {
		if reflect.PointerTo(t).Implements(own) {
			return false
		}
	}
	if t.Kind() != reflect.Struct {
		return t.Kind() == reflect.String || t.Kind() >= reflect.Bool && t.Kind() <= reflect.Uint64
	}
	names := map[string]bool{}
	for field := range t.Fields() {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		name = cmp.Or(name, field.Name)
		if !field.IsExported() || field.Anonymous || names[name] || !plainName.MatchString(name) || options != "" && options != "omitempty" || !isExact(field.Type) {
			return false
		}
		names[name] = true
	}
	return true
}

// plainName matches names that a json tag can give without any doubt; "-" is none.
var plainName = regexp.MustCompile(`^\w+$`)

// notUTF8 is what the encoder writes in place of bytes that are not UTF-8.
const notUTF8 = `\ufffd`
