package memory

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync"
)

// recordName is the key in half the space. The manager's keys are 32 hashed bytes as base64url; any other key is hashed.
type recordName [32]byte

var strict = base64.RawURLEncoding.Strict()

func nameOf(key string) (name recordName) {
	var in [43]byte
	if len(key) == len(in) {
		copy(in[:], key)
		if n, err := strict.Decode(name[:], in[:]); err == nil && n == len(name) {
			return name
		}
	}
	return sha256.Sum256([]byte(key))
}

// shard is a part of the records with its own lock. There are enough of them to keep each at about a thousand records, for
// then a look at all of one takes some ten microseconds.
type shard struct {
	sync.RWMutex
	records map[recordName]record
}

// shardCount returns a power of two.
func shardCount(maxRecords int) int {
	n := 16
	for n < maxRecords/1024 {
		n *= 2
	}
	return n
}

func (s *Store) shard(name recordName) *shard {
	return &s.shards[binary.LittleEndian.Uint64(name[:])&uint64(len(s.shards)-1)]
}

// sweep removes up to limit expired records. The caller holds the lock.
func (sh *shard) sweep(now int64, limit int) (removed int) {
	for name, rec := range sh.records {
		if removed >= limit {
			break
		}
		if rec.expiry() <= now {
			delete(sh.records, name)
			removed++
		}
	}
	return removed
}
