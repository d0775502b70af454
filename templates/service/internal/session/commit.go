package session

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

const (
	// maxTries bounds how often a save is tried again since another request was quicker. Each failed try means that another
	// one succeeded, so the bound is met only by a flood on one session.
	maxTries = 100
	// movedFor is how long a request may still be on its way with an id that was replaced.
	movedFor = time.Minute
)

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
	value, changed, err := s.encode()
	if err != nil {
		return out, err
	}
	write := changed || s.force
	extend, tell := false, false
	if s.raw != nil && !s.saved && !late && !write && !s.clear {
		extend, tell = s.touchDue()
	}
	if !write && !extend && !s.clear && !s.oldKey {
		return out, nil
	}
	if late && s.lateFor(write) {
		err = ErrLate
	}
	storeCtx, cancel := s.m.storeContext(ctx)
	defer cancel()
	if s.clear {
		if err := s.destroy(ctx, storeCtx); err != nil {
			return out, err
		}
		out.action = clearToken
	}
	switch {
	case write && late && (s.raw == nil || s.m.sealer != nil):
		return out, err
	case write:
		if value, saveErr := s.prepare(ctx, value); saveErr != nil {
			return out, saveErr
		} else if out, saveErr = s.write(ctx, storeCtx, value); saveErr != nil {
			return out, saveErr
		}
		s.force, s.rotate, s.ownMaxAge, s.signedIn, s.endOthers, s.oldKey = false, false, false, false, false, false
	case extend:
		return s.extend(ctx, storeCtx, tell || s.m.sealer != nil || s.oldKey)
	case s.oldKey && !late:
		s.oldKey = false
		return s.token()
	}
	return out, err
}

// lateFor reports whether the browser would have to be told, and cannot: about a new session, another age, or anything at all
// of a session that it holds itself.
func (s *Session[T]) lateFor(write bool) bool {
	if s.m.sealer != nil {
		return write || s.clear
	}
	return write && (s.raw == nil || s.clear || s.ownMaxAge)
}

// prepare runs before each write and returns the final encoding.
func (s *Session[T]) prepare(ctx context.Context, value []byte) ([]byte, error) {
	if s.m.cfg.BeforeSave != nil {
		s.m.cfg.BeforeSave(ctx, &s.V)
		var err error
		if value, _, err = s.encode(); err != nil {
			return nil, err
		}
	}
	s.env.touched = s.now()
	if s.env.created == 0 {
		s.env.created = s.env.touched
	}
	return value, nil
}

// encode returns the encoding of V, and whether it differs from what was loaded or last saved.
func (s *Session[T]) encode() (value []byte, changed bool, err error) {
	old := s.base()
	if s.raw == nil || s.clear {
		old = s.m.zero
	}
	value, same, err := s.m.encoder.encode(&s.V, old)
	switch {
	case err != nil:
		return nil, false, fmt.Errorf("%w: %w", ErrValue, err)
	case same:
		return value, false, nil
	case s.raw == nil || s.clear:
		return value, !s.m.empty(value), nil
	case s.seen == nil:
		// The record need not be the encoding of V even if V was left alone: it may be a merge, or hold fields of
		// another version of T. So V is compared with what the record decodes to.
		v := s.m.newValue()
		if err := s.m.cfg.Codec.Unmarshal(s.payload, &v); err != nil {
			return nil, false, fmt.Errorf("%w: decode it again: %w", ErrValue, err)
		}
		if s.seen, err = s.m.cfg.Codec.Marshal(&v); err != nil {
			return nil, false, fmt.Errorf("%w: %w", ErrValue, err)
		}
		return value, !bytes.Equal(value, s.seen), nil
	}
	return value, true, nil
}

// empty reports whether this is the encoding of an empty value, for which no session is made.
func (m *Manager[T]) empty(value []byte) bool {
	if bytes.Equal(value, m.zero) {
		return true
	}
	return m.isJSON && (string(value) == "{}" || string(value) == "null")
}

