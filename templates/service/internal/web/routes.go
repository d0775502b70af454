// Package web is the HTTP side of the service: routes, handlers and the
// middleware around them.
//
//	handler, err := web.New(cfg, store, accounts, log)
//	http.ListenAndServe(cfg.Addr, handler)
//
// Every answer is JSON of the form {message, state, result}; state is 1 for
// success and 0 for an error, whose name stands in result.error. A handler
// returns its error, and respond.go alone turns errors into answers.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/cors"
	"github.com/sessionseed/sessionseed/templates/service/internal/ratelimit"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
)

// Logins for one client address, right or wrong: enough for an office behind one
// address, too few to guess passwords.
const (
	loginsPerMinute = 10
	loginsBurst     = 10
)

// app is what the handlers share. It does not change after New.
type app struct {
	cfg         config.Config
	log         *slog.Logger
	now         func() time.Time
	store       session.Store
	sessions    *session.Manager[Session]
	accounts    Authenticator
	logins      *ratelimit.Limiter
	cors        *cors.Middleware
	crossOrigin *http.CrossOriginProtection
	//sessionseed:if captcha
	codes *codes
	//sessionseed:end
	//sessionseed:if pow
	works *works
	//sessionseed:end
}

// routes lists every route. A pattern for GET serves HEAD as well.
func (a *app) routes() *http.ServeMux {
	mux := http.NewServeMux()
	//sessionseed:if captcha
	mux.Handle("GET /code", a.answer(a.getCode))
	//sessionseed:end
	//sessionseed:if pow
	mux.Handle("GET /code/work", a.answer(a.getWork))
	//sessionseed:end
	mux.Handle("POST /login", a.answer(a.postLogin))
	mux.Handle("POST /logout", a.answer(a.postLogout))
	mux.Handle("POST /logout/others", a.answer(a.postLogoutOthers))
	mux.Handle("GET /me", a.answer(a.getMe))
	if a.cfg.Session.MaxSessions > 0 {
		mux.Handle("GET /sessions", a.answer(a.getSessions))
		mux.Handle("DELETE /sessions/{id}", a.answer(a.deleteSession))
	}
	mux.Handle("GET /healthz", a.answer(a.getHealth))
	mux.Handle("GET /readyz", a.answer(a.getReady))
	mux.Handle("/", a.notFound(mux))
	return mux
}

// handler puts the middleware around the routes; a request passes it from top to
// bottom. CORS stands outside everything that can refuse a request, so that a
// front end can read the refusal, and answers a preflight before any session.
func (a *app) handler() http.Handler {
	var h http.Handler = a.routes()
	stack := []func(http.Handler) http.Handler{
		a.behindProxy, // with TRUST_PROXY
		a.recovered,
		a.headers,
		a.accessLog,
		a.cors.Wrap,
		a.devHints, // with DEV
		a.crossOrigin.Handler,
		limitBody,
		a.sessions.Middleware,
		a.requireToken, // with csrfToken
	}
	for _, middleware := range slices.Backward(stack) {
		h = middleware(h)
	}
	return h
}

// New builds the handler of the whole service. The store stays the caller's to
// close, after the last request.
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
		now:      time.Now,
		store:    store,
		accounts: accounts,
		logins:   ratelimit.New(ratelimit.Options{Rate: loginsPerMinute, Burst: loginsBurst}),
	}
	var err error
	var problems []error
	a.cors, err = cors.New(corsConfig(cfg))
	problems = append(problems, err)
	a.crossOrigin, err = a.protectOrigin()
	problems = append(problems, err)
	a.sessions, err = newSessions(a)
	problems = append(problems, err)
	//sessionseed:if captcha
	a.codes, err = newCodes(store)
	problems = append(problems, err)
	//sessionseed:end
	//sessionseed:if pow
	a.works, err = newWorks(cfg, store)
	problems = append(problems, err)
	//sessionseed:end
	return a, errors.Join(problems...)
}

// limitBody spares requests without a body the copy that MaxBytesHandler makes.
func limitBody(next http.Handler) http.Handler {
	limited := http.MaxBytesHandler(next, maxBody)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body == http.NoBody {
			next.ServeHTTP(w, r)
			return
		}
		limited.ServeHTTP(w, r)
	})
}
