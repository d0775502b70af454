// Package cookie keeps each session in its cookie, encrypted: no server-side record is needed to read one, any
// instance that knows the key can, and a restart ends none. What it cannot do:
//
//   - a session is limited to about 2900 bytes of data (4096 for the cookie);
//   - two requests that change one session at once are not merged: the browser keeps the later answer;
//   - only the instance that handled a logout knows of it, and only until it restarts: a copied cookie works on all
//     others until it expires. Choose a store on the server if that must not be.
//
// Which sessions were ended, and other small records, are kept in the memory of this process, a million of them at
// most. Open can be given the path of a file that carries them over a planned restart.
package cookie

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// ErrFull is returned for a new record, the end of a session included, when the store holds as many as it may.
var ErrFull = errors.New("cookie store: full: too many ended sessions and answered captchas: use a store on the server")

const (
	sessionPrefix = "session:"           // of the keys that Tokens.Key returns
	longestCookie = 400 * 24 * time.Hour // that a browser keeps: RFC 6265bis, section 5.5

	perLock   = 1000  // records that a sweep looks at before it lets others in
	perLook   = 10000 // records that a look for room goes through: a fraction of a millisecond
	lookPause = 1000  // milliseconds after a look for room that found none
)

// Store is a session.Carrier. It is safe for concurrent use.
type Store struct {
	max      int
	snapshot string // the path of a file, or ""
	began    time.Time

	saving sync.Mutex
	closed bool // no further snapshot is written

	mu      sync.Mutex
	records map[recordName]record
	looked  int64 // when the last look for room found none, in milliseconds since 1970
}

// record says that its session was ended, if its key is that of a session.
type record struct {
	expiry int64 // milliseconds since 1970
	data   string
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

var _ session.Carrier = (*Store)(nil)

// Open returns a store. url is the path of a snapshot file, or "" for none: Close writes the records there, and the
// next Open reads and removes it. One is written when ctx ends, too, for a service that is killed while it waits for
// its last requests. A snapshot that is damaged, or could not be written when the time comes, is an error.
func Open(ctx context.Context, url string) (*Store, error) {
	s := &Store{max: 1_000_000, snapshot: url, began: time.Now(), records: make(map[recordName]record)}
	if err := s.load(); err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { _ = s.save(false) }) // Close reports it
	return s, nil
}

// Began is the time from which the store has every record, or zero if a snapshot brought back the earlier ones.
func (s *Store) Began() time.Time { return s.began }

// Find implements session.Store. Of a session it returns an empty record if the session was ended, and otherwise nil.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := time.Now().UnixMilli()
	found := make([][]byte, len(keys))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, key := range keys {
		if rec, ok := s.records[nameOf(key)]; ok && rec.expiry > now {
			found[i] = []byte(rec.data)
		}
	}
	return found, nil
}

// Swap implements session.Store. A session is not kept here: what replaces it is in its token, and a change is made
// unless the session was ended. A change that removes a session ends it, until the change's Expiry, or for as long as a
// cookie can live. Swap returns ErrFull if there is no room for a new record.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := time.Now()
	made = make([]bool, len(changes))
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, c := range changes {
		if strings.HasPrefix(c.Key, sessionPrefix) {
			c = endMark(c, now)
		}
		if made[i], err = s.swap(c, now.UnixMilli()); err != nil {
			return nil, err
		}
	}
	return made, nil
}

// endMark turns the change of a session into one of the record that says that it was ended.
func endMark(c session.Change, now time.Time) session.Change {
	if c.New != nil {
		return session.Change{Key: c.Key} // none is there, and none is made
	}
	longest := now.Add(longestCookie)
	if c.Expiry.IsZero() || c.Expiry.After(longest) {
		c.Expiry = longest
	}
	return session.Change{Key: c.Key, New: []byte{}, Expiry: c.Expiry}
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
	if len(s.records) < s.max || since >= 0 && since < lookPause {
		return len(s.records) < s.max
	}
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
	return len(s.records) < s.max
}

// Sweep removes at most limit expired records and returns how many. Fewer than limit: there are no more now.
func (s *Store) Sweep(ctx context.Context, limit int) (removed int, err error) {
	now := time.Now().UnixMilli()
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
	return removed, ctx.Err()
}

// Ping reports whether a new record could be written. It returns ErrFull if there is no room for one.
func (s *Store) Ping(ctx context.Context) error {
	_, err := s.Swap(ctx, session.Change{Key: "ping", New: []byte{}, Expiry: time.Now().Add(time.Minute)},
		session.Change{Key: "ping", Old: []byte{}})
	return err
}

// Close writes the snapshot, if there is to be one. Call it after the last request; a second call does nothing.
func (s *Store) Close() error {
	if err := s.save(true); err != nil {
		return fmt.Errorf("cookie store: write snapshot: %w", err)
	}
	return nil
}
