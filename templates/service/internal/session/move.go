package session

import (
	"bytes"
	"context"
	"time"
)

// move saves the session under a new id, and then ends the old one. In this order a failure in between costs nothing.
func (s *Session[T]) move(ctx, storeCtx context.Context, value []byte) (_ outcome, err error) {
	s.seen = s.base()
	payload := s.unite(value)
	since := s.env.since
	s.born()
	record := s.record(payload, value)
	id, key, err := s.insert(storeCtx, record)
	if err != nil {
		s.env.since = since
		return outcome{}, err
	}
	from := s.key
	defer func() {
		if err != nil {
			s.env.since = since
			s.withdraw(storeCtx, key)
		}
	}()
	if err := s.enlist(storeCtx, from, key); err != nil {
		return outcome{}, err
	}
	for range maxTries {
		moved, err := s.moveRecord(id, key)
		if err != nil {
			return outcome{}, err
		}
		swapped, err := s.m.swapper.Swap(storeCtx, s.key, s.raw, moved, s.m.cfg.Now().Add(movedKept))
		if err != nil {
			if swapped = movedOn(storeCtx, s.m.cfg.Store, s.key, key); !swapped {
				return outcome{}, err
			}
		}
		if !swapped {
			ended, err := s.catchUp(ctx, storeCtx)
			switch {
			case err != nil:
				return outcome{}, err
			case !ended && s.timed && s.key != from:
				// Another request was quicker to replace the old id.
				if err := s.m.cfg.Store.Delete(storeCtx, key); err != nil {
					return outcome{}, err
				}
				return s.update(ctx, storeCtx, value)
			case !ended:
				payload = s.unite(value)
				s.born()
				record = s.record(payload, value)
				if err := s.m.cfg.Store.Commit(storeCtx, key, record, s.m.storeExpiry(s.env)); err != nil {
					return outcome{}, err
				}
				continue
			case !s.signedIn:
				s.gone(ctx)
				return outcome{}, s.m.cfg.Store.Delete(storeCtx, key)
			}
			// The old session is gone, but this one was just signed in to: its right comes from the credentials, and not from the
			// old session. Any other would be a way round a logout.
		}
		s.id, s.key, s.shown = id, key, ""
		s.stored(record, len(payload), value)
		s.m.emit(ctx, Event{Kind: Regenerated, KeyHash: s.ID(), User: s.env.user})
		return s.token(s.began)
	}
	return outcome{}, ErrContention
}

// withdraw deletes the record of a new id that nobody was told, if the session is for certain still under its old one.
func (s *Session[T]) withdraw(storeCtx context.Context, key string) {
	if record, err := lookup(storeCtx, s.m.cfg.Store, s.key); err == nil && bytes.Equal(record, s.raw) {
		_ = s.m.cfg.Store.Delete(storeCtx, key)
	}
}

// destroy ends the session in the store.
func (s *Session[T]) destroy(ctx, storeCtx context.Context) error {
	if s.id != "" {
		var err error
		if s.m.sealer != nil {
			err = s.m.stamps.end(storeCtx, s.id, s.m.stampExpiry())
		} else {
			err = s.m.erase(storeCtx, s.key, s.raw)
		}
		if err != nil {
			return err
		}
		s.m.emit(ctx, Event{Kind: Destroyed, KeyHash: s.ID()})
	}
	s.detach()
	s.clear = false
	s.loaded = s.m.newValue()
	return nil
}

// erase deletes a session's record, wherever other requests have moved it meanwhile: a logout ends what was logged in when it came.
// record is what the caller knows of it, or nil.
func (m *Manager[T]) erase(storeCtx context.Context, key string, record []byte) error {
	for range maxTries {
		if record != nil {
			swapped, err := m.swapper.Swap(storeCtx, key, record, nil, time.Time{})
			if err != nil || swapped {
				return err
			}
		}
		current, err := lookup(storeCtx, m.cfg.Store, key)
		if err != nil || current == nil {
			return err
		}
		record = current
		if next, moved := movedTo(current); moved {
			key, record = next, nil
		}
	}
	return ErrContention
}
