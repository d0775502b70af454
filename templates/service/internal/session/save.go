package session

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
)

// maxTries bounds how often a save is retried because another request was quicker: each time one has succeeded.
const maxTries = 100

// browserGrain spares the store: a visit extends a browser session only if this share of its idle limit has passed.
// With 20 minutes that is at most one write a minute, and the session ends at most one minute early.
const browserGrain = 0.05

// commit saves what must be saved, and returns what the browser must be sent. It may run more than once in a request.
// failed is for a response that saves nothing: what Destroy has ended stays ended, and nothing comes in its place.
func (s *Session[T]) commit(ctx context.Context, failed bool) (out outcome, err error) {
	if s.err != nil || s.dead {
		return outcome{}, nil
	}
	out.send = s.intent == end || s.ended != nil
	if err = s.finishEnd(ctx); err == nil && !failed {
		out, err = s.save(ctx, out)
	}
	if err != nil {
		err = fmt.Errorf("session: save: %w", err)
		s.m.emit(ctx, Event{Kind: StoreError, KeyHash: s.ID(), User: s.env.user, Err: err})
	}
	return out, err
}

// save returns its argument where there is nothing to save: what the browser must be sent anyway.
func (s *Session[T]) save(ctx context.Context, nothing outcome) (out outcome, err error) {
	value, changed, err := s.encode()
	if err != nil {
		return out, err
	}
	touch, send := s.touchDue()
	write := changed || s.intent >= save
	if (write || touch) && s.m.cfg.BeforeSave != nil {
		s.m.cfg.BeforeSave(context.WithoutCancel(ctx), &s.V)
		if value, changed, err = s.encode(); err != nil {
			return out, err
		}
		write = write || changed
	}
	if !write && !touch && !s.resend {
		s.intent = keep
		return nothing, nil
	}
	ctx = context.WithoutCancel(ctx)
	if s.intent == signIn {
		if s.env.stamp, err = s.m.stamp(ctx, s.env.user); err != nil {
			return out, err
		}
		if s.m.carried {
			// Stamps of sessions in the cookie are not shared by instances. One that knows none goes by the time.
			s.env.stamp = max(s.env.stamp, uint64(s.m.now()))
		}
	}
	from, moves, kind := s.key, s.raw == nil || s.intent >= newID, Kind("")
	switch {
	case s.raw == nil:
		kind = Created
	case s.intent >= newID:
		kind = Regenerated
	case !write && touch:
		kind = Renewed
	}
	out, err = s.swap(ctx, value, write || touch)
	if err != nil || s.dead {
		return outcome{}, err
	}
	s.base, s.saved = value, true
	if moves && s.m.moved != nil && s.env.user != "" {
		if err := s.m.moved(ctx, s.env.user, from, s.key, s.intent == signIn); err != nil {
			return outcome{}, err
		}
	}
	if kind != "" {
		s.m.emit(ctx, Event{Kind: kind, KeyHash: s.ID(), User: s.env.user})
	}
	out.send = write || send || s.resend || s.m.carried
	s.intent, s.ownMaxAge, s.resend = keep, false, false
	return out, nil
}

// swap puts the session's record into the store, where value is the encoding of V, and merges with what other requests
// have put there since it was loaded.
func (s *Session[T]) swap(ctx context.Context, value []byte, touch bool) (out outcome, err error) {
	now := s.m.now()
	if s.raw != nil && s.intent != signIn && now > s.until {
		// A limit has passed while the request ran, unless another request has extended the session.
		alive, err := s.reload(ctx)
		if err == nil && (!alive || now > s.until) {
			s.gone(ctx)
		}
		if err != nil || s.dead {
			return out, err
		}
	}
	put := Change{Key: s.key, Old: s.raw}
	id := s.id
	moves := s.raw == nil || s.intent >= newID
	if moves {
		id = drawID()
		put = Change{Key: s.m.tokens.Key(id)}
	}
	for range maxTries {
		payload, env := s.unite(value), s.env
		if touch {
			env.touched = max(env.touched, now)
		}
		if env.created == 0 {
			env.created = env.touched
		}
		if env.brief = 0; env.user == "" && s.m.cfg.Visitor != nil {
			var v T
			if err := s.m.decode(payload, &v); err != nil {
				return out, err
			}
			env.brief = max(0, s.m.cfg.Visitor(&v).Milliseconds())
		}
		put.New, put.Expiry = env.encode(payload), s.m.storeExpiry(env)
		if out, err = s.outcome(id, env, put.New, now); err != nil {
			return out, err
		}
		changes := []Change{put}
		if moves && s.raw != nil {
			changes = append(changes, Change{Key: s.key, Old: s.raw, Expiry: s.m.longestExpiry()})
		}
		made, err := s.m.cfg.Store.Swap(ctx, changes...)
		if err != nil {
			return out, err
		}
		if !made[len(made)-1] { // another request was quicker
			alive, err := s.reload(ctx)
			if err != nil {
				return out, err
			}
			if !alive && s.intent != signIn {
				s.gone(ctx)
				if moves {
					_, err = s.m.cfg.Store.Swap(ctx, Change{Key: put.Key, Old: put.New})
				}
				return out, err
			}
			if alive {
				if put.Old = s.raw; moves {
					put.Old = put.New // the new record is there already, and the old one is tried again
				}
				continue
			}
			// The old session is gone, but this one was just signed in to: its right comes from the credentials, and
			// not from the old session. Any other would be a way round a logout.
		}
		s.id, s.key, s.env, s.raw, s.until = id, put.Key, env, put.New, s.m.expiry(env)
		s.payload = s.raw[len(s.raw)-len(payload):]
		return out, nil
	}
	return out, ErrContention
}

