package session

import (
	"bytes"
	"context"
)

// browserGrain is the TouchGrain of browser sessions if none is set: a request a second on an idle timeout of 20 minutes costs
// one write a minute, and the session ends at most one minute early.
const browserGrain = 0.05

// touchDue reports whether an unchanged session must be extended, and whether the browser must be told. The rules are koa's:
//   - Rolling: at each visit;
//   - Renew: when less than half of the time is left (at exactly half it is not yet due);
//   - neither: never; the session ends MaxAge after its last change.
//
// Browser sessions have no Max-Age to renew, so only the server's record is extended.
func (s *Session[T]) touchDue() (due, tell bool) {
	cfg := &s.m.cfg
	idle, browser := s.m.idleFor(s.env)
	if !cfg.Rolling && !cfg.Renew && !browser {
		return false, false
	}
	since := s.now() - s.env.touched
	grain := cfg.TouchGrain
	switch {
	case cfg.Rolling:
		return float64(since) >= grain*float64(idle), true
	case browser:
		if grain == 0 {
			grain = browserGrain
		}
		return float64(since) >= grain*float64(idle), false
	}
	return (idle-since)*2 < idle, true
}

// extend moves the start of the idle limit. If another request has saved the session meanwhile, that did the same.
func (s *Session[T]) extend(ctx, storeCtx context.Context, tell bool) (outcome, error) {
	env := s.env
	env.touched = s.now()
	record := touch(s.raw, env.touched)
	swapped := true
	if s.m.sealer != nil {
		if ended, err := s.endedMeanwhile(ctx, storeCtx); ended || err != nil {
			return outcome{}, err
		}
	} else {
		var err error
		if swapped, err = s.m.swapper.Swap(storeCtx, s.key, s.raw, record, s.m.storeExpiry(env)); err != nil {
			return outcome{}, err
		}
	}
	if swapped {
		s.raw, s.payload = record, record[len(record)-len(s.payload):]
		s.env, s.ends = env, s.m.expiry(env)
	} else if ended, err := s.overtaken(ctx, storeCtx); ended || err != nil {
		return outcome{}, err
	}
	tell = tell || s.resend || s.m.sealer != nil
	s.saved, s.resend = true, false
	s.m.emit(ctx, Event{Kind: Renewed, KeyHash: s.ID(), User: s.env.user})
	if !tell {
		return outcome{}, nil
	}
	return s.token(env.touched)
}

// remind tells the browser the token again, if the session is still what was loaded: otherwise the cookie could take the place of a
// newer one, of a login that was quicker.
func (s *Session[T]) remind(ctx, storeCtx context.Context) (outcome, error) {
	var ended bool
	var err error
	if s.m.sealer != nil {
		ended, err = s.endedMeanwhile(ctx, storeCtx)
	} else {
		var current []byte
		if current, err = s.find(storeCtx); err == nil && !bytes.Equal(current, s.raw) {
			ended, err = s.overtaken(ctx, storeCtx)
		}
	}
	if ended || err != nil {
		return outcome{}, err
	}
	s.resend = false
	return s.token(s.now())
}