// write saves the session: in the token, as a new record, under a new id, or over the old record.
func (s *Session[T]) write(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	if err := s.stamp(storeCtx); err != nil {
		return outcome{}, err
	}
	switch {
	case s.m.sealer != nil:
		return s.writeSealed(ctx, storeCtx, value)
	case s.raw == nil:
		return s.create(ctx, storeCtx, value)
	case s.rotate:
		return s.move(ctx, storeCtx, value)
	default:
		return s.update(ctx, storeCtx, value)
	}
}

// stamp fetches the user's stamp after SignIn, and makes a new one for SignOutOthers.
func (s *Session[T]) stamp(storeCtx context.Context) (err error) {
	expiry := s.m.cfg.Now().Add(s.m.stampLife())
	switch {
	case s.endOthers:
		s.env.stamp, err = s.m.stamps.renew(storeCtx, s.env.user, expiry)
	case s.signedIn:
		s.env.stamp, err = s.m.stamps.forSignIn(storeCtx, s.env.user, expiry, s.m.sealer == nil)
	}
	return err
}

// create saves a session under an id that nobody has.
func (s *Session[T]) create(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	record := s.record(value)
	id, key, err := s.insert(storeCtx, record)
	if err != nil {
		return outcome{}, err
	}
	s.id, s.key = id, key
	s.stored(record, len(value), value)
	s.m.emit(ctx, Event{Kind: Created, KeyHash: s.ID(), User: s.env.user})
	return s.token()
}

func (s *Session[T]) insert(storeCtx context.Context, record []byte) (id, key string, err error) {
	for range 3 {
		if id, err = s.m.ids.make(storeCtx); err != nil {
			return "", "", err
		}
		key = storeKey(id)
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
		record := s.record(payload)
		swapped, err := s.m.swapper.Swap(storeCtx, s.key, s.raw, record, s.m.storeExpiry(s.env))
		if err != nil {
			return outcome{}, err
		}
		if swapped {
			s.stored(record, len(payload), value)
			return s.token()
		}
		if out, dead, err := s.catchUp(ctx, storeCtx); dead || err != nil {
			return out, err
		}
	}
	return outcome{}, ErrContention
}

// move saves the session under a new id, and then ends the old one. In this order a failure in between costs nothing.
func (s *Session[T]) move(ctx, storeCtx context.Context, value []byte) (outcome, error) {
	s.seen = s.base()
	payload := s.unite(value)
	record := s.record(payload)
	id, key, err := s.insert(storeCtx, record)
	if err != nil {
		return outcome{}, err
	}
	for range maxTries {
		swapped, err := s.m.swapper.Swap(storeCtx, s.key, s.raw, movedRecord(key), s.m.cfg.Now().Add(movedFor))
		if err != nil {
			return outcome{}, err
		}
		if !swapped {
			out, dead, err := s.catchUp(ctx, storeCtx)
			switch {
			case err != nil:
				return outcome{}, err
			case !dead:
				payload = s.unite(value)
				record = s.record(payload)
				if err := s.m.cfg.Store.Commit(storeCtx, key, record, s.m.storeExpiry(s.env)); err != nil {
					return outcome{}, err
				}
				continue
			case !s.signedIn:
				return out, s.m.cfg.Store.Delete(storeCtx, key)
			}
			// The old session is gone, but this one was just signed in to: its right comes from the credentials, and not from the
			// old session. Any other would be a way round a logout.
			s.dead = false
		}
		s.id, s.key = id, key
		s.stored(record, len(payload), value)
		s.m.emit(ctx, Event{Kind: Regenerated, KeyHash: s.ID(), User: s.env.user})
		return s.token()
	}
	return outcome{}, ErrContention
}

// catchUp takes in what another request has stored since this one loaded the session. dead means that it was ended, or got a
// new id: then it must not come back. The handler's answer stands, and the browser is told to drop the cookie, but not if there
// is a new id: it has that already.
func (s *Session[T]) catchUp(ctx, storeCtx context.Context) (out outcome, dead bool, err error) {
	current, found, err := s.m.cfg.Store.Find(storeCtx, s.key)
	if err != nil {
		return out, false, err
	}
	_, moved := movedTo(current)
	var theirs envelope
	payload, parseErr := theirs.parse(current)
	if !found || moved || parseErr != nil {
		if !moved {
			out.action = clearToken
		}
		s.gone(ctx)
		return out, true, nil
	}
	s.raw, s.payload = current, payload
	s.env = s.mergeEnvelope(theirs)
	s.m.emit(ctx, Event{Kind: Merged, KeyHash: s.ID(), User: s.env.user})
	return out, false, nil
}

