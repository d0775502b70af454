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
		return fmt.Errorf("its schema version is %d and this program knows %d: "+
			"run the newer program, or name another file", version, len(steps))
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

// writer is a connection that writes, and its statements.
type writer struct {
	db                              *sql.DB
	absent, create, replace, remove *sql.Stmt
}

// prepare compiles every statement once. database/sql compiles it again on each further connection.
func (s *Store) prepare(ctx context.Context) error {
	type statement struct {
		stmt  **sql.Stmt
		db    *sql.DB
		query string
	}
	statements := []statement{
		{&s.findOne, s.readers, `SELECT data FROM sessions WHERE key = ? AND expiry > ?`},
		{&s.findAll, s.readers, `SELECT key, data FROM sessions
			WHERE key IN (SELECT value FROM json_each(?)) AND expiry > ?`},
		{&s.sweepFind, s.readers, `SELECT key FROM sessions WHERE key > ? AND expiry <= ? ORDER BY key LIMIT ?`},
		{&s.sweepRemove, s.writer.db, `DELETE FROM sessions WHERE key = ? AND expiry <= ?`},
	}
	for _, w := range []*writer{&s.writer, &s.durable} {
		statements = append(statements,
			statement{&w.absent, w.db, `SELECT NOT EXISTS (SELECT 1 FROM sessions WHERE key = ? AND expiry > ?)`},
			statement{&w.create, w.db, `INSERT INTO sessions (key, data, expiry) VALUES (?, ?, ?)
				ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry WHERE sessions.expiry <= ?`},
			statement{&w.replace, w.db, `UPDATE sessions SET data = ?, expiry = ? WHERE key = ? AND data = ? AND expiry > ?`},
			statement{&w.remove, w.db, `DELETE FROM sessions WHERE key = ? AND data = ? AND expiry > ?`},
		)
	}
	for _, st := range statements {
		err := whileBusy(ctx, func() (err error) {
			*st.stmt, err = st.db.PrepareContext(ctx, st.query)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
