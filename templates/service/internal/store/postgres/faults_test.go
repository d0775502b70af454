package postgres_test

import (
	"fmt"
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestRestart(t *testing.T) {
	s := privateServer(t)
	store := open(t, newSchema(t, s.dsn()))
	storetest.Restart(t, store, s.stop, s.start)
}

func TestSilentServer(t *testing.T) {
	s := privateServer(t)
	proxy := storetest.NewProxy(t, fmt.Sprintf("127.0.0.1:%d", s.port))
	url := newSchema(t, s.dsn())
	open(t, url) // the table
	store := open(t, with(with(url, "host", "127.0.0.1"), "port", proxy.Addr[len("127.0.0.1:"):]))
	storetest.Silent(t, store, proxy)
}
