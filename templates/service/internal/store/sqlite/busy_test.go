package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// While another process is writing, reads go on and writes wait: for it, or until their context ends.
func TestAnotherProcessWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	store := open(t, path)
	soon := time.Now().Add(time.Hour)
	storetest.MustPut(t, store, "k", []byte("v"), soon)
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	_, err = other.Exec("BEGIN IMMEDIATE; INSERT INTO sessions (key, data, expiry) VALUES ('old', x'00', 1)")
	if err != nil {
		t.Fatal(err)
	}

	swap := func(changes ...session.Change) func(context.Context) error {
		return func(ctx context.Context) error { _, err := store.Swap(ctx, changes...); return err }
	}
	replace := session.Change{Key: "k", Old: []byte("v"), New: []byte("w"), Expiry: soon}
	calls := map[string]func(context.Context) error{
		"Swap":           swap(replace),
		"Swap of two":    swap(session.Change{Key: "l", New: []byte("v"), Expiry: soon}, replace),
		"Swap to remove": swap(session.Change{Key: "k", Old: []byte("v")}),
		"Ping":           store.Ping,
	}
	for name, call := range calls {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s = %v, want it to end with its context", name, err)
		}
		cancel()
	}
	if found, err := store.Find(t.Context(), "k", "l"); err != nil || string(found[0]) != "v" || found[1] != nil {
		t.Errorf("Find = %q, %v, want what no write has changed", found, err)
	}

	waiting := make(chan error)
	go func() { waiting <- calls["Swap"](t.Context()) }()
	select {
	case err := <-waiting:
		t.Fatalf("Swap did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Errorf("Swap after the other process is done = %v", err)
	}
	if found, err := store.Find(t.Context(), "k"); err != nil || string(found[0]) != "w" {
		t.Errorf("Find = %q, %v, want the write that waited", found, err)
	}
	// What the other one left is swept as ever.
	if n, err := store.Sweep(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want 1", n, err)
	}
}