func (s *Session[T]) gone(ctx context.Context) {
	s.dead = true
	s.m.emit(ctx, Event{Kind: Gone, KeyHash: s.ID(), User: s.env.user})
}

// extend moves the start of the idle limit. If another request has saved the session meanwhile, that did the same.
func (s *Session[T]) extend(ctx, storeCtx context.Context, tell bool) (outcome, error) {
	s.env.touched = s.now()
	record := touch(s.raw, s.env.touched)
	swapped := true
	if s.m.sealer == nil {
		var err error
		if swapped, err = s.m.swapper.Swap(storeCtx, s.key, s.raw, record, s.m.storeExpiry(s.env)); err != nil {
			return outcome{}, err
		}
	}
	if swapped {
		s.raw, s.payload = record, record[len(record)-len(s.payload):]
	} else {
		s.seen = s.base()
		if out, dead, err := s.catchUp(ctx, storeCtx); dead || err != nil {
			return out, err
		}
	}
	s.saved, s.oldKey = true, false
	s.m.emit(ctx, Event{Kind: Renewed, KeyHash: s.ID(), User: s.env.user})
	if !tell {
		return outcome{}, nil
	}
	return s.token()
}

// destroy ends the session in the store.
func (s *Session[T]) destroy(ctx, storeCtx context.Context) error {
	if s.id != "" {
		var err error
		if s.m.sealer != nil {
			err = s.m.stamps.end(storeCtx, s.id, s.m.cfg.Now().Add(s.m.stampLife()))
		} else {
			err = s.erase(storeCtx)
		}
		if err != nil {
			return err
		}
		s.m.emit(ctx, Event{Kind: Destroyed, KeyHash: s.ID()})
	}
	s.id, s.key, s.raw, s.payload, s.seen, s.oldKey, s.clear = "", "", nil, nil, nil, false, false
	return nil
}

// erase deletes the record, wherever other requests have moved it meanwhile: a logout ends what was logged in when it came.
func (s *Session[T]) erase(storeCtx context.Context) error {
	key, record := s.key, s.raw
	for range maxTries {
		if record != nil {
			swapped, err := s.m.swapper.Swap(storeCtx, key, record, nil, time.Time{})
			if err != nil || swapped {
				return err
			}
		}
		current, found, err := s.m.cfg.Store.Find(storeCtx, key)
		if err != nil || !found {
			return err
		}
		record = current
		if next, moved := movedTo(current); moved {
			key, record = next, nil
		}
	}
	return ErrContention
}

// base is the encoding of V as it was loaded or last saved: what this request's changes are measured against.
func (s *Session[T]) base() []byte {
	if s.seen != nil {
		return s.seen
	}
	return s.payload
}

func (s *Session[T]) record(value []byte) []byte {
	return s.env.append(make([]byte, 0, s.env.size()+len(value)), value)
}

// unite returns the payload to store: value, if the record held nothing but base, and otherwise the record's payload with
// this request's changes. The two differ if another request has changed the session, if an earlier save of this request was a merge,
// and if the record holds fields that T does not know.
func (s *Session[T]) unite(value []byte) []byte {
	if !s.m.isJSON || bytes.Equal(s.seen, s.payload) {
		return value
	}
	return mergeFields(s.seen, value, s.payload)
}

// stored notes what the store has now, and which encoding of V that stands for: after a merge the two differ.
func (s *Session[T]) stored(record []byte, payload int, value []byte) {
	s.raw, s.payload, s.seen, s.saved = record, record[len(record)-payload:], value, true
}

// token returns what the browser must be told to keep the session.
func (s *Session[T]) token() (outcome, error) {
	out := outcome{action: setToken, token: s.id, maxAge: browserAge}
	if _, browser := s.m.idleFor(s.env); !browser {
		out.maxAge = max(1, (s.m.expiry(s.env)-s.now())/1000)
	}
	switch {
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
