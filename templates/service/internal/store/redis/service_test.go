package redis_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestServiceRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	url := "redis://" + s.addr()
	storetest.ServiceRestart(t, open(t, url), open(t, url), s.stop, s.start)
}

// The same with a server that does not answer for a while, and then does.
func TestServiceFrozen(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	proxy := storetest.NewProxy(t, s.addr())
	url := "redis://" + proxy.Addr
	storetest.ServiceRestart(t, open(t, url), open(t, url), func() error { proxy.Silence(); return nil },
		func() error { proxy.Resume(); return nil })
}
