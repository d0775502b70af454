// Package postgres keeps sessions in a PostgreSQL table (version 9.5 or newer): the store for several instances of a
// service that has such a database anyway. The driver is pgx.
//
//	store, err := postgres.Open(ctx, "postgres://app:secret@db.internal:5432/app?sslmode=verify-full")
//	if err != nil {
//		return err
//	}
//	defer store.Close()
//
// # The URL
//
// It is a connection URL or a "host=... dbname=..." string, as libpq and psql take it; the PG* environment variables
// (PGHOST, PGPASSWORD, PGSSLMODE ...) fill in what it leaves out. Useful parameters:
//
//	sslmode=verify-full             encrypt, and check the server's certificate; the default is only "prefer"
//	host=a,b&target_session_attrs=read-write    two servers, and always the one that takes writes
//	pool_max_conns=20               connections; the default is 4, or the number of CPUs if that is more
//	connect_timeout=5               seconds for a new connection; the default is 2
//	search_path=accounts            the schema that holds the table
//	default_query_exec_mode=exec    behind PgBouncer in transaction mode before its version 1.21
//	synchronous_commit=off          commits ten times quicker, but a crash of the server loses the last half second
//	                                of them, logouts included
//
// # The table
//
// Open makes the table "sessions" and its index when they do not exist; several instances may start at once. A role
// that may not create tables is fine once someone else has run schema.sql. It needs SELECT, INSERT, UPDATE and DELETE,
// on a server that takes writes; Open writes a record of its own and removes it to find that out.
//
// # What is durable
//
// What a call has confirmed is on the server's disk, unless synchronous_commit is off. Expiry goes by the server's
// clock, one clock for all instances; keep the instances' clocks near it (NTP).
//
// # Expired records
//
// They are never found again, but stay in the table until Sweep removes them. Call it every few minutes until it
// removes fewer than its limit, as sweepEvery does. All instances may sweep at the same time.
//
// # Faults
//
// While the server is away, calls fail at once when it refuses connections, and after three seconds at most when it
// does not answer. Nothing has to be done when it is back: the next call connects again. A call that failed may still
// have been carried out, as ever when a connection breaks before the answer.
package postgres

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

const (
	callTimeout    = 3 * time.Second  // of one Find or Swap, waiting for a free connection included
	pingTimeout    = 2 * time.Second  // of one Ping
	connectTimeout = 2 * time.Second  // of one new connection
	sweepTimeout   = 30 * time.Second // of one Sweep, and of Open
)

//go:embed schema.sql
var schema string

// schemaLock is the number of the advisory lock that lets one instance at a time create the table. It has to be the
// same in all instances and unlikely in other programs: the letters "sessions".
const schemaLock = 0x73657373696f6e73

// Store is a session store in a PostgreSQL table. Make it with Open. It is safe for concurrent use.
type Store struct {
	pool *pgxpool.Pool
}

var _ session.Store = (*Store)(nil)

// Open connects to the server that url names, as the package documentation describes, and makes the table if it does
// not exist. It fails when the server cannot be reached now, or takes no writes.
//
// A call on the Store ends with its context, and after three seconds at the latest (Ping: two, Sweep: 30); a new
// connection gets two seconds, or connect_timeout. A record may have up to 1 GB; keys are text without NUL.
func Open(ctx context.Context, url string) (*Store, error) {
	config, err := parse(url)
	if err != nil {
		return nil, fmt.Errorf("open session store: %w", err)
	}
	if config.ConnConfig.ConnectTimeout <= 0 {
		config.ConnConfig.ConnectTimeout = connectTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("open session store: %w", err)
	}
	s := &Store{pool: pool}
	err = s.createTable(ctx)
	if err == nil {
		err = s.Ping(ctx)
	}
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("open session store: %w", err)
	}
	return s, nil
}

// createTable asks first whether the table is there, since CREATE needs a privilege even when it has nothing to do.
func (s *Store) createTable(ctx context.Context) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	// CREATE ... IF NOT EXISTS can fail when two sessions run it at the same time: hence the lock, held until commit.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock($1)`, int64(schemaLock)); err != nil {
		return err
	}
	var exists bool
	if err := tx.QueryRow(ctx, `SELECT to_regclass('sessions') IS NOT NULL`).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		if _, err := tx.Exec(ctx, schema); err != nil {
			return fmt.Errorf("create table: %w: "+
				"grant the role CREATE on the schema, or run schema.sql as its owner", err)
		}
	}
	if _, err := tx.Exec(ctx, `SELECT key, data, expiry FROM sessions LIMIT 0`); err != nil {
		return fmt.Errorf("check table: %w: grant the role its rights on the table sessions, "+
			"or name another schema with search_path if that table is another program's", err)
	}
	return tx.Commit(ctx)
}

// Close waits for the calls that are under way and closes the connections. Further calls do nothing; other methods
// fail.
func (s *Store) Close() error {
	s.pool.Close()
	return nil
}

// errForm hides the driver's error: it quotes what it takes for a name, and that may be half of a password.
var errForm = errors.New("STORE_URL cannot be read: the form is postgres://user:password@host:5432/database, where " +
	"you percent-encode special characters in the password (/ is %2F, ? is %3F, % is %25, @ is %40, also in the " +
	"parameters), or host=... password='...', where \\ goes before ' and \\")

// parameterName is the form of the server's parameters; those of extensions have a dot.
var parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$.]*$`)

// parse reads a URL, or a string of settings. Its errors do not show it, since it may hold a password.
func parse(url string) (*pgxpool.Config, error) {
	if scheme, rest, ok := strings.Cut(url, "://"); ok && (scheme == "postgres" || scheme == "postgresql") {
		authority, tail, _ := strings.Cut(rest, "/")
		if strings.Count(authority, "@") > 1 || strings.Contains(tail, "@") {
			return nil, errForm // the host would begin, or have ended, within a password
		}
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, describe(err)
	}
	for name := range config.ConnConfig.RuntimeParams {
		if !parameterName.MatchString(name) { // a URL of another scheme, taken for a setting
			return nil, errForm
		}
	}
	return config, nil
}

// describe leaves out of the driver's error the string that it quotes, in which the driver masks only some passwords.
func describe(err error) error {
	text := err.Error()
	i := strings.LastIndex(text, "`: ")
	if i < 0 || strings.Contains(text[i:], "failed to parse") {
		return errForm
	}
	return fmt.Errorf("STORE_URL: %s: the form is postgres://user:password@host:5432/database", text[i+len("`: "):])
}
