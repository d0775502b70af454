// Package accounttest gives tests a user table in a database of their own.
package accounttest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/account"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/sqlite"
)

// URL names a database without tables: a file, or where the project has PostgreSQL a schema of the server that
// TEST_POSTGRES_DSN names. Without one the test is skipped.
func URL(t testing.TB) string {
	t.Helper()
	if !strings.HasPrefix(config.StoreURL, "postgres") {
		return filepath.Join(t.TempDir(), "test.db")
	}
	url := os.Getenv("TEST_POSTGRES_DSN")
	if url == "" {
		t.Skip("no database: TEST_POSTGRES_DSN has to name a PostgreSQL server, as postgres://localhost:5432/test")
	}
	schema := fmt.Sprintf("accounttest_%x", time.Now().UnixNano())
	execute(t, url, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { execute(t, url, "DROP SCHEMA "+schema+" CASCADE") })
	switch {
	case !strings.Contains(url, "://"):
		return url + " search_path=" + schema
	case strings.Contains(url, "?"):
		return url + "&search_path=" + schema
	}
	return url + "?search_path=" + schema
}

func execute(t testing.TB, url, statement string) {
	t.Helper()
	ctx := context.WithoutCancel(t.Context()) // also to clean up
	db, err := store.Database(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(ctx, statement); err != nil {
		t.Error(err)
	}
}

// Open opens a user table at the StoreURL of cfg, whose mails stay in its outbox, and closes it after the test.
func Open(t testing.TB, cfg config.Config) *account.Accounts {
	t.Helper()
	a, err := account.New(cfg, func(string) string { return "" })
	if err == nil {
		err = a.Open(t.Context(), slog.New(slog.DiscardHandler)) // in development mails are logged
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// Mailed returns the token of the newest mail to an address with a link for a purpose, such as confirm or reset. It
// is "" if there is none.
func Mailed(t testing.TB, a *account.Accounts, to, purpose string) string {
	t.Helper()
	mails, err := a.Outbox().Recent(t.Context(), 50)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range mails {
		if _, link, ok := strings.Cut(m.Text, "/#"+purpose+"="); ok && m.To == to {
			return strings.Fields(link)[0]
		}
	}
	return ""
}
