// Package web is the HTTP side of the service: routes, handlers and the middleware around them.
//
// Responses are JSON of the form {message, state, result}, unless a handler writes its own; state is 1 for success and
// 0 for an error, whose name is in result.error. A handler returns its error; respond.go makes a response of it.
//
// This package is yours. Add routes, middleware and fields of app in routes.go, what a session remembers in
// session.go. The optional parts are in files of their own (see parts.go).
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"slices"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// app is what the handlers share. It does not change after New.
type app struct {
	cfg         config.Config
	log         *slog.Logger
	store       session.Store
	sessions    *session.Manager[Session]
	accounts    Authenticator
	nameOf      func(typed string) string // the form in which names of users are compared
	logins      *ratelimit.Limiter        // by address, then by name
	hashing     chan struct{}             // holds one element for each password that is being checked
	cors        *cors.Middleware
	crossOrigin *http.CrossOriginProtection
	parts       []part
}

// routes lists every route except those of the optional parts. A pattern for GET serves HEAD as well.
func (a *app) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /login", a.answer(a.postLogin))
	mux.Handle("POST /logout", a.answer(a.postLogout))
	mux.Handle("POST /logout/others", a.answer(a.postLogoutOthers))
	mux.Handle("GET /me", a.answer(a.getMe))
	mux.Handle("GET /healthz", a.answer(a.getHealth))
	mux.Handle("GET /readyz", a.answer(a.getReady))
	mux.Handle("/", a.notFound(mux))
	for _, p := range a.parts {
		if p.routes != nil {
			p.routes(mux)
		}
	}
	return mux
}

// handler puts the middleware around the routes; a request passes it from top to bottom. CORS is outside
// everything that can refuse a request, so that a front end can read the refusal, and answers a preflight before
// any session.
func (a *app) handler() http.Handler {
	stack := []func(http.Handler) http.Handler{
		ratelimit.BehindProxies(a.cfg.TrustProxy),
		a.observed,
		a.headers,
		a.devHints, // with DEV
		a.cors.Wrap,
		a.guarded,
		limitBody,
		a.sessions.Middleware,
	}
	for _, p := range a.parts {
		if p.middleware != nil {
			stack = append(stack, p.middleware)
		}
	}
	var h http.Handler = a.routes()
	for _, middleware := range slices.Backward(stack) {
		h = middleware(h)
	}
	return h
}

// New builds the handler of the whole service. The caller closes the store, after the last request.
func New(cfg config.Config, store session.Store, accounts Authenticator, log *slog.Logger) (http.Handler, error) {
	a, err := newApp(cfg, store, accounts, log)
	if err != nil {
		return nil, err
	}
	return a.handler(), nil
}

func newApp(cfg config.Config, store session.Store, accounts Authenticator, log *slog.Logger) (*app, error) {
	a := &app{
		cfg:      cfg,
		log:      log,
		store:    store,
		accounts: accounts,
		nameOf:   func(typed string) string { return typed },
		logins:   ratelimit.New(ratelimit.Options{Rate: loginsPerMinute, Burst: loginsBurst}),
		hashing:  make(chan struct{}, max(1, runtime.GOMAXPROCS(0)-1)),
	}
	var errs [4]error
	a.parts, errs[0] = newParts(a)
	a.sessions, errs[1] = a.newSessions()
	a.cors, errs[2] = a.newCORS()
	a.crossOrigin, errs[3] = a.newCrossOrigin()
	return a, errors.Join(errs[:]...)
}
