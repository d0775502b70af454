// Package memory keeps sessions in the memory of this process.
//
// It is bounded, so that a flood of visitors ends in errors (503 at the session layer) and not in a killed process; it takes
// about 200 bytes for a small session; and it never holds a lock longer than a look at one of its many shards takes. Sessions
// end with the process, unless Open is given the path of a snapshot file: then Close writes them there and the next
// Open reads them back, so that a planned restart logs nobody out. A crash does.
//
//	store, err := memory.Open(ctx, "sessions.snapshot")
//	if err != nil { ... }
//	defer store.Close()
package memory

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// ErrFull is returned for a new record when the store holds as many as it may. Changes of records that exist go on working.
var ErrFull = errors.New("memory store: full: raise MaxRecords, or use a store outside the process")

// Options are the limits of a store. The zero value is what Open uses.
type Options struct {
	// MaxRecords is the most records kept at one time. 0 means 2,000,000.
	MaxRecords int
	// Snapshot is the file that Close writes and New reads and removes. "" means none.
	Snapshot string
	// Now is the clock. nil means time.Now.
	Now func() time.Time
}

// Store is a session store. It is safe for concurrent use.
type Store struct {
	max      int64
	snapshot string
	now      func() time.Time
	count    atomic.Int64
	next     atomic.Uint64 // the shard where Sweep goes on
	barren   atomic.Int64  // when a look for room was in vain, in milliseconds since 1970
	close    sync.Once
	closeErr error
	shards   []shard
}

var (
	_ session.Store       = (*Store)(nil)
	_ session.Swapper     = (*Store)(nil)
	_ session.Toucher     = (*Store)(nil)
	_ session.Pinger      = (*Store)(nil)
	_ session.NonBlocking = (*Store)(nil)
)

// Open returns a store with the default limits. url is the path of a snapshot file, or "" for none. A snapshot that is
// damaged, or could not be written when the time comes, is an error.
func Open(_ context.Context, url string) (*Store, error) {
	return New(Options{Snapshot: url})
}

// New returns a store with these limits.
func New(o Options) (*Store, error) {
	if o.MaxRecords == 0 {
		o.MaxRecords = 2_000_000
	}
	if o.MaxRecords < 0 {
		return nil, fmt.Errorf("memory store: MaxRecords is %d: it cannot be negative", o.MaxRecords)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{max: int64(o.MaxRecords), snapshot: o.Snapshot, now: o.Now, shards: make([]shard, shardCount(o.MaxRecords))}
	if s.snapshot != "" {
		if err := s.checkWritable(); err != nil {
			return nil, err
		}
		if err := s.load(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Find implements session.Store.
func (s *Store) Find(ctx context.Context, key string) ([]byte, bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, false, err
	}
	name := nameOf(key)
	now := s.now().UnixMilli()
	sh := s.shard(name)
	sh.RLock()
	rec, found := sh.records[name]
	sh.RUnlock()
	if !found || rec.expiry() <= now {
		return nil, false, nil
	}
	return []byte(rec[expirySize:]), true, nil
}

// Commit implements session.Store. It returns ErrFull if there is no room for a new record.
func (s *Store) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	_, err := s.write(ctx, key, func(string, bool) bool { return true }, data, expiry)
	return err
}

// Delete implements session.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	_, err := s.write(ctx, key, func(string, bool) bool { return true }, nil, time.Time{})
	return err
}

// Swap implements session.Swapper.
func (s *Store) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (bool, error) {
	if new == nil {
		expiry = time.Time{}
	}
	return s.write(ctx, key, func(data string, found bool) bool {
		return found == (old != nil) && data == string(old)
	}, new, expiry)
}

// Touch implements session.Toucher.
func (s *Store) Touch(ctx context.Context, key string, expiry time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, now, until := nameOf(key), s.now().UnixMilli(), expiry.UnixMilli()
	sh := s.shard(name)
	sh.Lock()
	defer sh.Unlock()
	rec, found := sh.records[name]
	switch {
	case !found:
	case rec.expiry() <= now || until <= now:
		delete(sh.records, name)
		s.count.Add(-1)
	default:
		sh.records[name] = newRecord(until, rec[expirySize:])
	}
	return nil
}

// write replaces the record if allowed says so of what is there. An expiry in the past deletes it.
func (s *Store) write(ctx context.Context, key string, allowed func(data string, found bool) bool, data []byte, expiry time.Time) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	name, now, until := nameOf(key), s.now().UnixMilli(), expiry.UnixMilli()
	sh := s.shard(name)
	sh.Lock()
	defer sh.Unlock()
	rec, exists := sh.records[name]
	live, old := exists && rec.expiry() > now, ""
	if live {
		old = string(rec[expirySize:])
	}
	if !allowed(old, live) {
		return false, nil
	}
	switch {
	case until <= now && exists:
		delete(sh.records, name)
		s.count.Add(-1)
	case until <= now:
	default:
		if !exists {
			if err := s.room(sh, now); err != nil {
				return false, err
			}
		}
		if sh.records == nil {
			sh.records = make(map[recordName]record)
		}
		sh.records[name] = newRecord(until, data)
	}
	return true, nil
}

// Len returns how many records there are, expired ones that no sweep has met included.
func (s *Store) Len() int { return int(s.count.Load()) }

// Ping implements session.Pinger: memory is always there.
func (s *Store) Ping(ctx context.Context) error { return ctx.Err() }

// NonBlocking implements session.NonBlocking.
func (s *Store) NonBlocking() {}

// Close writes the snapshot, if there is to be one. Call it after the last request; a second call returns the same.
func (s *Store) Close() error {
	s.close.Do(func() {
		if s.snapshot != "" {
			s.closeErr = s.save()
		}
	})
	return s.closeErr
}

// record is the expiry in milliseconds since 1970 (8 bytes), and the data. One string costs less memory than a struct.
type record string

const expirySize = 8

func newRecord[B []byte | record](expiry int64, data B) record {
	var buf [512]byte // most records are small: one allocation, for the string
	b := binary.BigEndian.AppendUint64(buf[:0], uint64(expiry))
	return record(append(b, data...))
}

func (r record) expiry() int64 {
	var b [expirySize]byte
	copy(b[:], r)
	return int64(binary.BigEndian.Uint64(b[:]))
}
