package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m, sqlite.Open) }

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	store, err := sqlite.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}

func TestStore(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) session.Store {
		return open(t, filepath.Join(t.TempDir(), "sessions.db"))
	})
}

func TestOpenPath(t *testing.T) {
	t.Parallel()
	names := []string{"sessions.db", "a folder/that is/new.db", "100%25 odd?name#1&x=y.db", "sitzung-ü.db"}
	for _, name := range names {
		if runtime.GOOS == "windows" && strings.ContainsRune(name, '?') {
			continue // not a file name there
		}
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			store := open(t, path)
			if err := store.Commit(t.Context(), "k", []byte("v"), time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
			for _, file := range []string{path, path + "-wal"} {
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				if mode := info.Mode().Perm(); runtime.GOOS != "windows" && mode != 0o600 {
					t.Errorf("mode of %s = %o, want 600", filepath.Base(file), mode)
				}
			}
		})
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	text := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(text, []byte(strings.Repeat("this is not a database\n", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, path, want string }{
		{"empty path", "", "name a file"},
		{"in memory", ":memory:", "use the memory store"},
		{"URI", "file:sessions.db?mode=memory", "name a file"},
		{"NUL", "a\x00b", "NUL"},
		{"directory", dir, dir},
		{"other file", text, "not a database"},
		{"below a file", filepath.Join(text, "sessions.db"), "notes.txt"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			store, err := sqlite.Open(t.Context(), c.path)
			if err == nil {
				store.Close()
				t.Fatalf("Open(%q) = nil error, want one", c.path)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open(%q) = %q, want it to contain %q", c.path, err, c.want)
			}
		})
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if store, err := sqlite.Open(ctx, filepath.Join(t.TempDir(), "sessions.db")); err == nil {
		store.Close()
		t.Error("Open with a cancelled context = nil error, want one")
	}
}
