package session

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"time"
)

const (
	// movedFor is how long an id that was replaced is still good for new requests, which were on their way.
	movedFor = time.Minute
	// movedKept is how long a request may run and still find its session under the new id, to save it or to end it.
	movedKept = time.Hour
	// minRotateEvery keeps one replacement well apart from the next.
	minRotateEvery = 5 * time.Minute
)

// rotateDue reports whether the id is as old as Config.RotateEvery allows. An answer that switches protocols is none to change it in:
// the handler writes that itself, and may leave the cookie out.
func (s *Session[T]) rotateDue() bool {
	every := s.m.cfg.RotateEvery
	if every == 0 || s.raw == nil || s.clear || s.q != nil && s.q.upgrade {
		return false
	}
	since := s.env.since
	if since == 0 {
		since = s.env.created
	}
	return s.now()-since >= every.Milliseconds()
}

// born notes when the id was made, if anybody will ask.
func (s *Session[T]) born() {
	s.env.since = 0
	if s.m.cfg.RotateEvery > 0 {
		s.env.since = s.now()
	}
}

// moveRecord is what stays under the old key: nothing but the new one after a sign-in, which the old id has no part in; for an id
// that was only old enough, until when and how its holder gets the new one.
func (s *Session[T]) moveRecord(id, key string) ([]byte, error) {
	record := movedRecord(key)
	if !s.timed {
		return record, nil
	}
	aead, err := forwardCipher(s.id)
	if err != nil {
		return nil, err
	}
	record = append48(record, s.now()+movedFor.Milliseconds())
	return aead.Seal(record, nil, []byte(id), record), nil
}

// follow goes on under the new id if the record says where, and the old id may still be used: a request that has loaded the session
// under it may. Only the old id opens the new one, so the store alone does not tell it. The browser is told again: the answer
// that told it may have been lost.
func (s *Session[T]) follow(record []byte) bool {
	key, moved := movedTo(record)
	if !moved || len(record) < forwardHead || s.raw == nil && s.now() > read48(record[movedHead:]) {
		return false
	}
	aead, err := forwardCipher(s.id)
	if err != nil {
		return false
	}
	id, err := aead.Open(nil, nil, record[forwardHead:], record[:forwardHead])
	if err != nil {
		return false
	}
	s.id, s.key, s.shown, s.resend = string(id), key, "", true
	return true
}

// movedOn reports whether the record under a key says for certain that its session is under another one now. It is asked after an
// error, because a store whose answer was lost may have done what it was told.
func movedOn(storeCtx context.Context, store Store, from, to string) bool {
	record, err := lookup(storeCtx, store, from)
	at, _ := movedTo(record)
	return err == nil && at == to
}

// find fetches the session's record, wherever follow leads, and nil if there is none.
func (s *Session[T]) find(storeCtx context.Context) (record []byte, err error) {
	for range 3 {
		record, err = lookup(storeCtx, s.m.cfg.Store, s.key)
		if err != nil || !s.follow(record) {
			break
		}
	}
	return record, err
}

// forwardCipher seals one new id with the key that is derived from one old id.
func forwardCipher(id string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(deriveKey([]byte(id), "session id rotation"))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}
