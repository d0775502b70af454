package postgres

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Find implements session.Store, with one statement. The server keeps the plan for one or two keys, which is what a
// request asks for; for an array it would make a new plan each time, and that takes longer than all the rest.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	statement, args := `SELECT key, data FROM sessions WHERE key = ANY($1) AND expiry > now()`, []any{keys}
	if n := len(keys); n == 1 || n == 2 {
		statement = `SELECT key, data FROM sessions WHERE key IN ($1, $2) AND expiry > now()`
		args = []any{keys[0], keys[n-1]}
	}
	rows, err := s.pool.Query(ctx, statement, args...)
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	found := make([][]byte, len(keys))
	var key string
	var data []byte
	_, err = pgx.ForEachRow(rows, []any{&key, &data}, func() error {
		for i := range keys { // a few, unless it is the list of a user's sessions
			if keys[i] == key {
				found[i] = bytes.Clone(data)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	return found, nil
}

// Swap implements session.Store, with one batch, which the server runs as one transaction.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	made, err = s.swap(ctx, changes...)
	if err != nil {
		return nil, fmt.Errorf("swap sessions: %w", err)
	}
	return made, nil
}

// swap makes each change with one statement; of two callers who change the same row, the second one's statement sees
// what the first has left (READ COMMITTED). Rows stay locked until the end of the batch, so all callers take them in
// the order of their keys: otherwise two could wait for each other.
func (s *Store) swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	order := make([]int, len(changes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return strings.Compare(changes[a].Key, changes[b].Key) })
	made := make([]bool, len(changes))
	var batch pgx.Batch
	for _, i := range order {
		queue(&batch, changes[i]).Exec(func(tag pgconn.CommandTag) error {
			made[i] = tag.RowsAffected() == 1
			return nil
		})
	}
	return made, s.pool.SendBatch(ctx, &batch).Close()
}

// queue adds the statement that makes the change: it affects one row if it does, or else none.
func queue(batch *pgx.Batch, c session.Change) *pgx.QueuedQuery {
	switch {
	case c.Old == nil && c.New == nil:
		return batch.Queue(`SELECT WHERE NOT EXISTS (SELECT FROM sessions WHERE key = $1 AND expiry > now())`, c.Key)
	case c.Old == nil:
		return batch.Queue(`INSERT INTO sessions (key, data, expiry) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry
			WHERE sessions.expiry <= now()`, c.Key, c.New, c.Expiry)
	case c.New == nil:
		return batch.Queue(`DELETE FROM sessions WHERE key = $1 AND data = $2 AND expiry > now()`, c.Key, c.Old)
	default:
		return batch.Queue(`UPDATE sessions SET data = $3, expiry = $4 WHERE key = $1 AND data = $2 AND expiry > now()`,
			c.Key, c.Old, c.New, c.Expiry)
	}
}

// Sweep removes expired records, at most limit of them (1000 if limit is below 1), and returns how many. Fewer than
// limit: there are no more now. It passes over rows that another instance is sweeping or writing at the moment.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	if limit < 1 {
		limit = 1000
	}
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	tag, err := s.pool.Exec(ctx, `DELETE FROM sessions WHERE key IN (
		SELECT key FROM sessions WHERE expiry <= now() ORDER BY expiry LIMIT $1 FOR UPDATE SKIP LOCKED)`, limit)
	if err != nil {
		return 0, fmt.Errorf("sweep sessions: %w", err)
	}
	return int(tag.RowsAffected()), nil
}

// Ping implements session.Store: it writes a record of its own and removes it, in one batch.
func (s *Store) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	key, data := "ping:"+rand.Text(), []byte{}
	_, err := s.swap(ctx, session.Change{Key: key, New: data, Expiry: time.Now().Add(time.Minute)},
		session.Change{Key: key, Old: data})
	if err != nil {
		return fmt.Errorf("ping session store: %w", err)
	}
	return nil
}
