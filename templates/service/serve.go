package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

// listen opens the address. For localhost that is 127.0.0.1 and ::1, where both exist: Node 17 to 19 dial only ::1.
func listen(addr string) ([]net.Listener, error) {
	first, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	listeners := []net.Listener{first}
	if strings.HasPrefix(addr, "localhost:") {
		_, port, _ := net.SplitHostPort(first.Addr().String())
		second, err := net.Listen("tcp", net.JoinHostPort("::1", port))
		if errors.Is(err, syscall.EADDRINUSE) {
			return nil, errors.Join(err, first.Close())
		}
		if err == nil {
			listeners = append(listeners, second)
		}
	}
	return listeners, nil
}

// serve answers requests until ctx ends, then takes no new ones and waits up to drain for those in flight. Their
// contexts end after a quarter of that time: most are answered by then, and a stream has to end.
func serve(ctx context.Context, listeners []net.Listener, handler http.Handler, drain time.Duration,
	log *slog.Logger) error {
	requests, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	server := &http.Server{
		Handler:     handler,
		BaseContext: func(net.Listener) context.Context { return requests },
		// Limits that keep a slow or hostile client from holding a connection. A handler that streams lifts its own
		// with http.ResponseController.
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, len(listeners))
	for _, listener := range listeners {
		go func() { failed <- server.Serve(listener) }()
	}
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), server.Close())
	case <-ctx.Done():
	}

	log.Info("stopping", "drain", drain.String())
	time.AfterFunc(drain/4, end)
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %s: %w", drain, err), server.Close())
	}
	log.Info("stopped")
	return nil
}

// announce says in one line what a developer asks first when a login does not stick: where, which cookie, which
// front ends.
func announce(log *slog.Logger, cfg config.Config, addr net.Addr) {
	c := cfg.Session
	cookie := http.Cookie{Name: c.Key, Path: c.Path, Domain: c.Domain, HttpOnly: c.HTTPOnly, Secure: c.Secure,
		SameSite: c.SameSite, Partitioned: c.Partitioned}
	log.Info("listening",
		"addr", addr.String(),
		"url", cfg.PublicURL,
		"cookie", strings.Replace(cookie.String(), "=;", ";", 1), // as Set-Cookie, without a value
		"origins", strings.Join(cfg.CORSOrigins, ", "),
		"dev", cfg.Dev)
	if cfg.RandomKey {
		log.Warn("SESSION_KEYS is not set: a random key is in use, and what it signs ends at the next restart; " +
			"make one with: openssl rand -base64 32")
	}
	if strings.HasPrefix(cfg.PublicURL, "https:") && !cfg.Session.Secure {
		log.Warn("the session cookie is not Secure, so browsers send it over plain http, too; set COOKIE_SECURE=true")
	}
}

// isTerminal reports whether a stream is a terminal, or another device, and no file or pipe.
func isTerminal(stream any) bool {
	f, _ := stream.(*os.File) // nil, whose Stat fails, for anything else
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Expired sessions are removed in small batches, so that no request waits long for a store that is sweeping.
const (
	sweepInterval = 5 * time.Minute
	sweepBatch    = 1000
)

// sweepEvery sweeps in the background until ctx ends or stop is called, which waits for a sweep under way.
func sweepEvery(ctx context.Context, interval time.Duration, s interface {
	Sweep(ctx context.Context, limit int) (removed int, err error)
}, log *slog.Logger) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		for ctx.Err() == nil {
			n, err := s.Sweep(ctx, sweepBatch)
			if err != nil && ctx.Err() == nil {
				log.Warn("expired sessions were not removed; the next sweep tries again", "error", err)
			}
			if n < sweepBatch { // no more to do for now
				select {
				case <-ctx.Done():
				case <-tick.C:
				}
			}
		}
	})
	return func() { cancel(); running.Wait() }
}
