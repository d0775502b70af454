package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// errStore marks a failure of the session store.
var errStore = errors.New("session store")

// pingTimeout is how long the store may take to answer a readiness probe.
const pingTimeout = 2 * time.Second

// getHealth says that the process serves requests. It asks nothing else, so a
// store that is down does not get every instance restarted.
func (a *app) getHealth(w http.ResponseWriter, r *http.Request) error {
	return succeed(w, "alive", nil)
}

// getReady says whether logins can work, which needs the store.
func (a *app) getReady(w http.ResponseWriter, r *http.Request) error {
	if p, ok := a.store.(session.Pinger); ok {
		ctx, cancel := context.WithTimeout(r.Context(), pingTimeout)
		defer cancel()
		if err := p.Ping(ctx); err != nil {
			return fmt.Errorf("%w: %w", errStore, err)
		}
	}
	return succeed(w, "ready", nil)
}
