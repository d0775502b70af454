// Command service answers a browser front end on another origin: a login with a session, and who is logged in.
//
//	go run .                 serve; settings come from the environment and from .env
//	go run . hash-password   read a password from standard input, print its hash
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/sessionseed/sessionseed/templates/service/internal/config"
	store "github.com/sessionseed/sessionseed/templates/service/internal/store/memory"
	"github.com/sessionseed/sessionseed/templates/service/internal/web"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(command(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// command runs what the arguments ask for and returns the exit code: 0, 1 after an error, 2 for wrong usage.
func command(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	getenv, err := config.Dotenv(".env", os.Getenv)
	switch {
	case len(args) == 0 && err == nil:
		err = run(ctx, getenv, stderr)
	case len(args) == 1 && args[0] == "hash-password":
		err = hashPassword(stdin, stdout, stderr)
	//sessionseed:if docker
	case len(args) == 1 && args[0] == "-healthcheck" && err == nil:
		err = healthcheck(ctx, getenv)
	//sessionseed:end
	case err == nil:
		fmt.Fprintln(stderr, "usage: service [hash-password]")
		return 2
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

// run opens what the settings name and serves until ctx ends.
func run(ctx context.Context, getenv func(string) string, stderr io.Writer) (err error) {
	cfg, cfgErr := config.Load(getenv)
	accounts, accountErr := web.NewAccount(cfg.AccountUsername, cfg.AccountPasswordHash)
	if err := errors.Join(cfgErr, accountErr); err != nil {
		return fmt.Errorf("invalid settings:\n%w", err)
	}
	options := &slog.HandlerOptions{Level: cfg.LogLevel}
	log := slog.New(slog.NewJSONHandler(stderr, options))
	if cfg.Dev && isTerminal(stderr) {
		log = slog.New(slog.NewTextHandler(stderr, options))
	}
	slog.SetDefault(log) // for the stores
	sessions, err := store.Open(ctx, cfg.StoreURL)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sessions.Close()) }()
	handler, err := web.New(cfg, sessions, accounts, log)
	if err != nil {
		return err
	}
	defer sweepEvery(ctx, sweepInterval, sessions, log)()

	listeners, err := listen(cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen: %w; choose another address with ADDR, or another port with PORT", err)
	}
	announce(log, cfg, listeners[0].Addr())
	return serve(ctx, listeners, handler, cfg.Drain, log)
}
