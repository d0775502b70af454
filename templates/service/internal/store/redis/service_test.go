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
