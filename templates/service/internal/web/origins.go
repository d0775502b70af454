package web

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// corsConfig is what a page on a listed origin may do. Add the request headers
// of your front end here.
func corsConfig(cfg config.Config) cors.Config {
	headers := []string{"Content-Type"}
	if cfg.Session.CSRFToken {
		headers = append(headers, session.TokenHeader)
	}
	return cors.Config{
		Origins:        cfg.CORSOrigins,
		Methods:        []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
		Headers:        headers,
		ExposedHeaders: []string{"Retry-After"},
		MaxAge:         10 * time.Minute,
	}
}

// protectOrigin refuses requests that change something and come from a page on
// another origin than the listed ones. SameSite does not stop a page on a
// sibling subdomain; this does (ASVS 3.5.1).
func (a *app) protectOrigin() (*http.CrossOriginProtection, error) {
	p := http.NewCrossOriginProtection()
	var problems []error
	for _, origin := range append([]string{a.cfg.PublicURL}, a.cfg.CORSOrigins...) {
		problems = append(problems, p.AddTrustedOrigin(origin))
	}
	p.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, &problem{status: http.StatusForbidden, name: "cross_origin",
			message: fmt.Sprintf("%s requests from the origin %q are refused; a front end belongs in CORS_ORIGINS", r.Method, r.Header.Get("Origin"))})
	}))
	return p, errors.Join(problems...)
}
