package postgres_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/golden/postgrestest"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/postgres"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestMain(m *testing.M) {
	storetest.Main(m, postgres.Open)
	postgrestest.Stop()
}

// What the tests of this package call often.
var (
	privateServer = postgrestest.Private
	dsn           = postgrestest.DSN
	newSchema     = postgrestest.Schema
	with          = postgrestest.With
	admin         = postgrestest.Admin
)

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
	url := dsn(t)
	store := open(t, url)
	for i := range 250 {
		storetest.MustPut(t, store, fmt.Sprintf("key%03d", i), []byte{}, time.Now().Add(time.Hour))
	}
	if n, err := store.Sweep(t.Context(), 100); err != nil || n != 0 {
		t.Errorf("Sweep before anything has expired = %d, %v; want 0, nil", n, err)
	}
	admin(t, url, "UPDATE sessions SET expiry = now() - interval '1 ms' WHERE key NOT LIKE '%0'")
	for _, want := range []int{100, 100, 25, 0} {
		if n, err := store.Sweep(t.Context(), 100); err != nil || n != want {
			t.Errorf("Sweep(100) = %d, %v; want %d, nil", n, err, want)
		}
	}
	for i := 0; i < 250; i += 10 {
		if found, err := store.Find(t.Context(), fmt.Sprintf("key%03d", i)); err != nil || found[0] == nil {
			t.Errorf("Find(live record %d) after Sweep = %#v, %v; want it", i, found, err)
		}
	}
}
