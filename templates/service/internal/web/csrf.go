package web

import (
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// requireToken asks whoever is logged in for the session's token in each
// request that may change something (NIST SP 800-63B-4, section 5.1), if the
// option csrfToken is on.
func (a *app) requireToken(next http.Handler) http.Handler {
	if !a.cfg.Session.CSRFToken {
		return next
	}
	return a.sessions.RequireToken(next)
}

// csrfToken is what the front end has to send, or "" if nothing.
func (a *app) csrfToken(s *session.Session[Session]) string {
	if !a.cfg.Session.CSRFToken {
		return ""
	}
	return s.CSRFToken()
}
