package session

import (
	"context"
	"fmt"
	"io"
)

// writeSealed saves a cookie-held session: the whole of it goes into the token. Two answers at once cannot be merged, since the
// browser keeps the one that comes last.
func (s *Session[T]) writeSealed(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	kind := Kind("")
	switch {
	case s.raw == nil:
		kind = Created
	case s.rotate:
		kind = Regenerated
	}
	old, id := s.id, s.id
	if old != "" && kind == "" {
		// A logout that this instance has seen while the request ran is final.
		if ended, err := s.endedMeanwhile(ctx, storeCtx); ended || err != nil {
			return outcome{}, err
		}
	}
	if kind != "" {
		var b [sealedID]byte
		if _, err := io.ReadFull(s.m.cfg.Rand, b[:]); err != nil {
			return outcome{}, fmt.Errorf("session: read random bytes: %w", err)
		}
		id = string(b[:])
	}
	s.id = id
	previous := s.raw
	payload := value
	if s.raw != nil {
		s.seen = s.base()
		payload = s.unite(value)
	}
	s.raw = s.record(payload, value)
	out, err := s.token(s.began)
	if err != nil {
		s.id, s.raw = old, previous
		return outcome{}, err
	}
	if kind == Regenerated {
		moved, err := s.m.stamps.move(storeCtx, old, id, s.m.stampExpiry())
		if err != nil {
			s.id, s.raw = old, previous
			return outcome{}, err
		}
		if !moved && !s.signedIn {
			s.id, s.raw = old, previous
			s.gone(ctx)
			return outcome{}, nil
		}
	}
	s.key = storeKey(s.id)
	s.stored(s.raw, len(payload), value)
	if kind != "" {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user})
	}
	return out, nil
}

// endedMeanwhile gives the session up if it was logged out, or got another id, since this request loaded it.
func (s *Session[T]) endedMeanwhile(ctx, storeCtx context.Context) (ended bool, err error) {
	ended, err = s.m.stamps.isEnded(storeCtx, s.id)
	if err != nil || !ended {
		return false, err
	}
	s.gone(ctx)
	return true, nil
}
