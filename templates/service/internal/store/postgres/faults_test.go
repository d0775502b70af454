package postgres_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/postgres"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestRestart(t *testing.T) {
	s := privateServer(t)
	store := open(t, newSchema(t, s.DSN()))
	storetest.Restart(t, store, s.Stop, s.Start)
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	store, proxy := openThroughProxy(t)
	storetest.Silent(t, store, proxy)
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	store, proxy := openThroughProxy(t)
	storetest.LostAnswer(t, store, proxy)
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	store, proxy := openThroughProxy(t)
	storetest.RoundTrips(t, store, proxy)
}

// TestReadOnly: a server that takes no writes fails a Ping, though it answers.
func TestReadOnly(t *testing.T) {
	base := privateServer(t).DSN()
	url := newSchema(t, base)
	store := open(t, url)
	key := storetest.NewKey()
	storetest.MustPut(t, store, key, []byte(key), time.Now().Add(time.Hour))
	readOnly := with(url, "default_transaction_read_only", "on")
	if store, err := postgres.Open(t.Context(), readOnly); err == nil || !strings.Contains(err.Error(), "read-only") {
		if err == nil {
			store.Close()
		}
		t.Errorf("Open of a read-only server = %v, want an error with read-only", err)
	}
	admin(t, base, "ALTER ROLE postgres SET default_transaction_read_only = on")
	t.Cleanup(func() { admin(t, with(base, "default_transaction_read_only", "off"), "ALTER ROLE postgres RESET ALL") })
	admin(t, with(base, "default_transaction_read_only", "off"),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "+
			"WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")
	var err error
	for range 2 { // the first call may find the connection that was ended
		err = store.Ping(t.Context())
	}
	if err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Errorf("Ping of a read-only server = %v, want an error with read-only", err)
	}
	storetest.WantAll(t, store, []string{key})
}

func openThroughProxy(t *testing.T) (*postgres.Store, *storetest.Proxy) {
	t.Helper()
	url, proxy := throughProxy(t)
	return open(t, url), proxy
}

// throughProxy names a schema of the private server, which all tests share, behind a proxy of the test's own.
func throughProxy(t *testing.T) (url string, proxy *storetest.Proxy) {
	t.Helper()
	s := privateServer(t)
	proxy = storetest.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", s.Port))
	host, port, _ := strings.Cut(proxy.Addr, ":")
	return with(with(newSchema(t, s.DSN()), "host", host), "port", port), proxy
}
