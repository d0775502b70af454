package session

import (
	"bytes"
	"fmt"
	"reflect"
	"time"
)

// untouched reports whether V is for certain what was loaded or last saved. It spares most requests the encoding.
func (s *Session[T]) untouched() bool {
	return s.m.plain && !s.clear && any(s.V) == any(s.loaded)
}

// keep notes V as it is now, to compare it later.
func (s *Session[T]) keep() {
	if s.m.plain {
		s.loaded = s.V
	}
}

// encode returns the encoding of V, and whether it differs from what was loaded or last saved.
func (s *Session[T]) encode() (value []byte, changed bool, err error) {
	old := s.base()
	if s.raw == nil || s.clear {
		old = s.m.zero
	}
	value, same, err := s.m.encoder.encode(&s.V, old)
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%w: %w", ErrValue, err)
	case same:
		return value, false, nil
	case s.raw == nil || s.clear:
		return value, !s.m.empty(value), nil
	case s.seen == nil:
		if s.seen, err = s.encodeLoaded(); err != nil {
			return nil, false, err
		}
		return value, !bytes.Equal(value, s.seen), nil
	}
	return value, true, nil
}

// encodeLoaded returns the encoding of what the record decoded to. That need not be the record's payload, even if V was left
// alone: the payload may be a merge, or hold fields of another version of T.
func (s *Session[T]) encodeLoaded() ([]byte, error) {
	v := &s.loaded
	if !s.m.plain {
		again := s.m.newValue()
		if err := s.m.decode(s.payload, &again); err != nil {
			return nil, fmt.Errorf("%w: decode it again: %w", ErrValue, err)
		}
		v = &again
	}
	value, _, err := s.m.encoder.encode(v, s.payload)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrValue, err)
	}
	return value, nil
}

// empty reports whether this is the encoding of an empty value, for which no session is made.
func (m *Manager[T]) empty(value []byte) bool {
	if bytes.Equal(value, m.zero) {
		return true
	}
	return m.isJSON && (string(value) == "{}" || string(value) == "null")
}

// isPlain reports whether a copy of a t shares nothing with the original that could change, so that the two can be compared
// later: nothing in it is a pointer, slice, map, function or interface.
func isPlain(t reflect.Type) bool {
	if t == reflect.TypeFor[time.Time]() {
		return true // its pointer is to a time zone, which nobody changes
	}
	switch t.Kind() {
	case reflect.Struct:
		for field := range t.Fields() {
			if !isPlain(field.Type) {
				return false
			}
		}
		return true
	case reflect.Array:
		return isPlain(t.Elem())
	}
	return t.Kind() == reflect.String || t.Kind() >= reflect.Bool && t.Kind() <= reflect.Complex128 && t.Kind() != reflect.Uintptr
}
