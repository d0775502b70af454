package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"
)

// Sweep removes expired records, at most limit of them (1000 if limit is below 1), and says how many. Fewer than
// limit: the whole table has been walked. A call goes on where the last one stopped, so that a pass over the table
// reads each page once, however many batches it takes; the search itself blocks no writer.
func (s *Store) Sweep(ctx context.Context, limit int) (int, error) {
	if limit < 1 {
		limit = 1000
	}
	s.sweepMu.Lock()
	defer s.sweepMu.Unlock()
	now := time.Now().UnixMilli()
	keys, err := s.expired(ctx, now, limit)
	if err == nil && len(keys) > 0 {
		err = s.removeExpired(ctx, keys, now)
	}
	if err != nil {
		return 0, fmt.Errorf("sweep sessions: %w", err)
	}
	s.sweepFrom = ""
	if len(keys) == limit {
		s.sweepFrom = keys[limit-1]
	}
	return len(keys), nil
}

func (s *Store) expired(ctx context.Context, now int64, limit int) ([]string, error) {
	rows, err := s.sweepFind.QueryContext(ctx, s.sweepFrom, now, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []string
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

// removeExpired removes the records in one transaction, save those that were written anew in the meantime.
func (s *Store) removeExpired(ctx context.Context, keys []string, now int64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	var tx *sql.Tx
	err := whileBusy(ctx, func() (err error) {
		tx, err = s.writer.BeginTx(ctx, nil)
		return err
	})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	remove := tx.StmtContext(ctx, s.sweepRemove)
	for _, key := range keys {
		if _, err := remove.ExecContext(ctx, key, now); err != nil {
			return err
		}
	}
	return tx.Commit()
}
