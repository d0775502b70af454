package postgres_test

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/postgres"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// private is the server of the whole test run, started by the first test that needs it.
var private struct {
	once   sync.Once
	server *server
	err    error
}

func TestMain(m *testing.M) {
	storetest.Main(m, postgres.Open)
	if private.server != nil {
		private.server.remove()
	}
}

func privateServer(t *testing.T) *server {
	t.Helper()
	private.once.Do(func() { private.server, private.err = startServer() })
	if private.err != nil {
		t.Skip(private.err)
	}
	return private.server
}

// dsn names a server and, in it, a schema of this test's own.
func dsn(t *testing.T) string {
	t.Helper()
	base := os.Getenv("TEST_POSTGRES_DSN")
	if base == "" {
		base = privateServer(t).dsn()
	}
	return newSchema(t, base)
}

func newSchema(t *testing.T, base string) string {
	t.Helper()
	schema := fmt.Sprintf("storetest_%x", time.Now().UnixNano())
	admin(t, base, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { admin(t, base, "DROP SCHEMA "+schema+" CASCADE") })
	return with(base, "search_path", schema)
}

// with adds a parameter to a connection string of either form.
func with(dsn, name, value string) string {
	switch {
	case !strings.Contains(dsn, "://"):
		return fmt.Sprintf("%s %s='%s'", dsn, name, value)
	case strings.Contains(dsn, "?"):
		return dsn + "&" + name + "=" + url.QueryEscape(value)
	default:
		return dsn + "?" + name + "=" + url.QueryEscape(value)
	}
}

// admin runs one statement beside the store. It outlives the test's context, for clean-up.
func admin(t *testing.T, dsn, query string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, query); err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, dsn string) *postgres.Store {
	t.Helper()
	store, err := postgres.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStore(t *testing.T) {
	url := with(dsn(t), "pool_max_conns", "4")
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, url) })
}

// The suite again, in the mode for old versions of PgBouncer.
func TestExecMode(t *testing.T) {
	url := with(with(dsn(t), "pool_max_conns", "4"), "default_query_exec_mode", "exec")
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, url) })
}

func TestTwoProcesses(t *testing.T) {
	url := dsn(t)
	storetest.TwoProcesses(t, url, open(t, url))
}

func TestSweepCounts(t *testing.T) {
	store := open(t, dsn(t))
	soon := time.Now().Add(3 * time.Second) // after the last of the writes, on a busy machine too
	for i := range 250 {
		expiry := time.Now().Add(time.Hour)
		if i%10 != 0 {
			expiry = soon
		}
		storetest.MustPut(t, store, fmt.Sprintf("key%03d", i), []byte{}, expiry)
	}
	time.Sleep(time.Until(soon.Add(10 * time.Millisecond)))
	for _, want := range []int{100, 100, 25, 0} {
		if n, err := store.Sweep(t.Context(), 100); err != nil || n != want {
			t.Errorf("Sweep(100) = %d, %v; want %d, nil", n, err, want)
		}
	}
	for i := 0; i < 250; i += 10 {
		if found, err := store.Find(t.Context(), fmt.Sprintf("key%03d", i)); err != nil || found[0] == nil {
			t.Errorf("Find(live record %d) after Sweep = %q, %v; want it", i, found, err)
		}
	}
}
