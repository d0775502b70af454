package postgres_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestServiceRestart(t *testing.T) {
	s := privateServer(t)
	url := newSchema(t, s.DSN())
	storetest.ServiceRestart(t, open(t, url), open(t, url), s.Stop, s.Start)
}

// The same with a server that does not answer for a while, and then does.
func TestServiceFrozen(t *testing.T) {
	t.Parallel()
	url, proxy := throughProxy(t)
	storetest.ServiceRestart(t, open(t, url), open(t, url), func() error { proxy.Silence(); return nil },
		func() error { proxy.Resume(); return nil })
}
