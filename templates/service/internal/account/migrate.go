package account

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/mail"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
)

//go:embed migrations/*.sql
var migrations embed.FS

// steps are the migrations in their order, by name: the queue of mails, and the files of migrations/.
func steps() (names []string, text map[string]string, err error) {
	names, text = []string{"mails"}, map[string]string{"mails": mail.Schema}
	files, err := fs.Glob(migrations, "migrations/*.sql") // in the order of their numbers
	for _, name := range files {
		data, readErr := migrations.ReadFile(name)
		if readErr != nil {
			return nil, nil, readErr
		}
		names, text[name] = append(names, name), string(data)
	}
	return names, text, err
}

// Migrate brings the tables to what this program needs, and returns the names of the steps that it took. All steps are
// one transaction. It goes forward only; a step that only a newer program knows is left alone, since instances of both
// run side by side during an update.
//
// It may run in several processes at once: one does it, the others wait. Where nothing is to be done it needs no right
// to create tables, so that another role can have called it before.
func Migrate(ctx context.Context, db *sql.DB) (made []string, err error) {
	names, text, err := steps()
	if err != nil {
		return nil, err
	}
	open, err := pending(ctx, db, names)
	if err == nil && len(open) == 0 {
		return nil, nil
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	defer tx.Rollback()
	for _, statement := range []string{store.DatabaseLock, `CREATE TABLE IF NOT EXISTS migrations (
		name TEXT NOT NULL PRIMARY KEY, applied BIGINT NOT NULL)`} {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
	}
	open, err = pending(ctx, tx, names) // once more, now that nobody else migrates
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	for _, name := range open {
		if _, err := tx.ExecContext(ctx, text[name]); err != nil {
			return nil, fmt.Errorf("migrate, step %s: %w (is there a table of another program?)", name, err)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO migrations (name, applied) VALUES ($1, $2)`, name,
			time.Now().UnixMilli())
		if err != nil {
			return nil, fmt.Errorf("migrate, step %s: %w", name, err)
		}
	}
	return open, tx.Commit()
}

// pending are the steps that were not taken yet.
func pending(ctx context.Context, db querier, names []string) ([]string, error) {
	rows, err := db.QueryContext(ctx, `SELECT name FROM migrations`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	open := slices.Clone(names)
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		open = slices.DeleteFunc(open, func(step string) bool { return step == name })
	}
	return open, rows.Err()
}

// querier is a *sql.DB or a *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}
