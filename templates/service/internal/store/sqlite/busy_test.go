package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"testing"
	"time"
)

// While another process is writing, reads go on and writes wait: for it, or until their context ends.
func TestAnotherProcessWrites(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "sessions.db")
	store := open(t, path)
	soon := time.Now().Add(time.Hour)
	if err := store.Commit(t.Context(), "k", []byte("v"), soon); err != nil {
		t.Fatal(err)
	}
	other, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE; INSERT INTO sessions (key, data, expiry) VALUES ('old', x'00', 1)"); err != nil {
		t.Fatal(err)
	}

	calls := map[string]func(context.Context) error{
		"Commit": func(ctx context.Context) error { return store.Commit(ctx, "k", []byte("w"), soon) },
		"Delete": func(ctx context.Context) error { return store.Delete(ctx, "k") },
		"Touch":  func(ctx context.Context) error { return store.Touch(ctx, "k", soon) },
		"Swap": func(ctx context.Context) error {
			_, err := store.Swap(ctx, "k", []byte("v"), []byte("w"), soon)
			return err
		},
	}
	for name, call := range calls {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		if err := call(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s = %v, want it to end with its context", name, err)
		}
		cancel()
	}
	if data, found, err := store.Find(t.Context(), "k"); string(data) != "v" || !found || err != nil {
		t.Errorf("Find = %q, %v, %v, want what no write has changed", data, found, err)
	}

	waiting := make(chan error)
	go func() { waiting <- calls["Commit"](t.Context()) }()
	select {
	case err := <-waiting:
		t.Fatalf("Commit did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	if _, err := other.Exec("COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-waiting; err != nil {
		t.Errorf("Commit after the other process is done = %v", err)
	}
	if data, _, _ := store.Find(t.Context(), "k"); string(data) != "w" {
		t.Errorf("data = %q, want those of the write that waited", data)
	}
	// What the other one left is swept as ever.
	if n, err := store.Sweep(t.Context(), 10); n != 1 || err != nil {
		t.Errorf("Sweep = %d, %v, want 1", n, err)
	}
}