// reload takes in what another request has stored since this one loaded the session. alive is false if that ended it,
// or gave it a new id.
func (s *Session[T]) reload(ctx context.Context) (alive bool, err error) {
	if s.base == nil { // what this request has changed is measured against what it loaded
		if s.base, err = s.encodeLoaded(); err != nil {
			return false, err
		}
	}
	records, err := s.m.cfg.Store.Find(ctx, s.key)
	if err != nil || records[0] == nil || s.m.carried { // a Carrier has a mark there
		return false, err
	}
	theirs, payload, err := decodeRecord(records[0])
	if err != nil {
		return false, nil
	}
	if !bytes.Equal(records[0], s.raw) {
		s.m.emit(ctx, Event{Kind: Merged, KeyHash: s.ID(), User: s.env.user})
	}
	s.raw, s.payload, s.until = records[0], payload, s.m.expiry(theirs)
	if !s.ownMaxAge {
		s.env.idle, s.env.browser = theirs.idle, theirs.browser
	}
	s.env.touched = max(s.env.touched, theirs.touched)
	return true, nil
}

// gone gives the session up, since somebody else ended it while this request ran: it must not come back. The handler's
// response stands, and does not mention the cookie: by now the browser may have that of a newer login. If it still has
// this one, that opens nothing.
func (s *Session[T]) gone(ctx context.Context) {
	s.m.emit(ctx, Event{Kind: Gone, KeyHash: s.ID(), User: s.env.user})
	s.dead, s.env = true, envelope{}
}

// finishEnd deletes what Destroy has ended.
func (s *Session[T]) finishEnd(ctx context.Context) error {
	if s.ended == nil {
		return nil
	}
	if err := s.m.erase(context.WithoutCancel(ctx), *s.ended); err != nil {
		return err
	}
	s.m.emit(ctx, Event{Kind: Destroyed, KeyHash: shortKey(s.ended.Key)})
	s.ended = nil
	return nil
}

// erase makes a change that deletes the record of a session, even if other requests change it meanwhile.
func (m *Manager[T]) erase(ctx context.Context, c Change) error {
	for range maxTries {
		made, err := m.cfg.Store.Swap(ctx, c)
		if err != nil || made[0] {
			return err
		}
		records, err := m.cfg.Store.Find(ctx, c.Key)
		if err != nil || records[0] == nil || m.carried { // a Carrier has a mark there
			return err
		}
		c.Old = records[0]
	}
	return ErrContention
}

// touchDue reports whether an unchanged session must be extended, and whether its cookie must be sent. As in koa,
// Renew asks for it when less than half of the time is left, and not yet at exactly half. Browser sessions have no
// Max-Age to renew, so only the server's record is extended.
func (s *Session[T]) touchDue() (due, send bool) {
	if s.raw == nil || s.saved {
		return false, false
	}
	idle, browser := s.m.idleFor(s.env)
	switch {
	case s.m.cfg.Rolling:
		return true, true
	case browser:
		return float64(s.m.now()-s.env.touched) >= browserGrain*float64(idle), false
	}
	return s.m.cfg.Renew && 2*(s.env.touched+idle-s.m.now()) < idle, true
}

// encode returns the encoding of V, and whether it differs from what was loaded or last saved.
func (s *Session[T]) encode() (value []byte, changed bool, err error) {
	if value, err = json.Marshal(&s.V); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrValue, err)
	}
	switch {
	case s.raw == nil: // no session is made for nothing
		return value, !bytes.Equal(value, s.m.zero) && string(value) != "{}" && string(value) != "null", nil
	case s.base == nil && bytes.Equal(value, s.payload):
		return value, false, nil
	case s.base == nil:
		if s.base, err = s.encodeLoaded(); err != nil {
			return nil, false, err
		}
	}
	return value, !bytes.Equal(value, s.base), nil
}

// encodeLoaded returns the encoding of what the record decodes to. That need not be the record's payload: it may be a
// merge, or hold fields of another version of T.
func (s *Session[T]) encodeLoaded() ([]byte, error) {
	var v T
	if err := s.m.decode(s.payload, &v); err != nil {
		return nil, err
	}
	return json.Marshal(&v)
}

// unite returns the payload to store: the record's, with this request's changes. That is value itself if the record
// holds nothing but what was loaded.
func (s *Session[T]) unite(value []byte) []byte {
	if s.raw == nil || s.base == nil || bytes.Equal(s.base, s.payload) {
		return value
	}
	return mergeFields(s.base, value, s.payload)
}

// outcome is what the browser must be sent to keep the session. now is in milliseconds.
func (s *Session[T]) outcome(id string, env envelope, record []byte, now int64) (out outcome, err error) {
	if _, browser := s.m.idleFor(env); !browser {
		out.maxAge = int(max(1, (s.m.cookieExpiry(env)-now)/1000))
	}
	out.token, err = s.m.tokens.Issue(id, s.m.stampKey(env.user), record)
	return out, err
}
