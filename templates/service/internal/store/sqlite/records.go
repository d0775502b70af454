package sqlite

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Find implements session.Store, with one statement.
func (s *Store) Find(ctx context.Context, keys ...string) ([][]byte, error) {
	err := ctx.Err()
	found := make([][]byte, len(keys))
	// A read waits for nobody, so nothing has to end with ctx once it has begun.
	if err == nil && len(keys) == 1 {
		var data []byte
		err = s.findOne.QueryRow(keys[0], time.Now().UnixMilli()).Scan(&data)
		if errors.Is(err, sql.ErrNoRows) {
			err = nil
		} else {
			found[0] = notNil(data)
		}
	} else if err == nil {
		err = s.findSeveral(keys, found)
	}
	if err != nil {
		return nil, fmt.Errorf("find sessions: %w", err)
	}
	return found, nil
}

func (s *Store) findSeveral(keys []string, found [][]byte) error {
	list, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	rows, err := s.findAll.Query(string(list), time.Now().UnixMilli())
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		var data []byte
		if err := rows.Scan(&key, &data); err != nil {
			return err
		}
		for i := range keys { // there are a handful
			if keys[i] == key {
				found[i] = notNil(bytes.Clone(data))
			}
		}
	}
	return rows.Err()
}

// notNil turns nil, which the driver returns for an empty record, back into one.
func notNil(data []byte) []byte {
	if data == nil {
		return []byte{}
	}
	return data
}

// Swap implements session.Store. Several changes are one transaction.
func (s *Store) Swap(ctx context.Context, changes ...session.Change) (made []bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	made, err = s.swap(ctx, changes...)
	if err != nil {
		return nil, fmt.Errorf("swap sessions: %w", err)
	}
	return made, nil
}

// swap waits for its turn, at most as long as ctx lives. Once it has begun to write it does not stop.
func (s *Store) swap(ctx context.Context, changes ...session.Change) ([]bool, error) {
	if err := s.lock(ctx); err != nil {
		return nil, err
	}
	defer s.unlock()
	w := &s.writer
	if slices.ContainsFunc(changes, func(c session.Change) bool { return c.New == nil }) {
		w = &s.durable
	}
	made := make([]bool, len(changes))
	err := whileBusy(ctx, func() error { return w.swap(changes, made) })
	return made, err
}

func (w *writer) swap(changes []session.Change, made []bool) (err error) {
	now := time.Now().UnixMilli()
	if len(changes) == 1 { // a statement is a transaction of its own, and the quicker one
		made[0], err = w.change(changes[0], now, func(stmt *sql.Stmt) *sql.Stmt { return stmt })
		return err
	}
	tx, err := w.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	for i, c := range changes {
		if made[i], err = w.change(c, now, tx.Stmt); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// change runs the statement that makes the change, which affects one row if it does. in puts it into the transaction.
func (w *writer) change(c session.Change, now int64, in func(*sql.Stmt) *sql.Stmt) (made bool, err error) {
	var result sql.Result
	switch {
	case c.Old == nil && c.New == nil:
		err = in(w.absent).QueryRow(c.Key, now).Scan(&made)
		return made, err
	case c.Old == nil:
		result, err = in(w.create).Exec(c.Key, c.New, c.Expiry.UnixMilli(), now)
	case c.New == nil:
		result, err = in(w.remove).Exec(c.Key, c.Old, now)
	default:
		result, err = in(w.replace).Exec(c.New, c.Expiry.UnixMilli(), c.Key, c.Old, now)
	}
	if err != nil {
		return false, err
	}
	rows, err := result.RowsAffected()
	return rows == 1, err
}

// Ping implements session.Store: it writes a record of its own and removes it.
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

// lock waits for the turn to write, at most as long as ctx lives. Callers queue here, in memory and in order, so
// SQLite never sees two writers of this Store. Other writers to the file are left to whileBusy.
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

// Sweep removes expired records, at most limit of them (1000 if limit is below 1), and returns how many. Fewer than
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

// removeExpired removes the records in one transaction, save those that were written again in the meantime.
func (s *Store) removeExpired(ctx context.Context, keys []string, now int64) error {
	if err := s.lock(ctx); err != nil {
		return err
	}
	defer s.unlock()
	var tx *sql.Tx
	err := whileBusy(ctx, func() (err error) {
		tx, err = s.writer.db.BeginTx(ctx, nil)
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
