package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Find returns a copy of the live record's data. An unknown or expired key is not an error.
func (s *Store) Find(ctx context.Context, key string) (data []byte, found bool, err error) {
	// A read waits for nobody, so nothing has to end with ctx once it has begun.
	if err = ctx.Err(); err == nil {
		err = s.find.QueryRowContext(context.WithoutCancel(ctx), key, time.Now().UnixMilli()).Scan(&data)
	}
	switch {
	case errors.Is(err, sql.ErrNoRows):
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
	if _, err := s.write(ctx, s.commit, key, blob(data), expiry.UnixMilli()); err != nil {
		return fmt.Errorf("commit session: %w", err)
	}
	return nil
}

// Delete removes the record and returns when that is on the disk. An unknown key is not an error.
func (s *Store) Delete(ctx context.Context, key string) error {
	if _, err := s.write(ctx, s.remove, key); err != nil {
		return fmt.Errorf("delete session: %w", err)
	}
	return nil
}

// Swap replaces the live record's data if they equal old. With old == nil it creates the record if there is no live
// one; with new == nil, or an expiry that is not in the future, it deletes the record if its data equal old.
// It says whether it did so. Other callers, in other processes too, see either all of it or nothing.
func (s *Store) Swap(ctx context.Context, key string, old, new []byte, expiry time.Time) (swapped bool, err error) {
	now := time.Now()
	remove := new == nil || !expiry.After(now)
	var changed int64
	switch {
	case old == nil && remove: // nothing for nothing
		_, found, err := s.Find(ctx, key)
		return err == nil && !found, err
	case old == nil:
		changed, err = s.write(ctx, s.create, key, new, expiry.UnixMilli(), now.UnixMilli())
	case remove:
		changed, err = s.write(ctx, s.removeEqual, key, old, now.UnixMilli())
	default:
		changed, err = s.write(ctx, s.replace, new, expiry.UnixMilli(), key, old, now.UnixMilli())
	}
	if err != nil {
		return false, fmt.Errorf("swap session: %w", err)
	}
	return changed == 1, nil
}

// Touch gives the live record a new expiry. One that is not in the future ends the record; an unknown or expired key
// stays so, without an error.
func (s *Store) Touch(ctx context.Context, key string, expiry time.Time) error {
	now := time.Now()
	if !expiry.After(now) {
		return s.Delete(ctx, key)
	}
	if _, err := s.write(ctx, s.touch, expiry.UnixMilli(), key, now.UnixMilli()); err != nil {
		return fmt.Errorf("touch session: %w", err)
	}
	return nil
}

// write runs one changing statement when it is its turn and says how many rows it changed. All that it waits for ends with
// ctx; the statement itself does not.
func (s *Store) write(ctx context.Context, stmt *sql.Stmt, args ...any) (changed int64, err error) {
	if err := s.lock(ctx); err != nil {
		return 0, err
	}
	defer s.unlock()
	err = whileBusy(ctx, func() error {
		result, err := stmt.ExecContext(context.WithoutCancel(ctx), args...)
		if err != nil {
			return err
		}
		changed, err = result.RowsAffected()
		return err
	})
	return changed, err
}

// lock waits for the turn to write, at most as long as ctx lives. Callers queue here, in memory and in order, so
// SQLite never sees two writers of this process and has no reason to answer SQLITE_BUSY.
func (s *Store) lock(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.writing <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Store) unlock() { <-s.writing }

// blob turns nil into an empty value, which the driver would store as NULL.
func blob(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}
