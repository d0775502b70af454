package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// newSessions makes the session manager from the settings.
func newSessions(a *app) (*session.Manager[Session], error) {
	cookie, life := a.cfg.Cookie, a.cfg.Session
	c := session.Defaults()
	c.Store = a.store
	c.Key = cookie.Name
	c.Keys = a.cfg.SessionKeys
	c.MaxAge = life.MaxAge
	c.AbsoluteMaxAge = life.AbsoluteMaxAge
	c.IdleTimeout = min(c.IdleTimeout, life.AbsoluteMaxAge)
	c.Rolling = life.Rolling
	c.Renew = life.Renew
	c.RotateEvery = life.RotateEvery
	c.MaxSessions = life.MaxSessions
	c.Signed = life.Signed
	c.Overwrite = life.Overwrite
	c.AutoCommit = life.AutoCommit
	c.HTTPOnly = cookie.HTTPOnly
	c.Secure = cookie.Secure
	c.Partitioned = cookie.Partitioned
	c.SameSite = sameSite(cookie.SameSite)
	c.Domain = cookie.Domain
	c.Path = cookie.Path
	c.Logger = a.log
	c.ErrorHandler = a.sessionFailed
	return session.New[Session](c)
}

// save commits the session where sessions are not committed by themselves
// (AutoCommit off). A handler that looked at the session calls it before it
// answers, whether it changed something or not: Rolling, Renew and RotateEvery
// take effect with it.
func (a *app) save(w http.ResponseWriter, r *http.Request) error {
	if a.cfg.Session.AutoCommit {
		return nil
	}
	return sessionError(a.sessions.Commit(w, r))
}

// sessionFailed answers when a session could not be loaded or saved, in place of
// the handler's own answer.
func (a *app) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, session.ErrNotFresh) || errors.Is(err, session.ErrNoToken) {
		if saveErr := a.save(w, r); saveErr != nil { // the session itself is fine
			err = saveErr
		}
	}
	a.fail(w, r, sessionError(err))
}

// sessionError marks the errors of the session package that are the store's, and
// tells a client which must log in again to do so.
func sessionError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, session.ErrNotFresh):
		return &problem{status: http.StatusUnauthorized, name: "login_again", message: "log in again to do this"}
	case errors.Is(err, session.ErrNoToken):
		return &problem{status: http.StatusForbidden, name: "csrf_token", message: "the header " + session.TokenHeader + " is not that of this session; GET /me tells it as csrfToken"}
	case session.Status(err) == http.StatusServiceUnavailable:
		return fmt.Errorf("%w: %w", errStore, err)
	default:
		return err
	}
}

// sameSite turns the setting into net/http's constant.
func sameSite(name string) http.SameSite {
	switch name {
	case "strict":
		return http.SameSiteStrictMode
	case "none":
		return http.SameSiteNoneMode
	default:
		return http.SameSiteLaxMode
	}
}
