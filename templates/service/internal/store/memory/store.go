// Package memory keeps sessions in the memory of this process.
//
// It is bounded, so that a flood of visitors ends in errors (503 at the session layer) and not in a killed process;
// it takes about 200 bytes for a small session; and until the service stops it never holds its lock for more than about
// a millisecond, however many records there are. Sessions end with the process, unless Open is given a snapshot file:
// Close writes them there and the next Open reads them back, so that only a crash logs everybody out.
package memory

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// ErrFull is returned for a new record when the store holds as many as it may. Records that exist can still be changed.
var ErrFull = errors.New("memory store: full: raise maxRecords, or use a store outside the process")

const (
	maxRecords = 2_000_000 // the most that are kept at one time
	perLock    = 1000      // records that a sweep looks at before it lets others in
	perLook    = 10000     // records that a look for room goes through: a fraction of a millisecond
	lookPause  = 1000      // milliseconds after a look for room that found none
)

// Store is a session store. It is safe for concurrent use.
type Store struct {
	max      int
	snapshot string // the path of a file, or ""
	began    time.Time
	now      func() time.Time

	saving sync.Mutex
	closed bool // no further snapshot is written

	mu      sync.RWMutex
	records map[recordName]record
	looked  int64 // when the last look for room found none, in milliseconds since 1970
}

type record struct {
	expiry int64 // milliseconds since 1970
	data   string
}

// Open returns a store. url is the path of a snapshot file, or "" for none. A snapshot that is damaged, or could not be
// written when the time comes, is an error. One is written when ctx ends, too: a service that is killed while it waits
// for its last requests loses only what they changed.
func Open(ctx context.Context, url string) (*Store, error) {
	s, err := New(maxRecords, url, time.Now)
	if err == nil {
		context.AfterFunc(ctx, func() { _ = s.save(false) }) // Close reports it
	}
	return s, err
}

// New is Open with another bound and clock; only Close writes the snapshot.
func New(most int, snapshot string, now func() time.Time) (*Store, error) {
	s := &Store{max: most, snapshot: snapshot, began: now(), now: now, records: make(map[recordName]record)}
	return s, s.load()
}

// Began is the time from which the store has every record, or zero if a snapshot brought back the earlier ones.
func (s *Store) Began() time.Time { return s.began }

// Find implements session.Store.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	found := make([][]byte, len(keys))
	s.mu.RLock()
	defer s.mu.RUnlock()
	for i, key := range keys {
		if rec, ok := s.records[nameOf(key)]; ok && rec.expiry > now {
			found[i] = []byte(rec.data)
		}
	}
	return found, nil
}

// Swap implements session.Store. It returns ErrFull if there is no room for a new record.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := s.now().UnixMilli()
	made = make([]bool, len(changes))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range changes {
		if made[i], err = s.swap(c, now); err != nil {
			return nil, err
		}
	}
	return made, nil
}

func (s *Store) swap(c session.Change, now int64) (made bool, err error) {
	name := nameOf(c.Key)
	rec, exists := s.records[name]
	live := exists && rec.expiry > now
	if live != (c.Old != nil) || live && rec.data != string(c.Old) {
		return false, nil
	}
	if c.New == nil {
		delete(s.records, name)
		return true, nil
	}
	if !exists && !s.room(now) {
		return false, ErrFull
	}
	s.records[name] = record{c.Expiry.UnixMilli(), string(c.New)}
	return true, nil
}

// room reports whether one more record may be added. When the store is full it looks for expired ones among some
// records, wherever the map begins. If it finds none it does not look again for a second: a flood of new records must
// not cost more than an error each. The caller holds the lock.
func (s *Store) room(now int64) bool {
	since := now - s.looked // below 0 where the clock was set back
	if len(s.records) >= s.max && (since < 0 || since >= lookPause) {
		seen := 0
		for name, rec := range s.records {
			if rec.expiry <= now {
				delete(s.records, name)
			}
			if seen++; seen == perLook {
				break
			}
		}
		if len(s.records) == s.max {
			s.looked = now
		}
	}
	return len(s.records) < s.max
}

// Sweep removes at most limit expired records and returns how many. Fewer than limit: there are no more now.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	now := s.now().UnixMilli()
	s.mu.Lock()
	defer s.mu.Unlock()
	seen := 0
	for name, rec := range s.records {
		if err := ctx.Err(); err != nil || removed >= limit {
			return removed, err
		}
		if rec.expiry <= now {
			delete(s.records, name)
			removed++
		}
		if seen++; seen%perLock == 0 { // between two steps of an iteration Go allows changes of the map
			s.mu.Unlock()
			s.mu.Lock()
		}
	}
	return removed, nil
}

// Ping reports whether a new record could be written. It returns ErrFull if there is no room for one.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Swap(ctx, session.Change{Key: "ping", New: []byte{}, Expiry: s.now().Add(time.Minute)},
		session.Change{Key: "ping", Old: []byte{}})
	return err
}

// Close writes the snapshot, if there is to be one. Call it after the last request; a second call does nothing.
func (s *Store) Close() error {
	if err := s.save(true); err != nil {
		return fmt.Errorf("memory store: write snapshot: %w", err)
	}
	return nil
}

// recordName is the key in less space: the manager's keys are 32 hashed bytes as base64url. Any other key is hashed.
type recordName [sha256.Size]byte

var strict = base64.RawURLEncoding.Strict()

func nameOf(key string) (name recordName) {
	if len(key) == strict.EncodedLen(len(name)) {
		if n, err := strict.Decode(name[:], []byte(key)); err == nil && n == len(name) {
			return name
		}
	}
	return sha256.Sum256([]byte(key))
}
