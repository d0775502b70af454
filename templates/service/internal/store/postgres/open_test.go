package postgres_test

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/postgres"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

// TestOpenAtOnce: instances that start at the same time must not trip over each other's CREATE TABLE.
func TestOpenAtOnce(t *testing.T) {
	url := dsn(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			store, err := postgres.Open(t.Context(), url)
			if err != nil {
				t.Error(err)
				return
			}
			store.Close()
		})
	}
	wg.Wait()
}

// TestOpenWithoutCreate: a role that may only use the table is enough once the table exists.
func TestOpenWithoutCreate(t *testing.T) {
	base := privateServer(t).DSN()
	url := newSchema(t, base)
	admin(t, base, "CREATE ROLE sessions_user LOGIN")
	t.Cleanup(func() { admin(t, base, "DROP OWNED BY sessions_user; DROP ROLE sessions_user") })
	asUser := strings.Replace(url, "postgres@", "sessions_user@", 1)
	_, schema, _ := strings.Cut(url, "search_path=")
	admin(t, base, "GRANT USAGE ON SCHEMA "+schema+" TO sessions_user")

	refused := func(rights, want string) {
		t.Helper()
		store, err := postgres.Open(t.Context(), asUser)
		if err == nil {
			store.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Open with the rights of %s = %v, want an error with %q", rights, err, want)
		}
	}
	refused("a new role, without the table", "grant the role CREATE")
	key := storetest.NewKey()
	storetest.MustPut(t, open(t, url), key, []byte(key), time.Now().Add(time.Hour))
	refused("a new role", "grant the role its rights")
	admin(t, base, "GRANT SELECT ON "+schema+".sessions TO sessions_user")
	refused("a reader", "permission denied")
	admin(t, base, "GRANT INSERT, UPDATE, DELETE ON "+schema+".sessions TO sessions_user")
	storetest.WantAll(t, open(t, asUser), []string{key})
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	// A port where nobody listens, and one where nobody answers.
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { silent.Close() })

	cases := []struct{ name, url, want string }{
		{"not a URL", "postgres://ann:geheim@host:port:5432/db", "the form is"},
		{"unknown scheme", "mysql://ann:geheim@127.0.0.1/db", "the form is"},
		{"slash in password", "postgres://ann:geheim/x@127.0.0.1:5432/db", "the form is"},
		{"percent in password", "postgres://ann:geheim%@127.0.0.1:5432/db", "percent-encode"},
		{"slash behind digits", "postgres://ann:12/geheim@127.0.0.1:5432/db", "percent-encode"},
		{"slash and question mark", "postgres://ann:12/geheim?x=1@127.0.0.1/db", "percent-encode"},
		{"slash and parameter", "postgresql://ann:12/x?geheim=1@127.0.0.1/db", "percent-encode"},
		{"two @", "postgres://ann:x@geheim@127.0.0.1/db", "percent-encode"},
		{"one slash", "postgres:/ann:geheim@127.0.0.1:1/db?sslmode=disable", "the form is"},
		{"another program's scheme", "postgresql+psycopg://ann:geheim@127.0.0.1:1/db?sslmode=disable", "the form is"},
		{"scheme in upper case", "Postgres://ann:x@geheim@127.0.0.1:1/db", "the form is"},
		{"spaces in a setting", "host=127.0.0.1 password=my geheim port=1", "the form is"},
		{"quote in a setting", "host=127.0.0.1 password='my'geheim' port=1", "the form is"},
		{"quote that stays open", "host=127.0.0.1 port=1 password = 'geheim", "the form is"},
		{"bad port beside a password", "host=127.0.0.1 port=x password = geheim", "port"},
		{"bad setting", "host=127.0.0.1 password = geheim target_session_attrs=some", "target_session_attrs"},
		{"bad parameter", "postgres://ann:geheim@127.0.0.1/db?pool_max_conns=many", "pool_max_conns"},
		{"refused connection", "postgres://ann:geheim@" + closed.Addr().String() + "/db?sslmode=disable", "connect"},
		{"silent server", "postgres://ann:geheim@" + silent.Addr().String() + "/db?sslmode=disable", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			begin := time.Now()
			store, err := postgres.Open(t.Context(), c.url)
			if err == nil {
				store.Close()
				t.Fatalf("Open(%q) = nil error, want one", c.url)
			}
			if took := time.Since(begin); took > storetest.Quick {
				t.Errorf("Open(%q) took %v, want at most %v", c.url, took, storetest.Quick)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("Open(%q) = %q, want it to contain %q", c.url, err, c.want)
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("Open(%q) = %q, which shows the password", c.url, err)
			}
		})
	}
}

func TestOpenCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if store, err := postgres.Open(ctx, "postgres://127.0.0.1:1/db"); err == nil {
		store.Close()
		t.Error("Open with a cancelled context = nil error, want one")
	}
}
