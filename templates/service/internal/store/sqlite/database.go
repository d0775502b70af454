package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
)

// DatabaseLock is the statement with which a transaction keeps others from changing tables until it ends. Here a
// transaction of [Database] has the file for itself from its first moment on.
const DatabaseLock = `SELECT 1`

// Database opens the file of the sessions for other tables. What is committed is on the disk (synchronous FULL). A
// writer waits for others, those of the sessions included, at most two seconds.
func Database(ctx context.Context, path string) (*sql.DB, error) {
	path, err := prepareFile(path)
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	wait := fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())
	db, err := pool(path, max(4, runtime.GOMAXPROCS(0)), wait, "journal_mode(WAL)", "synchronous(FULL)")
	if err != nil {
		return nil, fmt.Errorf("open database %q: %w", path, err)
	}
	if err := whileBusy(ctx, func() error { return db.PingContext(ctx) }); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("open database %q: %w", path, err)
	}
	return db, nil
}
