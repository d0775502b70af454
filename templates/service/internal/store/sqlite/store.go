// Package sqlite keeps sessions in one SQLite file: the store for a service on one machine whose sessions have to
// outlive a restart. The driver is modernc.org/sqlite, which needs no C compiler.
//
//	store, err := sqlite.Open(ctx, "data/sessions.db")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//
// The URL is a plain file path, relative to the working directory or absolute. A missing folder is made (mode 0700),
// so is a missing file (mode 0600: whoever can read it can read every session's data). Beside it SQLite keeps the
// -wal and -shm files; they belong to it, so copy a live database with `sqlite3 sessions.db ".backup copy.db"` and
// never with cp. Use a local disk: SQLite's locks do not work on network file systems.
//
// # What is durable
//
// What Swap has confirmed survives the death of the process, kill -9 included. A power cut or a crash of the
// operating system can lose the last moments of it, never the file (journal_mode WAL, synchronous NORMAL). A removal,
// and so a logout, is on the disk when the call returns (synchronous FULL), since what it removed must not come
// back; it costs one fsync, a fraction of a millisecond to some milliseconds. The end of all sessions of a user
// (EndAll, SignOutOthers) is one record that is written like any other: after a power cut that comes within the next
// moments, do it again.
//
// # Expired records
//
// They are never found again, but stay in the file until Sweep removes them. Call it every few minutes until it
// removes fewer than its limit, as sweepEvery does. The file does not shrink; the room is used again.
//
// # Concurrency
//
// A Store is safe for concurrent use: one connection writes, several read and never wait for it. Several processes
// on one machine may open the same file (during a rolling restart, say). For a second machine take another store.
//
// An operator can look inside:
//
//	sqlite3 sessions.db "SELECT key, length(data), datetime(expiry/1000, 'unixepoch') FROM sessions LIMIT 10"
package sqlite

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	callTimeout = 3 * time.Second      // how long a write waits in all
	pingTimeout = 2 * time.Second      // how long a Ping waits in all
	busyTimeout = 2 * time.Second      // how long a write waits for another writer to the same file
	busyPause   = 2 * time.Millisecond // between two tries
)

// Store is a session store in a SQLite file. Make it with Open.
type Store struct {
	readers *sql.DB
	writer  writer        // one connection, synchronous NORMAL
	durable writer        // one connection, synchronous FULL, for removals
	writing chan struct{} // holds one token while writer or durable is in use: SQLite has one writer at a time

	findOne, findAll, sweepFind, sweepRemove *sql.Stmt

	sweepMu   sync.Mutex
	sweepFrom string // the key after which the next Sweep goes on

	closeOnce sync.Once
	closeErr  error
}

//go:embed schema.sql
var schema string

var _ session.Store = (*Store)(nil)

// writer is a connection that writes, and its statements.
type writer struct {
	db                              *sql.DB
	absent, create, replace, remove *sql.Stmt
}

// Open opens the database file at path, which the package documentation describes, and makes or migrates its table.
//
// It fails when the file takes no writes. No call waits longer than its context lives, nor a write longer than three
// seconds, two of them for another writer to the file. Keys and data have no limit of their own (SQLite's is 1
// GB for a record).
func Open(ctx context.Context, path string) (*Store, error) {
	path, err := prepareFile(path)
	if err != nil {
		return nil, fmt.Errorf("open session store: %w", err)
	}
	s := &Store{writing: make(chan struct{}, 1)}
	if err := s.open(ctx, path); err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open session store %q: %w", path, err)
	}
	return s, nil
}

// prepareFile checks path and creates the file, with the mode that SQLite will copy to the -wal and -shm files.
func prepareFile(path string) (string, error) {
	switch {
	case path == "":
		return "", errors.New("the path of the database file is empty: name a file, such as data/sessions.db")
	case strings.Contains(path, ":memory:"):
		return "", errors.New("the database would be in memory: " +
			"name a file, such as data/sessions.db, or use the memory store")
	case !isPath(path):
		// Not quoted, since it may hold a password.
		return "", errors.New("the path of the database file looks like a URL or the settings of another store: " +
			"name a file, such as data/sessions.db (./ goes before a name with : or =)")
	case strings.ContainsRune(path, 0):
		return "", fmt.Errorf("the path %q contains a NUL: remove it", path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", err
	}
	return path, f.Close()
}

// isPath reports whether it is a path and not a URL (redis://host, file:name, host=name): its first part has no : or =,
// but for the drive of C:\name.
func isPath(s string) bool {
	i := strings.IndexAny(s, `/\:=`)
	return i < 0 || s[i] == '/' || s[i] == '\\' || i == 1 && s[i] == ':'
}

func (s *Store) open(ctx context.Context, path string) error {
	var err error
	if s.writer.db, err = pool(path, 1, "journal_mode(WAL)", "synchronous(NORMAL)"); err != nil {
		return err
	}
	if err = whileBusy(ctx, func() error { return migrate(ctx, s.writer.db) }); err != nil {
		return err
	}
	if s.durable.db, err = pool(path, 1, "synchronous(FULL)"); err != nil {
		return err
	}
	// For the recovery after a crash; writers wait in whileBusy.
	wait := fmt.Sprintf("busy_timeout(%d)", busyTimeout.Milliseconds())
	if s.readers, err = pool(path, max(4, runtime.GOMAXPROCS(0)), "query_only(1)", wait); err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	return s.Ping(ctx)
}

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
			return fmt.Errorf("migrate to schema version %d: %w (is it the database of another program?)",
				version+1, err)
		}
	}
	if _, err := tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
		return err
	}
	return tx.Commit()
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
				ON CONFLICT (key) DO UPDATE SET data = excluded.data, expiry = excluded.expiry
				WHERE sessions.expiry <= ?`},
			statement{&w.replace, w.db, `UPDATE sessions SET data = ?, expiry = ?
				WHERE key = ? AND data = ? AND expiry > ?`},
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

// whileBusy repeats f while SQLite says that somebody else is writing, at most for busyTimeout and as long as ctx
// lives. SQLite's own busy_timeout would not do: it covers neither the switch to the write-ahead log nor the clean-up
// of a last connection (sqlite.org/wal.html, section 9), and to end such a wait with ctx the driver starts a
// goroutine for each call.
func whileBusy(ctx context.Context, f func() error) error {
	err := f()
	for end := time.Now().Add(busyTimeout); isBusy(err) && time.Now().Before(end); err = f() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(busyPause):
		}
	}
	return err
}

func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// pool returns up to size connections to the file, each set up by the pragmas.
func pool(path string, size int, pragmas ...string) (*sql.DB, error) {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // C:/data becomes file:///C:/data
	}
	query := url.Values{"_txlock": {"immediate"}, "_pragma": pragmas}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: query.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// Close waits for the calls that are under way and closes the file. Further calls do nothing; other methods fail.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		var errs []error
		// The writer last: SQLite moves the write-ahead log into the database when its last connection is closed.
		for _, db := range []*sql.DB{s.readers, s.durable.db, s.writer.db} {
			if db != nil {
				errs = append(errs, db.Close())
			}
		}
		if err := errors.Join(errs...); err != nil {
			s.closeErr = fmt.Errorf("close session store: %w", err)
		}
	})
	return s.closeErr
}
