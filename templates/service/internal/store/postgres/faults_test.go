package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/postgres"
	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestRestart(t *testing.T) {
	s := privateServer(t)
	store := open(t, newSchema(t, s.dsn()))
	storetest.Restart(t, store, s.stop, s.start)
}

func TestServiceRestart(t *testing.T) {
	s := privateServer(t)
	url := newSchema(t, s.dsn())
	storetest.ServiceRestart(t, open(t, url), open(t, url), s.stop, s.start)
}

func TestSilentServer(t *testing.T) {
	store, proxy := openThroughProxy(t)
	storetest.Silent(t, store, proxy)
}

func TestLostAnswer(t *testing.T) {
	store, proxy := openThroughProxy(t)
	storetest.LostAnswer(t, store, proxy)
}

func openThroughProxy(t *testing.T) (*postgres.Store, *storetest.Proxy) {
	t.Helper()
	s := privateServer(t)
	proxy := storetest.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", s.port))
	host, port, _ := strings.Cut(proxy.Addr, ":")
	url := with(with(newSchema(t, s.dsn()), "host", host), "port", port)
	return open(t, url), proxy
}
