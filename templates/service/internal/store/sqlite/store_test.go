package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

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
	storetest.Run(t, func(t *testing.T) storetest.Store {
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
			storetest.MustPut(t, store, "k", []byte("v"), time.Now().Add(time.Hour))
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
		{"URI", "file:geheim.db?mode=memory", "name a file"},
		{"another store", "redis://:geheim@127.0.0.1:6379/0", "another store"},
		{"another database", "postgres://ann:geheim@127.0.0.1/db", "another store"},
		{"without slashes", "sqlite:geheim.db", "another store"},
		{"keywords", "host=/run/postgresql password=geheim dbname=db", "another store"},
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
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("Open(%q) = %q, which shows the password", c.path, err)
			}
		})
	}
	if left, _ := filepath.Glob("*:*"); left != nil {
		t.Errorf("Open made %q", left)
	}
}

// TestOpenRelative: names that only look a little like URLs are paths.
func TestOpenRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	names := []string{"sessions.db", "data/sessions=1.db", "./sessions=1.db"}
	if runtime.GOOS != "windows" {
		names = append(names, "./sessions:1.db", `C:\sessions.db`)
	}
	for _, name := range names {
		open(t, name)
		if _, err := os.Stat(name); err != nil {
			t.Error(err)
		}
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
