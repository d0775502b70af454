package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
)

func init() { commands["-healthcheck"] = command{run: healthcheck} }

// local asks this machine only: it uses no proxy (HTTP_PROXY) and follows no redirect.
var local = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// healthcheck asks the service on this machine for /healthz. A container image without a shell and curl needs it.
func healthcheck(ctx context.Context, c call) error {
	cfg, err := config.Load(c.getenv)
	if err != nil {
		return err
	}
	host, port, err := net.SplitHostPort(cfg.Addr)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	answer, err := local.Do(r)
	if err != nil {
		return fmt.Errorf("healthcheck: %w", err)
	}
	answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("healthcheck: status %s", answer.Status)
	}
	return nil
}
