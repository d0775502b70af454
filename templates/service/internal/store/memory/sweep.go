package memory

import "context"

// room counts one more record in. When the store is full it looks for expired ones in this shard and some others, and if that
// was in vain not again for a second: a flood of new records must not cost more than an error each.
func (s *Store) room(sh *shard, now int64) error {
	if s.count.Add(1) <= s.max {
		return nil
	}
	removed := 0
	if since := now - s.barren.Load(); since < 0 || since >= barrenFor { // below 0: the clock was set back
		removed = sh.sweep(now, len(sh.records))
		for i := 0; i < shardsPerLook && removed == 0; i++ {
			// The caller holds the lock of sh, so the others may be tried, but not waited for.
			if other := &s.shards[s.next.Add(1)%uint64(len(s.shards))]; other.TryLock() {
				removed += other.sweep(now, len(other.records))
				other.Unlock()
			}
		}
		if removed == 0 {
			s.barren.Store(now)
		}
	}
	if removed == 0 {
		s.count.Add(-1)
		return ErrFull
	}
	s.count.Add(-int64(removed))
	return nil
}

const (
	shardsPerLook = 16   // keeps a look for room well under a millisecond
	barrenFor     = 1000 // milliseconds
)

// Sweep removes at most limit expired records and returns how many. It goes on where the last call stopped, and stops after
// one round. The lock of one shard, about a thousand records, is held at a time.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	removed := 0
	for range s.shards {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		if removed >= limit {
			break
		}
		sh := &s.shards[s.next.Add(1)%uint64(len(s.shards))]
		sh.Lock()
		n := sh.sweep(s.now().UnixMilli(), limit-removed)
		s.count.Add(-int64(n))
		sh.Unlock()
		removed += n
	}
	return removed, nil
}
