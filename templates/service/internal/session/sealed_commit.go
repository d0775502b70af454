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
			s.gone(ctx)
			return outcome{action: clearToken}, nil
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
	s.raw = s.record(payload)
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
	s.stored(s.raw, len(payload), value)
	if kind != "" {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user})
	}
	return out, nil
}
