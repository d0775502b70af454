package postgres_test

import (
	"testing"

	"github.com/sessionseed/sessionseed/templates/service/internal/store/storetest"
)

func TestServiceRestart(t *testing.T) {
	s := privateServer(t)
	url := newSchema(t, s.dsn())
	storetest.ServiceRestart(t, open(t, url), open(t, url), s.stop, s.start)
}
