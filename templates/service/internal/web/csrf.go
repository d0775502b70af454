package web

import (
	"errors"
	"net/http"

	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// newCSRF asks whoever is logged in for the session's token in each request that may change something (NIST SP
// 800-63B-4, section 5.1). The login and GET /me return it.
func newCSRF(a *app) (part, error) {
	return part{
		headers:    []string{session.TokenHeader},
		middleware: func(next http.Handler) http.Handler { return a.sessions.RequireToken(next) },
		profile:    func(s *visit, p *partProfile) { p.CSRFToken = s.CSRFToken() },
		explain: func(err error) *problem {
			if !errors.Is(err, session.ErrNoToken) {
				return nil
			}
			return &problem{status: http.StatusForbidden, name: "csrf_token",
				message: "the header X-CSRF-Token is not that of this session; GET /me returns it as csrfToken"}
		},
	}, nil
}
