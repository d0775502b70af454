package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Session is what the service remembers about a visitor between requests. Add fields of any type that JSON can
// encode; a field that is missing in an older session is its zero value. Short JSON names keep the record small;
// those of partFields are taken.
type Session struct {
	Username string `json:"u,omitempty"`

	partFields
}

// visit is the session of one request.
type visit = session.Session[Session]

// errStore marks a failure of the session store.
var errStore = errors.New("session store")

func (a *app) newSessions() (*session.Manager[Session], error) {
	c := a.cfg.Session
	c.Store = a.store
	c.Logger = a.log
	c.ErrorHandler = func(w http.ResponseWriter, r *http.Request, err error) { a.refuse(w, r, a.sessionError(err)) }
	for _, p := range a.parts {
		if p.sessions != nil {
			p.sessions(&c)
		}
	}
	m, err := session.New[Session](c)
	for _, p := range a.parts {
		if err == nil && p.manager != nil {
			err = p.manager(m)
		}
	}
	return m, err
}

// save commits the session where sessions are not committed by themselves (AutoCommit off). A handler that uses the
// session calls it before it answers, whether it changed something or not: Rolling and Renew take effect with it.
func (a *app) save(w http.ResponseWriter, r *http.Request) error {
	if a.cfg.Session.AutoCommit {
		return nil
	}
	return a.sessionError(a.sessions.Commit(w, r))
}

// sessionError says what an error of the session package means to a client.
func (a *app) sessionError(err error) error {
	if err == nil {
		return nil
	}
	for _, p := range a.parts {
		if p.explain != nil && p.explain(err) != nil {
			return p.explain(err)
		}
	}
	switch {
	case errors.Is(err, session.ErrNotFresh):
		return &problem{status: http.StatusUnauthorized, name: "login_again", message: "log in again to do this"}
	case session.Status(err) == http.StatusServiceUnavailable:
		return fmt.Errorf("%w: %w", errStore, err)
	default:
		return err
	}
}
