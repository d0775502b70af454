package session

import (
	"context"
	"errors"
	"fmt"
)

// maxTries bounds how often a save is tried again since another request was quicker. Each failed try means that another
// one succeeded, so the bound is met only by a flood on one session.
const maxTries = 100

// commit saves what must be saved, and returns what the browser must be told. late means that the headers are gone.
// It may run more than once in a request, and each run saves only what is new.
func (s *Session[T]) commit(ctx context.Context, late bool) (outcome, error) {
	if s.err != nil || s.dead {
		return outcome{}, nil
	}
	out, err := s.save(ctx, late)
	switch {
	case errors.Is(err, ErrLate):
		s.m.emit(ctx, Event{Kind: Late, KeyHash: s.ID(), User: s.env.user, Err: err})
	case err != nil:
		err = fmt.Errorf("session: save: %w", err)
		s.m.emit(ctx, Event{Kind: StoreError, KeyHash: s.ID(), User: s.env.user, Err: err})
	}
	return out, err
}

func (s *Session[T]) save(ctx context.Context, late bool) (out outcome, err error) {
	var value []byte
	changed, rotate := false, !late && s.rotateDue()
	if s.force || rotate || !s.untouched() {
		if value, changed, err = s.encode(); err != nil {
			return out, err
		}
	} else if s.unnoted {
		s.m.recent.put(s.key, s.payload, s.loaded)
		s.unnoted = false
	}
	write := changed || s.force
	extend, tell := false, false
	if s.raw != nil && !s.saved && !late && !write && !s.clear {
		extend, tell = s.touchDue()
	}
	if extend && s.m.cfg.BeforeSave != nil {
		write = true // koa asks it about these saves too, and it may change V
	}
	if !write && !extend && !rotate && !s.clear && !s.resend {
		return out, nil
	}
	if late && s.lateFor(write) {
		err = ErrLate
	}
	storeCtx, cancel := s.m.storeContext(ctx)
	defer cancel()
	if ended, err := s.prelude(ctx, storeCtx, late); ended || err != nil {
		return out, err
	}
	if s.clear {
		if err := s.destroy(ctx, storeCtx); err != nil {
			return out, err
		}
		out.action = clearToken
	}
	switch {
	case write && late && (s.raw == nil || s.m.sealer != nil || s.rotate):
		return out, err
	case write || rotate:
		s.timed = rotate && !s.rotate
		if value, saveErr := s.prepare(ctx, value, write || extend); saveErr != nil {
			return out, saveErr
		} else if out, saveErr = s.write(ctx, storeCtx, value); saveErr != nil {
			return out, saveErr
		}
		s.force, s.rotate, s.timed, s.ownMaxAge, s.signedIn, s.restamped, s.resend = false, false, false, false, false, false, false
	case extend:
		return s.extend(ctx, storeCtx, tell)
	case s.resend && !late:
		return s.remind(ctx, storeCtx)
	}
	return out, err
}

// prelude comes before anything is saved: what SignOutOthers has asked for, and a look at the limits. ended means that this session
// is over.
func (s *Session[T]) prelude(ctx, storeCtx context.Context, late bool) (ended bool, err error) {
	if s.ending != nil && (!late || s.clear) {
		if ended, err = s.signOutOthers(storeCtx); ended {
			s.gone(ctx)
		}
		if ended || err != nil {
			return ended, err
		}
	}
	if s.raw == nil || s.clear || s.signedIn || s.now() <= s.ends {
		return false, nil
	}
	// A limit has passed while the request ran, unless another request has extended the session.
	if s.m.sealer == nil {
		if ended, err = s.overtaken(ctx, storeCtx); ended || err != nil || s.now() <= s.ends {
			return ended, err
		}
	}
	s.gone(ctx)
	return true, nil
}

// lateFor reports whether the browser would have to be told, and cannot: about a new session, a new id, another age, or anything at
// all of a session that it holds itself.
func (s *Session[T]) lateFor(write bool) bool {
	if s.m.sealer != nil {
		return write || s.clear
	}
	return write && (s.raw == nil || s.clear || s.rotate || s.ownMaxAge)
}

// prepare runs before each write and returns the final encoding. extend is false for a write that is none of the visitor's.
func (s *Session[T]) prepare(ctx context.Context, value []byte, extend bool) ([]byte, error) {
	if s.m.cfg.BeforeSave != nil {
		s.m.cfg.BeforeSave(ctx, &s.V)
		var err error
		if value, _, err = s.encode(); err != nil {
			return nil, err
		}
	}
	s.began = s.now()
	if extend {
		s.env.touched = s.began
	}
	if s.env.created == 0 {
		s.env.created = s.env.touched
	}
	return value, nil
}

// token returns what the browser must be told to keep the session. now is in milliseconds.
func (s *Session[T]) token(now int64) (outcome, error) {
	out := outcome{action: setToken, token: s.id, maxAge: browserAge}
	if _, browser := s.m.idleFor(s.env); !browser {
		out.maxAge = max(1, (s.m.expiry(s.env)-now)/1000)
	}
	switch {
	case s.shown != "":
		out.token = s.shown
	case s.m.sealer != nil:
		var err error
		if out.token, err = s.m.sealer.seal([]byte(s.id), s.raw); err != nil {
			return outcome{}, err
		}
	case s.m.signer != nil:
		out.token = s.m.signer.sign(s.id)
	}
	return out, nil
}
