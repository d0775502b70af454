package session

import (
	"bytes"
	"encoding/json"
)

// mergeFields merges two changes of one JSON object: what became of base in mine is done to theirs, one top-level field at a
// time. Where both changed the same field, mine wins. Fields that T does not know (a newer version of the program
// may have written them) stay as they are in theirs. Values that are no objects cannot be merged: mine wins.
func mergeFields(base, mine, theirs []byte) []byte {
	var b, m, t map[string]json.RawMessage
	if json.Unmarshal(base, &b) != nil || json.Unmarshal(mine, &m) != nil || json.Unmarshal(theirs, &t) != nil || m == nil || t == nil {
		return mine
	}
	for name, value := range m {
		if old, ok := b[name]; !ok || !bytes.Equal(old, value) {
			t[name] = value
		}
	}
	for name := range b {
		if _, ok := m[name]; !ok {
			delete(t, name)
		}
	}
	merged, err := json.Marshal(t)
	if err != nil {
		return mine
	}
	return merged
}

// mergeEnvelope does the same for the envelope: what this request did to it stays, the rest is theirs.
func (s *Session[T]) mergeEnvelope(theirs envelope) envelope {
	e := s.env
	if !s.ownMaxAge {
		e.idle, e.browser = theirs.idle, theirs.browser
	}
	if !s.signedIn {
		e.created = theirs.created
		if !s.restamped {
			e.user, e.auth, e.stamp = theirs.user, theirs.auth, theirs.stamp
		}
	}
	e.touched, e.since = max(e.touched, theirs.touched), theirs.since
	return e
}

// base is the encoding of V as it was loaded or last saved: what this request's changes are measured against.
func (s *Session[T]) base() []byte {
	if s.seen != nil {
		return s.seen
	}
	return s.payload
}

// unite returns the payload to store: value, if the record held nothing but base, and otherwise the record's payload with
// this request's changes. The two differ if another request has changed the session, if an earlier save of this request was a merge,
// and if the record holds fields that T does not know.
func (s *Session[T]) unite(value []byte) []byte {
	if !s.m.isJSON || bytes.Equal(s.seen, s.payload) {
		return value
	}
	return mergeFields(s.seen, value, s.payload)
}
