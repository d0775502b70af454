package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Find returns a copy of the live record's data. An unknown or expired key is not an error.
func (s *Store) Find(ctx context.Context, key string) (data []byte, found bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	err = s.pool.QueryRow(ctx, `SELECT data FROM sessions WHERE key = $1 AND expiry > now()`, key).Scan(&data)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil, false, nil
	case err != nil:
		return nil, false, fmt.Errorf("find session: %w", err)
	}
	return data, true, nil
}

// Commit writes the record, whether it exists or not. An expiry that is not in the future deletes it.
func (s *Store) Commit(ctx context.Context, key string, data []byte, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return s.Delete(ctx, key)
	}
	if data == nil {
		data = []byte{} // nil would be NULL
	}
	_, err := s.exec(ctx, `INSERT INTO sessions (key, data, expiry) VALUES ($1, $2, $3)
		ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`, key, data, expiry)
	if err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	return nil
}

// Delete removes the record. An unknown key is not an error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if _, err := s.exec(ctx, `DELETE FROM sessions WHERE key = $1`, key); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// Swap replaces the live record's data if they equal old. With old == nil it creates the record if there is no live
// one; with new == nil, or an expiry that is not in the future, it deletes the record if its data equal old.
// It says whether it did so. Each case is one statement, so that callers in all instances see either all of it or
// nothing; of two that change the same row the second looks at what the first has left (READ COMMITTED).
func (s *Store) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error) {
	remove := new == nil || !expiry.After(time.Now())
	var changed int64
	switch {
	case old == nil && remove: // nothing for nothing
		_, found, err := s.Find(ctx, key)
		return err == nil && !found, err
	case old == nil:
		changed, err = s.exec(ctx, `INSERT INTO sessions (key, data, expiry) VALUES ($1, $2, $3)
			ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry
			WHERE sessions.expiry <= now()`, key, new, expiry)
	case remove:
		changed, err = s.exec(ctx, `DELETE FROM sessions WHERE key = $1 AND data = $2 AND expiry > now()`, key, old)
	default:
		changed, err = s.exec(ctx, `UPDATE sessions SET data = $3, expiry = $4
			WHERE key = $1 AND data = $2 AND expiry > now()`, key, old, new, expiry)
	}
	if err != nil {
		return false, fmt.Errorf("swap session: %w", err)
	}
	return changed == 1, nil
}

// Touch gives the live record a new expiry. One that is not in the future ends the record; an unknown or expired key
// stays so, without an error.
func (s *Store) Touch(ctx context.Context, key string, expiry time.Time) error {
	if !expiry.After(time.Now()) {
		return s.Delete(ctx, key)
	}
	if _, err := s.exec(ctx, `UPDATE sessions SET expiry = $2 WHERE key = $1 AND expiry > now()`, key, expiry); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// Sweep removes expired records, at most limit of them (1000 if limit is below 1), and says how many. Fewer than
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

// exec runs one changing statement and says how many rows it changed.
func (s *Store) exec(ctx context.Context, query string, args ...any) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	tag, err := s.pool.Exec(ctx, query, args...)
	return tag.RowsAffected(), err
}
