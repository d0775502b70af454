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
	if old != "" && !s.signedIn {
		// A logout that this instance has seen while the request ran is final.
		ended, err := s.m.stamps.marked(storeCtx, old)
		if err != nil {
			return outcome{}, err
		}
		if ended {
			return s.gone(ctx, false), nil
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
	s.raw = s.record(value)
	out, err := s.token()
	if err != nil {
		s.id, s.raw = old, previous
		return outcome{}, err
	}
	if kind == Regenerated {
		if err := s.m.stamps.mark(storeCtx, old, s.m.cfg.Now().Add(s.m.stampLife())); err != nil {
			s.id, s.raw = old, previous
			return outcome{}, err
		}
	}
	s.key = storeKey(s.id)
	s.stored(s.raw, value)
	if kind != "" {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user})
	}
	return out, nil
}
