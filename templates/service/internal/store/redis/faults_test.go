package redis_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	storetest.Restart(t, open(t, "redis://"+s.addr()), s.stop, s.start)
}

func TestSilentServer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.Silent(t, open(t, "redis://"+proxy.Addr), proxy)
}

func TestLostAnswer(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.LostAnswer(t, open(t, "redis://"+proxy.Addr), proxy)
}

func TestRoundTrips(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	storetest.RoundTrips(t, open(t, "redis://"+proxy.Addr), proxy)
}
