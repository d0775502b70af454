package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	account "github.com/sessionseed/sessionseed/templates/service/internal/account/env"
	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	"github.com/sessionseed/sessionseed/templates/service/internal/session"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
)

// Sessions is what a service mounts: [Sessions.Handler] for everything, or Middleware, [Sessions.CORS] and the routes
// apart. Its methods are safe for concurrent use.
//
//	s := sessions.Get(r)   // in a handler of yours, below Handler or Middleware
//	s.V.Username           // the fields are those of Session, in session.go
//	s.SignIn(userID)       // after a login of your own
type Sessions struct {
	*session.Manager[Session]
	app   *app
	close func() error
}

// MustOpen is [Open] for a main function: an error ends the process, with the reason on standard error.
func MustOpen() *Sessions {
	s, err := Open(context.Background(), nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return s
}

// Open reads the settings from the environment and from .env in the working directory, and opens the session store. The
// context has to live as long as the service: when it ends, a store in memory writes its snapshot. With nil as
// accounts, those of the package account may log in.
func Open(ctx context.Context, accounts Authenticator) (*Sessions, error) {
	getenv, err := settings(".env", os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg, cfgErr := config.Load(getenv)
	own, accountErr := account.New(cfg, getenv)
	if accounts != nil {
		accountErr = nil // own is not asked
	}
	if err := errors.Join(cfgErr, accountErr); err != nil {
		return nil, fmt.Errorf("invalid settings of the sessions:\n%w", err)
	}
	log := slog.Default()
	if cfg.RandomKey {
		log.Warn("SESSION_KEYS is not set: a random key is in use, and all sessions end at the next restart; " +
			"make one with: openssl rand -base64 32")
	}
	if strings.HasPrefix(cfg.PublicURL, "https:") && !cfg.Session.Secure {
		log.Warn("the session cookie is not Secure, so browsers send it over plain http, too; set COOKIE_SECURE=true")
	}
	records, err := store.Open(ctx, cfg.StoreURL)
	if err != nil {
		return nil, err
	}
	closeAll := records.Close
	if accounts == nil {
		if err := own.Open(ctx, log); err != nil {
			return nil, errors.Join(err, records.Close())
		}
		accounts, closeAll = own, func() error { return errors.Join(own.Close(), records.Close()) }
	}
	a, err := newApp(cfg, records, accounts, log)
	if err != nil {
		return nil, errors.Join(err, closeAll())
	}
	stop := sweepEvery(5*time.Minute, records, log)
	return &Sessions{a.sessions, a, sync.OnceValue(func() error { stop(); return closeAll() })}, nil
}

// Close closes the store. Call it after the last request.
func (s *Sessions) Close() error { return s.close() }

// Handler answers the routes of this package, with all that is around them in routes.go, and gives other requests to
// next: behind CORS, which is outside so that a front end can read every answer, behind the protection from changes
// that other sites ask for, and with a session. The size of bodies, the names of the host, logs and panics of next are
// its own business, and so are /healthz and /readyz.
func (s *Sessions) Handler(next http.Handler) http.Handler {
	ours, theirs := *s.app, *s.app
	ours.cfg.Dev = false                    // the hints are around both
	theirs.cfg.AllowedHosts = []string{"*"} // probes name an address
	stack := []func(http.Handler) http.Handler{s.CORS, theirs.guarded, s.Middleware}
	for _, p := range s.app.parts {
		if p.middleware != nil {
			stack = append(stack, p.middleware)
		}
	}
	for _, middleware := range slices.Backward(stack) {
		next = middleware(next)
	}
	routes, own := s.app.routes(), ours.handler()
	return s.app.devHints(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := routes.Handler(r); pattern == "/" || isProbe(r) {
			next.ServeHTTP(w, r)
			return
		}
		own.ServeHTTP(w, r)
	}))
}

// Routes answers the routes of this package alone, and 404 to others, for a router that is to have them one by one.
func (s *Sessions) Routes() http.Handler { return s.app.handler() }

// CORS lets pages of the front ends call next with cookies. It belongs outside of Middleware, and of everything that
// may refuse a request.
func (s *Sessions) CORS(next http.Handler) http.Handler { return s.app.cors.Wrap(next) }

// Ready is nil if a login would work, which needs the store: for a readiness probe of yours.
func (s *Sessions) Ready(ctx context.Context) error { return s.app.store.Ping(ctx) }

// settings answers from getenv, then from the file at path, which others write to as well: a line in a form that
// [config.ParseDotenv] refuses is skipped. What the server of the service listens on and how it logs is not asked for.
func settings(path string, getenv func(string) string) (func(string) string, error) {
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if one, err := config.ParseDotenv([]byte(line)); err == nil {
			maps.Copy(values, one)
		}
	}
	return func(name string) string {
		if slices.Contains([]string{"ADDR", "PORT", "DRAIN_TIMEOUT", "LOG_LEVEL"}, name) {
			return ""
		}
		if v := getenv(name); v != "" {
			return v
		}
		return values[name]
	}, nil
}

// sweepEvery removes expired sessions in small batches, so that no request waits long, until stop is called, which
// waits for a sweep under way.
func sweepEvery(interval time.Duration, s interface {
	Sweep(ctx context.Context, limit int) (int, error)
}, log *slog.Logger) (stop func()) {
	const batch = 1000
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for ctx.Err() == nil {
			n, err := s.Sweep(ctx, batch)
			if err != nil && ctx.Err() == nil {
				log.Warn("expired sessions were not removed; the next sweep tries again", "error", err)
			}
			if n < batch { // no more to do for now
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		}
	})
	return func() { cancel(); running.Wait() }
}
