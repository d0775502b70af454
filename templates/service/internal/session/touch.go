package session

import (
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
	s.env.touched = s.now()
	record := touch(s.raw, s.env.touched)
	swapped := true
	var err error
	if s.m.sealer == nil {
		if swapped, err = s.m.swapper.Swap(storeCtx, s.key, s.raw, record, s.m.storeExpiry(s.env)); err != nil {
			return outcome{}, err
		}
	}
	if swapped {
		s.raw, s.payload = record, record[len(record)-len(s.payload):]
	} else {
		if s.seen == nil {
			if s.seen, err = s.encodeLoaded(); err != nil {
				return outcome{}, err
			}
		}
		if out, dead, err := s.catchUp(ctx, storeCtx); dead || err != nil {
			return out, err
		}
	}
	s.saved, s.resend = true, false
	s.m.emit(ctx, Event{Kind: Renewed, KeyHash: s.ID(), User: s.env.user})
	if !tell {
		return outcome{}, nil
	}
	return s.token(s.env.touched)
}
