package session

import (
	"bytes"
	"context"
	"errors"
)

// write saves the session: in the token, as a new record, under a new id, or over the old record.
func (s *Session[T]) write(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	if s.signedIn {
		var err error
		if s.env.stamp, err = s.m.stamps.forSignIn(storeCtx, s.env.user, s.m.stampExpiry(), s.m.sealer == nil); err != nil {
			return outcome{}, err
		}
	}
	switch {
	case s.m.sealer != nil:
		return s.writeSealed(ctx, storeCtx, value)
	case s.raw == nil:
		return s.create(ctx, storeCtx, value)
	case s.rotate || s.timed:
		return s.move(ctx, storeCtx, value)
	default:
		return s.update(ctx, storeCtx, value)
	}
}

// signOutOthers does what SignOutOthers has asked for. ended means that somebody else was quicker, which ends this session too.
func (s *Session[T]) signOutOthers(storeCtx context.Context) (ended bool, err error) {
	e, stamps := s.ending, &s.m.stamps
	if e.stamp == 0 {
		if e.stamp, err = stamps.draw(); err != nil {
			return false, err
		}
	}
	replaced, err := stamps.replace(storeCtx, e.caller.user, e.stamp, s.m.stampExpiry(), func(current uint64) bool {
		return e.proven || !stamps.over(current, e.caller)
	})
	if err != nil {
		return false, err
	}
	s.ending = nil
	if s.env.user != e.caller.user || s.signedIn {
		return false, nil // since then Destroy or SignIn was called, and this session does not depend on that stamp
	}
	if replaced {
		s.env.stamp, s.restamped = e.stamp, true
	}
	return !replaced, nil
}

// create saves a session under an id that nobody has.
func (s *Session[T]) create(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	s.born()
	record := s.record(value, value)
	id, key, err := s.insert(storeCtx, record)
	if err != nil {
		return outcome{}, err
	}
	if err := s.enlist(storeCtx, "", key); err != nil {
		_ = s.m.cfg.Store.Delete(storeCtx, key) // nobody was told the id
		return outcome{}, err
	}
	s.id, s.key = id, key
	s.stored(record, len(value), value)
	s.m.emit(ctx, Event{Kind: Created, KeyHash: s.ID(), User: s.env.user})
	return s.token(s.env.touched)
}

func (s *Session[T]) insert(storeCtx context.Context, record []byte) (id, key string, err error) {
	for range 3 {
		if id, err = s.m.ids.make(storeCtx); err != nil {
			return "", "", err
		}
		key = s.m.storeKey(id)
		swapped, err := s.m.swapper.Swap(storeCtx, key, nil, record, s.m.storeExpiry(s.env))
		if err != nil || swapped {
			return id, key, err
		}
	}
	return "", "", errors.New("GenID returned ids that are in use")
}

// update writes over the record if it is still the one that was loaded, and merges with what came in between otherwise.
func (s *Session[T]) update(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	s.seen = s.base()
	for range maxTries {
		payload := s.unite(value)
		record := s.record(payload, value)
		swapped, err := s.m.swapper.Swap(storeCtx, s.key, s.raw, record, s.m.storeExpiry(s.env))
		if err != nil {
			return outcome{}, err
		}
		if swapped {
			s.stored(record, len(payload), value)
			return s.token(s.env.touched)
		}
		if ended, err := s.overtaken(ctx, storeCtx); ended || err != nil {
			return outcome{}, err
		}
	}
	return outcome{}, ErrContention
}

// overtaken is catchUp for a request whose session ends here if it was ended.
func (s *Session[T]) overtaken(ctx, storeCtx context.Context) (ended bool, err error) {
	if s.seen == nil {
		if s.seen, err = s.encodeLoaded(); err != nil {
			return false, err
		}
	}
	if ended, err = s.catchUp(ctx, storeCtx); ended {
		s.gone(ctx)
	}
	return ended, err
}

// catchUp takes in what another request has stored since this one loaded the session. ended means that it was ended, or got a
// new id.
func (s *Session[T]) catchUp(ctx, storeCtx context.Context) (ended bool, err error) {
	current, err := s.find(storeCtx)
	if err != nil {
		return false, err
	}
	_, moved := movedTo(current)
	var theirs envelope
	payload, parseErr := theirs.parse(current)
	if moved || parseErr != nil { // or there is none
		return true, nil
	}
	s.ends = s.m.expiry(theirs)
	if bytes.Equal(current, s.raw) {
		return false, nil
	}
	s.raw, s.payload, s.unnoted = current, payload, false
	s.env = s.mergeEnvelope(theirs)
	s.m.emit(ctx, Event{Kind: Merged, KeyHash: s.ID(), User: s.env.user})
	return false, nil
}

// gone gives the session up, since somebody else ended it while this request ran: it must not come back. The handler's answer stands,
// and says nothing about the cookie. To have it dropped would be wrong as often as not: the browser may have a newer one by now, of
// the login that ended this session. If it still has this one, that opens nothing.
func (s *Session[T]) gone(ctx context.Context) {
	s.m.emit(ctx, Event{Kind: Gone, KeyHash: s.ID(), User: s.env.user})
	s.dead, s.env = true, envelope{}
}

// record returns what to store for a payload, of which value is what this request's V encodes to.
func (s *Session[T]) record(payload, value []byte) []byte {
	s.env.author = 0
	if s.m.exact && !bytes.Contains(value, []byte(notUTF8)) && len(payload) == len(value) && (len(value) == 0 || &payload[0] == &value[0]) {
		s.env.author = s.m.author
	}
	return s.env.append(make([]byte, 0, s.env.size()+len(payload)), payload)
}

// stored notes what the store has now, and which encoding of V that stands for: after a merge the two differ.
func (s *Session[T]) stored(record []byte, payload int, value []byte) {
	s.raw, s.payload, s.seen, s.saved, s.unnoted = record, record[len(record)-payload:], value, true, false
	s.ends = s.m.expiry(s.env)
	s.keep()
	if s.env.author == s.m.author {
		s.m.recent.put(s.key, s.payload, s.loaded)
	}
}
