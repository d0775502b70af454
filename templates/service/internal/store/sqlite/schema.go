package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
)

//go:embed schema.sql
var schema string

// migrate brings the file to the newest schema. PRAGMA user_version counts the steps that were made; a later change
// of the schema is one more step at the end of the list.
func migrate(ctx context.Context, db *sql.DB) error {
	steps := []string{schema}
	tx, err := db.BeginTx(ctx, nil) // immediate: a second process waits here
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var version int
	if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("its schema version is %d and this program knows %d: run the newer program, or name another file", version, len(steps))
	}
	for ; version < len(steps); version++ {
		if _, err := tx.ExecContext(ctx, steps[version]); err != nil {
			return fmt.Errorf("migrate to schema version %d: %w (is it the database of another program?)", version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
}

// prepare compiles every statement once. database/sql compiles it again on each further connection.
func (s *Store) prepare(ctx context.Context) error {
	for _, p := range []struct {
		stmt  **sql.Stmt
		db    *sql.DB
		query string
	}{
		{&s.find, s.readers, `SELECT data FROM sessions WHERE key = ? AND expiry > ?`},
		{&s.sweepFind, s.readers, `SELECT key FROM sessions WHERE key > ? AND expiry <= ? ORDER BY key LIMIT ?`},

		{&s.commit, s.writer, `INSERT INTO sessions (key, data, expiry) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry`},
		{&s.create, s.writer, `INSERT INTO sessions (key, data, expiry) VALUES (?, ?, ?)
			ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry WHERE sessions.expiry <= ?`},
		{&s.replace, s.writer, `UPDATE sessions SET data = ?, expiry = ? WHERE key = ? AND data = ? AND expiry > ?`},
		{&s.touch, s.writer, `UPDATE sessions SET expiry = ? WHERE key = ? AND expiry > ?`},
		{&s.sweepRemove, s.writer, `DELETE FROM sessions WHERE key = ? AND expiry <= ?`},

		{&s.remove, s.durable, `DELETE FROM sessions WHERE key = ?`},
		{&s.removeEqual, s.durable, `DELETE FROM sessions WHERE key = ? AND data = ? AND expiry > ?`},
	} {
		if err := whileBusy(ctx, func() (err error) {
			*p.stmt, err = p.db.PrepareContext(ctx, p.query)
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}
