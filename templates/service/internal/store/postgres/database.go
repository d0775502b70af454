package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

// DatabaseLock is the statement with which a transaction keeps others from changing tables until it ends. Its number
// is the letters "accounts".
const DatabaseLock = `SELECT pg_advisory_xact_lock(7017561974736057459)`

// databaseConns are the connections besides those of the sessions: for logins, changes of accounts, and the outbox.
const databaseConns = 4

// Database opens the database of the sessions for other tables. The URL is that of [Open]; its pool_ parameters are
// those of the sessions' pool.
func Database(ctx context.Context, url string) (*sql.DB, error) {
	config, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	if config.ConnConfig.ConnectTimeout <= 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	db := stdlib.OpenDB(*config.ConnConfig)
	db.SetMaxOpenConns(databaseConns)
	db.SetMaxIdleConns(databaseConns)
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open database: %w", err)
	}
	return db, nil
}
