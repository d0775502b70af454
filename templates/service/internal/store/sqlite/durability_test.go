package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestSurvivesKill(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	first := storetest.KillWriter(t, path, 500)
	store := open(t, path)
	storetest.WantAll(t, store, first)

	// The next writer is killed while this process has the file open.
	second := storetest.KillWriter(t, path, 500)
	storetest.WantAll(t, store, append(first, second...))
	storetest.MustPut(t, store, storetest.NewKey(), []byte{}, time.Now().Add(time.Hour))
}

func TestReopen(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	key := storetest.NewKey()
	store := open(t, path)
	storetest.MustPut(t, store, key, []byte(key), time.Now().Add(time.Hour))
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	storetest.WantAll(t, open(t, path), []string{key})
}

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	storetest.TwoProcesses(t, path, open(t, path))
}

// TestOpenAtOnce: each process that opens a new file switches it to the write-ahead log and migrates it, or finds that
// done.
func TestOpenAtOnce(t *testing.T) {
	t.Parallel()
	for range 5 {
		path := filepath.Join(t.TempDir(), "sessions.db")
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				store, err := sqlite.Open(t.Context(), path)
				if err != nil {
					t.Error(err)
					return
				}
				if err := store.Close(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	cases := []struct{ name, before, want string }{
		{"a newer schema", "PRAGMA user_version = 99", "run the newer program"},
		{"another program's table", "CREATE TABLE sessions (id INTEGER)", "another program"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sessions.db")
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Exec(c.before); err != nil {
				t.Fatal(err)
			}
			store, err := sqlite.Open(t.Context(), path)
			if err == nil {
				store.Close()
				t.Fatal("Open = nil error, want one")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open = %q, want it to contain %q", err, c.want)
			}
		})
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for pragma, want := range map[string]string{"journal_mode": "wal", "user_version": "1", "integrity_check": "ok"} {
		var got string
		if err := db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("PRAGMA %s = %q, %v; want %q", pragma, got, err, want)
		}
	}
}

// TestNoRowsLeft: what was removed is removed at once, not by the next Sweep, and a Ping leaves nothing.
func TestNoRowsLeft(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	store := open(t, path)
	key := storetest.NewKey()
	storetest.MustPut(t, store, key, []byte("x"), time.Now().Add(time.Hour))
	if made, err := store.Swap(t.Context(), session.Change{Key: key, Old: []byte("x")}); err != nil || !made[0] {
		t.Fatal(made, err)
	}
	if err := store.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows int
	if err := db.QueryRow("SELECT count(*) FROM sessions").Scan(&rows); err != nil || rows != 0 {
		t.Errorf("rows left = %d, %v; want 0", rows, err)
	}
}

// TestPingNoWrites: a database that takes no writes still answers, but no login would work.
func TestPingNoWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	store := open(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.Exec(`CREATE TRIGGER full BEFORE INSERT ON sessions BEGIN SELECT RAISE(FAIL, 'no room'); END`)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "no room") {
		t.Errorf("Ping = %v, want the error of a write", err)
	}
	if other, err := sqlite.Open(t.Context(), path); err == nil {
		other.Close()
		t.Error("Open of a file that takes no writes = nil, want an error")
	}
}

func TestSweepCounts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	store := open(t, path)
	for i := range 250 {
		storetest.MustPut(t, store, fmt.Sprintf("key%03d", i), []byte{}, time.Now().Add(time.Hour))
	}
	if n, err := store.Sweep(t.Context(), 100); err != nil || n != 0 {
		t.Errorf("Sweep before anything has expired = %d, %v; want 0, nil", n, err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("UPDATE sessions SET expiry = 1 WHERE key NOT LIKE '%0'"); err != nil {
		t.Fatal(err)
	}
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
